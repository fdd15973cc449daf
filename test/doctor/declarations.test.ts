import { describe, expect, it } from 'vitest';
import { timestamp } from '../../src/core/time.ts';
import { LONGEST_NAME } from '../../src/doctor/checks/names.ts';
import { startUpMs } from '../../src/doctor/checks/windows.ts';
import type { Facts } from '../../src/doctor/facts.ts';
import { LONGEST_BASE } from '../../src/doctor/members.ts';
import { NOW } from '../plan/builders.ts';
import {
  converter,
  factsOf,
  findingsOf,
  listing,
  placed,
  project,
  recording,
  redundant,
  said,
  verdicts,
} from './builders.ts';

const at = (ms: number): string => timestamp(NOW + ms);

describe('MP-27 manifests and references', () => {
  it('each finding of validate is one, errors fail', () => {
    const finding = { place: 'a.yaml:3:1', text: 'spec.url: is wrong', advice: 'correct it' };
    const facts = (severity: 'error' | 'warning'): Facts => ({
      ...factsOf(),
      manifests: { files: 2, findings: [{ ...finding, severity }] },
    });
    expect(said('manifests', facts('error'))).toEqual(['fail: a.yaml:3:1: spec.url: is wrong']);
    expect(said('manifests', facts('warning'))).toEqual([
      'warn: a.yaml:3:1: spec.url: is wrong',
      'pass: 2 files are valid',
    ]);
  });

  it('a resource whose project is not there', () => {
    expect(said('reference', { ...factsOf(), strays: [recording()] })).toEqual([
      'fail: WebPageRecording media/keynote names AgoraProject live, which is not there',
    ]);
  });
});

describe('MP-27 secrets', () => {
  const fact = { owner: 'RtmpConverter/media/vertical', field: 'spec.rtmpUrlFrom', name: 'cdn', key: 'url' } as const;
  it('all there', () => {
    expect(said('secrets', factsOf({ secrets: [{ ...fact, state: 'there' }] }))).toEqual(['pass: 1 key is there']);
  });
  it('one key that is absent is one finding, however many use it', () => {
    const uses = ['a', 'b', 'c'].map((name) => ({
      ...fact,
      owner: `RtmpConverter/media/${name}` as const,
      state: 'absent' as const,
    }));
    const [finding, ...others] = findingsOf('secrets', factsOf({ secrets: uses }));
    expect(others).toEqual([]);
    expect(finding?.fact).toBe('Secret cdn, key url (spec.rtmpUrlFrom of RtmpConverter a and 2 more): is not there');
    expect(finding?.action).toContain('AGORA_SECRET_MEDIA_CDN_URL');
  });
  it.each([
    ['warn', 'is less than 4 h ahead'],
    ['fail', 'is empty'],
  ] as const)('a value with a fault: %s', (severity, text) => {
    expect(verdicts('secrets', factsOf({ secrets: [{ ...fact, state: 'there', fault: { severity, text } }] }))).toBe(
      severity,
    );
  });
  it.each([
    ['state', 'a state holds no values of Secrets'],
    ['cluster', 'you may not read it'],
  ] as const)('unreadable in a %s: skip', (statuses, why) => {
    const facts = { ...factsOf({ secrets: [{ ...fact, state: 'unreadable' as const }] }), statuses };
    expect(said('secrets', facts)[0]).toMatch(new RegExp(`^skip: .*${why}$`));
  });
});

describe('MP-27 channel mode', () => {
  it('cannot be asked: an item that says how to look', () => {
    const of = (rtcChannel: string) => ({ transcodeOptions: { rtcChannel, media: 'AudioOnly' } as const });
    const facts = factsOf({
      converters: [converter('a', of('one')), converter('b', of('two')), converter('c', of('one'))],
    });
    const [finding] = findingsOf('channel-mode', facts);
    expect(finding).toMatchObject({
      verdict: 'skip',
      fact: 'it cannot be asked whether channels one and two are in live mode',
    });
    expect(finding?.action).toContain('LIVE_BROADCASTING');
  });
  it('is nothing that recordings need', () => {
    expect(said('channel-mode', factsOf({ recordings: [recording()] }))).toEqual([]);
  });
});

describe('MP-27 names', () => {
  it.each([
    ['of its own', 'show68_vertical', 'pass'],
    ['of another', 'show68_other', 'fail'],
  ])('a name %s', (_what, name, verdict) => {
    expect(verdicts('names', factsOf({ converters: [converter('vertical', { name }), converter('other')] }))).toBe(
      verdict,
    );
  });
  it('a name is unique under an App ID, not in a project', () => {
    const facts = factsOf({ converters: [converter()] }, { converters: [placed(converter(), { namespace: 'quiet' })] });
    expect(said('names', facts)).toEqual([
      'fail: converters media/vertical and quiet/vertical would all have the name show68_vertical at Agora',
    ]);
  });
  it.each([
    [LONGEST_NAME, 'StopFirst', 'pass'],
    [LONGEST_NAME + 1, 'StopFirst', 'fail'],
    [LONGEST_BASE, 'Overlap', 'pass'],
    [LONGEST_BASE + 1, 'Overlap', 'fail'],
  ] as const)('%i characters with %s: %s', (length, updateStrategy, verdict) => {
    expect(
      verdicts('names', factsOf({ converters: [converter('a', { name: 'n'.repeat(length), updateStrategy })] })),
    ).toBe(verdict);
  });
  it('members of a set have names of their own', () => {
    const set = redundant('vertical', 'Parallel', { isolation: false });
    expect(verdicts('names', factsOf({ converters: [set, converter('other')] }))).toBe('pass');
    const other = converter('other', { name: 'show68_vertical-two' });
    expect(said('names', factsOf({ converters: [set, other] }))).toEqual([
      'fail: converters media/vertical and media/other would all have the name show68_vertical-two at Agora',
    ]);
    const converterLook = listing({ id: 'c9', name: 'show68_vertical-three' });
    expect(said('names', factsOf({ converters: [set], converterLook }))).toEqual([
      'fail: name show68_vertical-three is that of a converter at Agora that is not ours (c9)',
    ]);
  });
  it.each([
    [LONGEST_BASE, 'pass'],
    [LONGEST_BASE + 1, 'fail'],
  ])('a set whose name has %i characters: %s', (length, verdict) => {
    const set = redundant('a', 'Standby', { name: 'n'.repeat(length) });
    expect(verdicts('names', factsOf({ converters: [set] }))).toBe(verdict);
  });
  it.each([
    [37, 'pass'],
    [38, 'warn'],
  ])('a derived name whose resource has %i characters: %s', (length, verdict) => {
    expect(verdicts('names', factsOf({ converters: [converter('n'.repeat(length))] }))).toBe(verdict);
  });
  it.each([
    [58, 'pass'],
    [59, 'warn'],
  ])('a derived cname whose resource has %i characters: %s', (length, verdict) => {
    expect(verdicts('names', factsOf({ recordings: [recording('n'.repeat(length))] }))).toBe(verdict);
  });
  it.each([
    ['Fail', 'fail'],
    ['Adopt', 'warn'],
    ['Replace', 'warn'],
  ] as const)('a name that a foreign converter has, with conflictPolicy %s: %s', (conflictPolicy, verdict) => {
    const converterLook = listing({ id: 'c9', name: 'show68_vertical-r2' });
    const facts = factsOf({ converters: [converter('vertical', { conflictPolicy })], converterLook });
    expect(verdicts('names', facts)).toBe(verdict);
    expect(verdicts('names', { ...facts, statuses: 'none' })).toBe('pass');
  });
});

describe('MP-27 users (MP-17)', () => {
  const user = (uid: number) => ({ user: { uid } });
  it.each([
    ['of their own', 8, 9, 'pass'],
    ['shared', 8, 8, 'fail'],
    ['that speak themselves', 7, 8, 'warn'],
  ])('users %s', (_what, one, other, verdict) => {
    expect(verdicts('users', factsOf({ converters: [converter('a', user(one)), converter('b', user(other))] }))).toBe(
      verdict,
    );
  });
  it('in another channel the same user is another', () => {
    const elsewhere = { ...user(8), transcodeOptions: { rtcChannel: 'show69', media: 'AudioOnly' } as const };
    expect(verdicts('users', factsOf({ converters: [converter('a', user(8)), converter('b', elsewhere)] }))).toBe(
      'pass',
    );
  });
  it('priorities of a set that stands by count up from its user', () => {
    const set = redundant('a', 'Standby', user(20));
    expect(verdicts('users', factsOf({ converters: [set, converter('b', user(23))] }))).toBe('pass');
    expect(verdicts('users', factsOf({ converters: [set, converter('b', user(22))] }))).toBe('fail');
  });
  it('where none is declared there is nothing to say', () => {
    expect(said('users', factsOf({ converters: [converter()] }))).toEqual([]);
  });
});

describe('MP-27 region (MP-15) and storage', () => {
  it.each([
    ['eu', 'pass'],
    ['na', 'warn'],
    [undefined, 'skip'],
  ] as const)('a converter in eu with its CDN in %s: %s', (cdnArea, verdict) => {
    const spec = cdnArea === undefined ? {} : { cdnArea };
    expect(verdicts('region', factsOf({ converters: [converter('a', spec)] }))).toBe(verdict);
  });
  it.each([
    ['EU_CENTRAL_1', 'Required', 'pass'],
    ['US_EAST_1', 'Required', 'fail'],
    ['US_EAST_1', 'Preferred', 'warn'],
    ['SA_EAST_1', 'Required', 'skip'],
  ] as const)('a recording in eu with storage in %s, %s: %s', (region, regionPolicy, verdict) => {
    const storage = { vendor: 'AmazonS3', region, bucket: 'talks', credentialsSecretRef: { name: 's3' } } as const;
    expect(verdicts('storage-region', factsOf({ recordings: [recording('a', { storage, regionPolicy })] }))).toBe(
      verdict,
    );
  });
});

describe('MP-27 idle timeout (MP-21)', () => {
  it.each([
    [5, 'warn'],
    [59, 'warn'],
    [60, 'pass'],
    [300, 'pass'],
    [600, 'pass'],
    [601, 'fail'],
  ])('%i s: %s', (idleTimeout, verdict) => {
    expect(verdicts('idle-timeout', factsOf({ converters: [converter('a', { idleTimeout })] }))).toBe(verdict);
  });
});

describe('MP-27 windows', () => {
  const window = (startAt: number, stopAt: number) => ({ schedule: { startAt: at(startAt), stopAt: at(stopAt) } });
  it.each([
    ['to come', 60_000, 120_000, undefined, 'pass'],
    ['as long as a start takes', 60_000, 95_000, undefined, 'pass'],
    ['shorter than a start', 60_000, 94_999, undefined, 'fail'],
    ['with just enough left', -60_000, 35_000, undefined, 'pass'],
    ['with too little left', -60_000, 34_999, undefined, 'fail'],
    ['with little left, in which it runs', -60_000, 1_000, -30_000, 'pass'],
    ['over, and it ran', -120_000, -60_000, -90_000, 'pass'],
    ['over, and it never ran', -120_000, 0, undefined, 'fail'],
    ['over, and it ran before it', -120_000, -60_000, -180_000, 'fail'],
  ])('%s', (_what, startAt, stopAt, ranAt, verdict) => {
    const status = ranAt === undefined ? undefined : { lastRanAt: at(ranAt) };
    const facts = factsOf({ recordings: [recording('a', window(startAt, stopAt), status)] });
    expect(verdicts('windows', facts)).toBe(verdict);
  });

  it('a window is over at its very end', () => {
    const facts = factsOf({ recordings: [recording('a', window(-120_000, 0))] });
    expect(said('windows', facts)).toEqual([`fail: the window of a ended at ${at(0)} and it never ran in it`]);
  });

  it('without statuses nobody knows whether it ran', () => {
    const facts = factsOf({ recordings: [recording('a', window(-120_000, -60_000))] });
    expect(said('windows', { ...facts, statuses: 'none' })).toEqual([`warn: the window of a ended at ${at(-60_000)}`]);
  });

  it.each([
    ['a converter', converter(), 35_000],
    ['a recording', recording(), 35_000],
    ['one whose page may be reloaded once (WR-10)', recording('a', { readyTimeout: 30 }), 95_000],
    ['one whose page is watched', recording('a', { pageWatch: watch(120) }), 120_000],
  ])('%s takes so long to be confirmed', (_what, resource, ms) => {
    expect(startUpMs(resource)).toBe(ms);
  });
});

const watch = (readyWithinSeconds: number) =>
  ({ readyWithinSeconds, heartbeatSeconds: 15, media: true, tokenIn: 'Query' }) as const;

describe('MP-27 lifetimes of recordings', () => {
  const hour = 3_600_000;
  it.each([
    [4, 'Always', 'pass'],
    [5, 'Always', 'warn'],
    [5, 'OnFailure', 'fail'],
    [5, 'Never', 'fail'],
  ] as const)('a window of %i h, maxRecordingHour 4, restartPolicy %s: %s', (length, restartPolicy, verdict) => {
    const schedule = { startAt: at(hour), stopAt: at((length + 1) * hour) };
    expect(verdicts('lifetimes', factsOf({ recordings: [recording('a', { schedule, restartPolicy })] }))).toBe(verdict);
  });
  it.each([
    [4, 'pass'],
    [3, 'fail'],
  ])('maxRecordingHour 4, resourceExpiredHour %i: %s', (resourceExpiredHour, verdict) => {
    expect(verdicts('lifetimes', factsOf({ recordings: [recording('a', { resourceExpiredHour })] }))).toBe(verdict);
  });
});

describe('MP-27 stalled', () => {
  const condition = { type: 'Stalled', status: 'True', reason: 'ParameterRefused', message: 'secret-in-the-message' };
  it('the reason is told with its sentence; the message is left to explain', () => {
    const facts = factsOf({
      recordings: [recording('a', {}, { conditions: [condition] })],
      project: project({}, { conditions: [] }),
    });
    const [finding] = findingsOf('stalled', facts);
    expect(finding?.fact).toMatch(/^WebPageRecording a is Stalled, ParameterRefused\. Agora refused a parameter\./);
    expect(finding?.action).toBe('agora-reconciler explain WebPageRecording/a -n media');
    expect(JSON.stringify(finding)).not.toContain('secret-in-the-message');
  });
  it('nothing is said where nothing is', () => {
    expect(said('stalled', factsOf({ recordings: [recording('a', {}, { conditions: [] })] }))).toEqual([]);
  });
});
