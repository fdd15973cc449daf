import { describe, expect, it } from 'vitest';
import type { ConverterAction } from '../../../src/kinds/converter/action.ts';
import { withParameter } from '../../../src/kinds/converter/address.ts';
import { addressOf } from '../../../src/kinds/converter/desired.ts';
import { memberNamed } from '../../../src/kinds/converter/members.ts';
import { viewOf } from '../../../src/kinds/converter/view.ts';
import { reveal } from '../../../src/kinds/reference.ts';
import type { Claims } from '../../../src/limits/slot.ts';
import { failure, parallel, standby, T0 } from './builders.ts';
import { destroyed } from './notice.ts';
import { type Call, changing, type Ending, Play, running } from './play.ts';

const names = (calls: readonly Call[]): readonly string[] =>
  changing(calls).map(({ type, action }) => `${type} ${action.member}`);

/** The address that a member's converter is created with. */
function addressAt(play: Play, member: string): string | undefined {
  const address = addressOf(viewOf(play.resource, memberNamed(play.resource, member)), play.context());
  return address === undefined ? undefined : reveal(address);
}

/** The converter of the active priority is gone, as three looks will tell. */
function die(play: Play): void {
  const task = play.tasks.find(({ phase }) => phase === 'Running');
  if (task?.converterId !== undefined) play.living.delete(task.converterId);
}

/** Agora, where what does not live is not found. */
function honest(play: Play, but: (action: ConverterAction) => Ending | undefined = () => undefined): Play {
  const obliging = play.otherwise;
  play.otherwise = (action) => {
    const special = but(action);
    if (special !== undefined) return special;
    if (action.type !== 'create' && !play.living.has(action.converterId)) return failure('not-found');
    return obliging(action);
  };
  return play;
}

const runningStandby = (priorities: number, more: Parameters<typeof standby>[1] = {}): Play =>
  honest(running(standby(priorities, more)));

describe('MP-9 the priority in the address', () => {
  it.each`
    url                                          | becomes
    ${'rtmp://cdn.example.com/live/key'}         | ${'rtmp://cdn.example.com/live/key?priority=2'}
    ${'rtmp://cdn.example.com/live/key?'}        | ${'rtmp://cdn.example.com/live/key?priority=2'}
    ${'rtmp://cdn.example.com/live?k=a&b'}       | ${'rtmp://cdn.example.com/live?k=a&b&priority=2'}
    ${'rtmp://cdn.example.com/l?k=a?b=c'}        | ${'rtmp://cdn.example.com/l?k=a?b=c&priority=2'}
    ${'rtmp://cdn.example.com/l?priority=7&k=a'} | ${'rtmp://cdn.example.com/l?k=a&priority=2'}
    ${'rtmp://cdn.example.com'}                  | ${'rtmp://cdn.example.com?priority=2'}
  `('$url', ({ url, becomes }) => {
    expect(withParameter(url, 'priority', '2')).toBe(becomes);
  });

  it('from a Secret it stays one, and nothing of it is in the status', () => {
    const from = { secretKeyRef: { name: 'cdn', key: 'url' } };
    const play = new Play(standby(2)).watched();
    const { rtmpUrl: _url, ...spec } = play.resource.spec;
    play.resource = { ...play.resource, spec: { ...spec, rtmpUrlFrom: from } };
    play.secrets['cdn/url'] = 'rtmp://cdn.example.com/live/topsecret?token=t0ken';
    play.run(20);
    expect(play.ready).toBe('True Running');
    expect(addressAt(play, 'p1')).toBe('rtmp://cdn.example.com/live/topsecret?token=t0ken&priority=1');
    const view = viewOf(play.resource, memberNamed(play.resource, 'p1'));
    expect(JSON.stringify(addressOf(view, play.context()))).toBe('"***"');
    expect(JSON.stringify([play.status, play.events, play.calls])).not.toMatch(/topsecret|t0ken/u);
  });
});

describe('MP-9 Standby: one at a time, the next priority when it has failed', () => {
  it('begins at 1 and holds one slot', () => {
    const play = running(standby(3));
    expect(names(play.calls)).toEqual(['create p1']);
    expect(play.of('p1')?.name).toBe('show68_vertical-p1');
    expect(addressAt(play, 'p1')).toBe('rtmp://cdn.example.com/live/key?priority=1');
    expect(play.members).toEqual(['p1 Running', 'p2 Idle', 'p3 Idle']);
    expect(play.message).toMatch(/^priority 1 of 3: converter show68_vertical-p1 runs/u);
    expect(play.condition('RedundancySatisfied')).toBe('True Running');
    expect(play.status.activePriority).toBe(1);
    expect(play.claimed.at(-1)?.slots).toHaveLength(1);
  });

  it('three bad looks: the next one begins at once under its own name, and then the failed one is deleted', () => {
    const play = runningStandby(3);
    die(play);
    const calls = play.run(60);
    expect(names(calls)).toEqual(['create p2', 'delete p1']);
    const [create, remove] = changing(calls);
    expect(create?.at).toBe(remove?.at);
    expect(create?.action).toMatchObject({ name: 'show68_vertical-p2' });
    expect(addressAt(play, 'p2')).toBe('rtmp://cdn.example.com/live/key?priority=2');
    expect(play.members[1]).toBe('p2 Running');
    expect(play.events.map(({ reason }) => reason)).toContain('StandbyTookOver');
    expect(play.status.restarts).toMatchObject({ count: 1, inRow: 1, lastReason: 'it is not found any more' });
  });

  it('state failed: at once', () => {
    const play = running(standby(2));
    play.script = { get: [{ call: 'get', state: 'failed' }] };
    play.request('now');
    expect(names(play.run(5))).toEqual(['create p2', 'delete p1']);
    expect(play.ready).toBe('True Running');
  });

  it.each`
    reason              | calls            | event
    ${'Internal Error'} | ${['create p2']} | ${'StandbyTookOver'}
    ${'Delete Request'} | ${['create p2']} | ${'StandbyTookOver'}
    ${'Idle Timeout'}   | ${['create p1']} | ${'IdleEnded'}
  `('event 4, $reason: $calls at once', ({ reason, calls, event }) => {
    const play = runningStandby(2);
    play.run(20);
    play.living.clear();
    play.tell(destroyed(reason));
    const from = play.now;
    const made = changing(play.run(30));
    expect(names(made)).toEqual(calls);
    expect(made[0]?.at).toBe((from - T0) / 1_000);
    expect(play.events.map((each) => each.reason)).toContain(event);
    expect(play.ready).toBe('True Running');
  });

  it('replaceAfter MigrationWindow: not before its 120 s are over', () => {
    const play = runningStandby(2, { replaceAfter: 'MigrationWindow' });
    die(play);
    expect(names(play.run(110))).toEqual([]);
    expect(play.ready).toBe('Unknown MigrationSuspected…');
    expect(names(play.run(60))).toEqual(['create p2', 'delete p1']);
  });

  it('no fail-back: the first priority stays idle when it could run again; the next failure moves on', () => {
    const play = runningStandby(3);
    die(play);
    play.run(1_000);
    expect(play.members).toEqual(['p1 Idle', 'p2 Running', 'p3 Idle']);
    die(play);
    expect(names(play.run(60))).toEqual(['create p3', 'delete p2']);
  });

  it('after the last it begins again at 1, once the entry at 1 is known to be gone', () => {
    const play = runningStandby(2);
    die(play);
    play.run(1_000);
    die(play);
    expect(names(play.run(60))).toEqual(['create p1', 'delete p2']);
    expect(play.status.activePriority).toBe(1);
  });

  it('after the last, while 1 may still live: neither 1 nor anything twice at one priority', () => {
    const play = runningStandby(2);
    // The delete of p1 is never heard of, so that nobody knows what became of it.
    honest(play, (action) => (action.member === 'p1' && action.type !== 'create' ? failure('server') : undefined));
    const first = play.tasks[0];
    play.script = { get: [{ call: 'get', state: 'failed' }] };
    play.request('one');
    play.run(20);
    expect(play.members).toEqual(['p1 Stopping', 'p2 Running']);
    die(play);
    play.run(60);
    expect(play.status.activePriority).toBe(2);
    const alive = play.tasks.filter(({ phase }) => phase !== 'Lost').map(({ member }) => member);
    expect(alive.toSorted()).toEqual([...new Set(alive)].toSorted());
    expect(play.tasks.some((task) => task.member === 'p1' && task.attempt !== first?.attempt)).toBe(false);
  });

  it('a create that does not succeed is no failure of its priority: it goes on trying there', () => {
    const play = new Play(standby(2)).watched();
    play.script = { create: Array.from({ length: 4 }, () => failure('no-resources')) };
    const calls = play.run(200);
    expect(new Set(names(calls))).toEqual(new Set(['create p1']));
    expect(play.members[0]).toBe('p1 Running');
  });

  it('a CDN that is dead: one priority after the other, each time after a longer wait', () => {
    const play = runningStandby(3);
    const kill = play.otherwise;
    play.otherwise = (action) => (action.type === 'get' ? { call: 'get', state: 'failed' } : kill(action));
    play.run(600);
    const at = changing(play.calls)
      .filter(({ type }) => type === 'create')
      .map((call) => call.at);
    expect(at.length).toBeLessThan(9);
    const waits = at.slice(1).map((each, index) => Math.round(each - (at[index] ?? 0)));
    expect(waits.slice(1)).toEqual(waits.slice(1).toSorted((a, b) => a - b));
  });

  it('restartPolicy Never: nothing takes over', () => {
    const play = runningStandby(2, { restartPolicy: 'Never' });
    die(play);
    expect(names(play.run(200))).toEqual(['delete p1']);
    expect(play.ready).toBe('False TaskEnded!');
  });

  it('restored from handles alone, the priority that runs is the active one', () => {
    const play = runningStandby(3);
    die(play);
    play.run(60);
    const tasks = play.tasks
      .filter(({ phase }) => phase === 'Running')
      .map(({ applied: _applied, ...task }) => ({ ...task, phase: 'Confirming' as const, applied: {} }));
    play.resource = { ...play.resource, status: { observedGeneration: -1, conditions: [], tasks, lastAttempt: 2 } };
    play.crash();
    expect(names(play.run(60))).toEqual([]);
    expect(play.members).toEqual(['p1 Idle', 'p2 Running', 'p3 Idle']);
  });
});

describe('MP-9 slots during the hand-over', () => {
  const room = (slots: number) => (claims: Claims) =>
    claims.slots.length > slots ? ({ why: 'wait', limit: 'converter eu SD', position: 1 } as const) : undefined;

  it('both hold one', () => {
    const play = runningStandby(2);
    play.script = { delete: [failure('server'), failure('server')] };
    die(play);
    play.run(45);
    expect(names(play.calls)).toContain('create p2');
    expect(play.claimed.at(-1)?.slots).toHaveLength(2);
  });

  it('where no second one is free the failed one is deleted first, and its slot stays with the set', () => {
    const play = runningStandby(2);
    play.ledger = room(1);
    play.script = { get: [{ call: 'get', state: 'failed' }] };
    play.request('now');
    expect(names(play.run(30))).toEqual(['delete p1', 'create p2']);
    expect(play.claimed.at(-1)?.slots).toHaveLength(1);
    expect(play.ready).toBe('True Running');
    expect(play.status.admission).toHaveLength(1);
  });
});

describe('MP-9 the process dies', () => {
  it.each(['create', 'delete'] as const)('before or after the %s of a hand-over', (type) => {
    for (const ending of ['crash-before', 'crash-after', 'not-sent'] as const) {
      const play = runningStandby(2);
      play.script = { get: [{ call: 'get', state: 'failed' }], [type]: [ending] };
      play.request('now');
      play.run(400);
      expect(play.members[1]).toBe('p2 Running');
      expect(play.tasks.filter(({ phase }) => phase === 'Running')).toHaveLength(1);
      expect(names(play.calls).filter((line) => line === 'create p1')).toHaveLength(1);
    }
  });
});

describe('MP-9 edits', () => {
  it('what re-creates stays at its priority and is gone before its replacement begins', () => {
    const play = runningStandby(3);
    die(play);
    play.run(60);
    play.edit({ idleTimeout: 200 });
    expect(names(play.run(60))).toEqual(['delete p2', 'create p2']);
    expect(play.of('p2')?.name).toBe('show68_vertical-p2');
  });

  it('where the old one may still live after its delete, the next priority takes its place', () => {
    const play = runningStandby(3);
    play.edit({ idleTimeout: 200 });
    play.script = { delete: [failure('not-found')] };
    expect(names(play.run(60)).slice(0, 2)).toEqual(['delete p1', 'create p2']);
    expect(play.members[1]).toBe('p2 Running');
  });

  it('the parameter and the address are changed in place', () => {
    const play = runningStandby(2);
    play.edit({ redundancy: { mode: 'Standby', isolation: false, priorityParameter: 'prio', priorities: 2 } });
    expect(names(play.run(30))).toEqual(['update p1']);
    expect(addressAt(play, 'p1')).toBe('rtmp://cdn.example.com/live/key?prio=1');
  });

  it('fewer priorities than the active one: it runs on until it fails', () => {
    const play = runningStandby(3);
    for (let count = 0; count < 2; count += 1) {
      die(play);
      play.run(700);
    }
    expect(play.members[2]).toBe('p3 Running');
    play.edit(standby(2));
    expect(names(play.run(30))).toEqual([]);
    expect(play.ready).toBe('True Running');
    die(play);
    expect(names(play.run(90))).toEqual(['create p1', 'delete p3']);
    play.run(120);
    expect(play.members).toEqual(['p1 Running', 'p2 Idle']);
  });

  it('fewer priorities, and an edit that makes the active one anew: a declared one takes its place', () => {
    const play = runningStandby(3);
    for (let count = 0; count < 2; count += 1) {
      die(play);
      play.run(700);
    }
    play.edit({ ...standby(2), idleTimeout: 200 });
    expect(names(play.run(60))).toEqual(['delete p3', 'create p1']);
    expect(play.ready).toBe('True Running');
    expect(play.members).toEqual(['p1 Running', 'p2 Idle']);
  });

  it.each`
    from          | to            | order
    ${'none'}     | ${'Standby'}  | ${['delete main', 'create p1']}
    ${'Standby'}  | ${'none'}     | ${['delete p1', 'create main']}
    ${'Standby'}  | ${'Parallel'} | ${['delete p1', 'create a']}
    ${'Parallel'} | ${'Standby'}  | ${['delete a', 'create p1']}
  `('from $from to $to: what pushed to a place is gone before another does', ({ from, to, order }) => {
    const place = 'rtmp://a.example.com/live/key';
    const specs = {
      none: { rtmpUrl: place },
      Standby: { rtmpUrl: place, ...standby(2) },
      Parallel: parallel(['a', 'b']),
    };
    const play = honest(running(specs[from as keyof typeof specs]));
    const { rtmpUrl: _url, redundancy: _redundancy, ...rest } = play.resource.spec;
    const { metadata } = play.resource;
    const spec = { ...rest, ...specs[to as keyof typeof specs] };
    play.resource = { ...play.resource, metadata: { ...metadata, generation: metadata.generation + 1 }, spec };
    const calls = names(play.run(60));
    expect(calls.filter((line) => (order as string[]).includes(line))).toEqual(order);
    expect(play.ready).toBe('True Running');
    play.run(700);
    expect(play.tasks.every(({ phase }) => phase === 'Running')).toBe(true);
    expect(play.status.admission).toHaveLength(to === 'Parallel' ? 2 : 1);
    expect(play.status.activePriority).toBe(to === 'Standby' ? 1 : undefined);
  });

  it('stopped, it begins again at 1', () => {
    const play = runningStandby(2);
    die(play);
    play.run(60);
    play.edit({ desiredState: 'Stopped' });
    play.run(400);
    expect(play.ready).toBe('True Stopped');
    expect(play.members).toEqual(['p1 Idle Stopped', 'p2 Idle']);
    play.edit({ desiredState: 'Running' });
    expect(names(play.run(30))).toEqual(['create p1']);
  });

  it('deleted during a hand-over: both are stopped, then the resource goes', () => {
    const play = runningStandby(2);
    play.script = { get: [{ call: 'get', state: 'failed' }], delete: [failure('server')] };
    play.request('now');
    play.run(2);
    play.delete();
    play.run(300);
    expect(play.released).toBe(true);
    expect([...play.living.keys()]).toEqual([]);
  });
});

describe('MP-17 users of priorities', () => {
  it('count up, as the ways on which they are isolated do (MP-10)', () => {
    const play = honest(
      running({
        redundancy: { mode: 'Standby', isolation: true, priorityParameter: 'priority', priorities: 3 },
        user: { uid: 100 },
      }),
    );
    expect(play.of('p1')?.name).toBe('show68_vertical-agora-isolate-1');
    expect(play.claimed.at(-1)?.names.some((name) => name.endsWith('show68/100'))).toBe(true);
    die(play);
    play.run(60);
    expect(play.of('p2')?.name).toBe('show68_vertical-agora-isolate-2');
    expect(play.claimed.at(-1)?.names.some((name) => name.endsWith('show68/101'))).toBe(true);
  });
});
