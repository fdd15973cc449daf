import { describe, expect, it } from 'vitest';
import { addressFault, endpointOf } from '../../../src/kinds/converter/address.ts';
import type { Reach } from '../../../src/kinds/endpoint.ts';
import { parallel, projectSpec, standby } from './builders.ts';
import { changing, Play, running, timed } from './play.ts';

const KEY = 'sk-9f31';

type Check = NonNullable<ReturnType<typeof projectSpec>['cdnCheck']>;

/** A converter that has failed and is about to be created again. */
function failing(check: Partial<Check> | undefined, reach: Reach, spec: Parameters<typeof running>[0] = {}): Play {
  const play = running({ rtmpUrl: `rtmp://user:${KEY}@cdn.example.com/live/${KEY}?token=${KEY}`, ...spec });
  const cdnCheck: Check = { mode: 'Resolve', allowPrivate: false, ...check };
  play.project = { spec: projectSpec(check === undefined ? {} : { cdnCheck }), credentials: true, leftBehind: [] };
  play.run(660);
  play.reach = () => reach;
  play.script = { get: [{ call: 'get', state: 'failed' }] };
  play.request('now');
  return play;
}

const created = (play: Play): readonly string[] =>
  timed(changing(play.calls).filter(({ type }) => type === 'create')).slice(1);
const eventsOf = (play: Play): readonly string[] =>
  play.events.map(({ reason }) => reason).filter((reason) => reason.startsWith('Cdn'));

describe('MP-22 where an address leads', () => {
  it.each`
    url                                      | host                 | port     | tls
    ${'rtmp://cdn.example.com/live/key'}     | ${'cdn.example.com'} | ${1935}  | ${false}
    ${'rtmps://cdn.example.com/live/key'}    | ${'cdn.example.com'} | ${443}   | ${true}
    ${'rtmp://cdn.example.com:19350/live'}   | ${'cdn.example.com'} | ${19350} | ${false}
    ${'rtmp://me:secret@cdn.example.com/l'}  | ${'cdn.example.com'} | ${1935}  | ${false}
    ${'rtmp://cdn.example.com?key=secret'}   | ${'cdn.example.com'} | ${1935}  | ${false}
    ${'rtmp://cdn.example.com#secret/x'}     | ${'cdn.example.com'} | ${1935}  | ${false}
    ${'rtmp://203.0.113.7:80/live'}          | ${'203.0.113.7'}     | ${80}    | ${false}
    ${'rtmps://[2001:db8::7]:8443/live/key'} | ${'2001:db8::7'}     | ${8443}  | ${true}
    ${'rtmp://[2001:db8::7]/live/key'}       | ${'2001:db8::7'}     | ${1935}  | ${false}
  `('$url: $host, $port', ({ url, host, port, tls }) => {
    expect(endpointOf(url)).toEqual({ host, port, tls });
    expect(addressFault(url)).toBeUndefined();
  });

  it.each([
    'rtmp://cdn.example.com:0/l',
    'rtmp://cdn.example.com:65536/l',
    'rtmp://cdn:port/l',
    'rtmp://:1935/l',
    'rtmp://a@/l',
    'rtmp://[::1/l',
  ])('%s leads nowhere', (url) => expect(addressFault(url)).toContain('is not of the form'));
});

describe('MP-22 the CDN is checked before a re-creation', () => {
  it.each`
    check                                      | range
    ${undefined}                               | ${{ connect: false, allowPrivate: false }}
    ${{ mode: 'Resolve' }}                     | ${{ connect: false, allowPrivate: false }}
    ${{ mode: 'Connect' }}                     | ${{ connect: true, allowPrivate: false }}
    ${{ mode: 'Connect', allowPrivate: true }} | ${{ connect: true, allowPrivate: true }}
    ${{ mode: 'None' }}                        | ${undefined}
  `('as the project says: $check', ({ check, range }) => {
    const play = failing(check, 'Answers');
    play.run(5);
    expect(play.checks.map((each) => each.range)).toEqual(range === undefined ? [] : [range]);
    expect(play.checks.every(({ endpoint }) => endpoint.host === 'cdn.example.com' && endpoint.port === 1_935)).toBe(
      true,
    );
    expect(created(play)).toHaveLength(1);
  });

  it('not before the first create, and not for an edit', () => {
    const play = new Play().watched();
    play.reach = () => 'Refused';
    play.run(10);
    play.edit({ idleTimeout: 200 });
    play.run(30);
    expect(play.checks).toEqual([]);
    expect(play.ready).toBe('True Running');
  });

  it('nor for one that has ended for good, or is stopped', () => {
    const play = failing({}, 'Resolves', { restartPolicy: 'Never' });
    play.run(600);
    expect(play.ready).toBe('False TaskEnded!');
    expect(play.checks).toEqual([]);
  });

  it.each`
    reach               | wait   | event                 | says
    ${'Resolves'}       | ${0}   | ${[]}                 | ${''}
    ${'Answers'}        | ${0}   | ${[]}                 | ${''}
    ${'Unknown'}        | ${0}   | ${[]}                 | ${''}
    ${'Private'}        | ${0}   | ${['CdnNotChecked']}  | ${''}
    ${'Refused'}        | ${300} | ${['CdnCheckFailed']} | ${'the CDN’s cdn.example.com:1935 refuses connections'}
    ${'NoAnswer'}       | ${300} | ${['CdnCheckFailed']} | ${'the CDN’s cdn.example.com:1935 does not answer'}
    ${'TlsFailed'}      | ${300} | ${['CdnCheckFailed']} | ${'the CDN’s cdn.example.com:1935 does not speak TLS'}
    ${'DoesNotResolve'} | ${300} | ${['CdnCheckFailed']} | ${'the CDN’s host cdn.example.com does not resolve'}
  `('$reach: created again after $wait s', ({ reach, wait, event, says }) => {
    const play = failing({ mode: 'Connect' }, reach as Reach);
    const from = (play.now - Date.parse('2026-12-01T09:00:00Z')) / 1_000;
    play.run(wait === 0 ? 5 : 290);
    if (wait !== 0) {
      expect(created(play)).toEqual([]);
      expect(play.ready).toBe('False Recovering…');
      expect(play.message).toContain(says);
    }
    expect(play.status.cdn).toMatchObject([{ host: 'cdn.example.com', port: 1_935, result: reach }]);
    play.run(30);
    expect(created(play)).toEqual([`create@${from + wait}`]);
    expect(eventsOf(play)).toEqual(event);
    // Checked once a minute, not more.
    expect(play.checks.length).toBeLessThanOrEqual(wait === 0 ? 1 : 7);
    expect(JSON.stringify([play.status, play.events, play.checks])).not.toContain(KEY);
  });

  it('once it answers, the next check lets the converter begin, and tells', () => {
    const play = failing({ mode: 'Connect' }, 'NoAnswer');
    play.run(70);
    expect(created(play)).toEqual([]);
    play.reach = () => 'Answers';
    play.run(61);
    expect(created(play)).toHaveLength(1);
    expect(play.status.cdn).toMatchObject([{ result: 'Answers' }]);
    expect(eventsOf(play)).toEqual(['CdnCheckFailed', 'CdnCheckPassed']);
  });

  it('the result survives a restart; the check is made again', () => {
    const play = failing({ mode: 'Connect' }, 'Refused');
    play.run(100);
    const { cdn } = play.status;
    play.crash();
    play.run(5);
    expect(play.status.cdn).toEqual(cdn);
    expect(eventsOf(play)).toEqual(['CdnCheckFailed']);
    play.run(240);
    expect(created(play)).toHaveLength(1);
  });

  it('Parallel: each output its own CDN; a dead one holds back no other', () => {
    const play = failing({ mode: 'Connect' }, 'Answers', parallel(['a', 'b']));
    play.reach = ({ host }) => (host === 'b.example.com' ? 'NoAnswer' : 'Answers');
    play.script = {
      get: [
        { call: 'get', state: 'failed' },
        { call: 'get', state: 'failed' },
      ],
    };
    play.run(60);
    expect(play.members).toEqual(['a Running', 'b Waiting Recovering']);
    expect(play.status.cdn?.map(({ host, result }) => `${host} ${result}`).toSorted()).toEqual([
      'a.example.com Answers',
      'b.example.com NoAnswer',
    ]);
  });

  it('Standby: checked before the next priority begins, and never while one runs', () => {
    const play = failing({ mode: 'Connect' }, 'Answers', standby(2));
    play.run(60);
    expect(play.members[1]).toBe('p2 Running');
    expect(play.checks).toHaveLength(1);
    play.run(600);
    expect(play.checks).toHaveLength(1);
  });

  it('nobody can check, as against a simulated cloud: it is created again at once', () => {
    const play = failing({ mode: 'Connect' }, 'Answers');
    play.reach = undefined;
    play.run(5);
    expect(created(play)).toHaveLength(1);
    expect(play.status.cdn).toBeUndefined();
  });
});
