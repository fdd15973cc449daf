import { describe, expect, it } from 'vitest';
import type { ConverterAction } from '../../../src/kinds/converter/action.ts';
import type { ConverterSpec } from '../../../src/kinds/converter/types.ts';
import type { Claims } from '../../../src/limits/slot.ts';
import { failure, parallel, T0, VIDEO } from './builders.ts';
import { type Call, changing, type Ending, Play, running, timed } from './play.ts';

const redundancy = (spec: Partial<ConverterSpec>): NonNullable<ConverterSpec['redundancy']> => {
  if (spec.redundancy === undefined) throw new Error('not redundant');
  return spec.redundancy;
};
const AB = parallel(['a', 'b']);
const ABC = parallel(['a', 'b', 'c']);
const minReady = (spec: Partial<ConverterSpec>, count: number): Partial<ConverterSpec> => ({
  ...spec,
  redundancy: { ...redundancy(spec), minReady: count },
});
const names = (calls: readonly Call[]): readonly string[] =>
  changing(calls).map(({ type, action }) => `${type} ${action.member}`);

/** What is asked of a member ends so; of its siblings, well. */
function failing(play: Play, member: string, ending: (action: ConverterAction) => Ending | undefined): void {
  const obliging = play.otherwise;
  play.otherwise = (action) => (action.member === member ? (ending(action) ?? obliging(action)) : obliging(action));
}

describe('MP-8 Parallel: one task an output', () => {
  it('each has its own name and is Running before the resource is', () => {
    const play = new Play(ABC).watched();
    const calls = play.run(30);
    expect(changing(calls).map(({ action }) => (action.type === 'create' ? action.name : action.type))).toEqual([
      'show68_vertical-a',
      'show68_vertical-b',
      'show68_vertical-c',
    ]);
    expect(play.ready).toBe('True Running');
    expect(play.message).toBe('all 3 outputs run');
    expect(play.condition('RedundancySatisfied')).toBe('True Running');
    expect(play.members).toEqual(['a Running', 'b Running', 'c Running']);
  });

  it('each holds its slot, its name and its user', () => {
    const outputs = ['a', 'b'].map((name, index) => ({
      name,
      rtmpUrl: `rtmp://${name}.example.com/live`,
      user: { uid: 7 + index },
    }));
    const play = new Play({ redundancy: { mode: 'Parallel', isolation: false, outputs } }).watched();
    play.run(30);
    const last = play.claimed.at(-1);
    expect(last?.slots).toHaveLength(2);
    expect(last?.names.map((name) => name.slice(33)).toSorted()).toEqual([
      'converter/show68_vertical-a',
      'converter/show68_vertical-b',
      'show68/7',
      'show68/8',
    ]);
    expect(play.status.admission?.map(({ member }) => member)).toEqual(['a', 'b']);
  });

  it.each`
    needed       | ready
    ${undefined} | ${'False WaitingForRetry…'}
    ${3}         | ${'False WaitingForRetry…'}
    ${2}         | ${'True Running'}
    ${1}         | ${'True Running'}
  `('one of three dead and not to be had again, $needed needed: Ready $ready', ({ needed, ready }) => {
    const play = running(needed === undefined ? ABC : minReady(ABC, needed));
    play.living.delete(play.of('b')?.converterId ?? '');
    failing(play, 'b', ({ type }) =>
      type === 'create' ? failure('no-resources') : type === 'get' ? failure('not-found') : undefined,
    );
    play.run(120);
    expect(play.ready).toBe(ready);
    expect(play.message).toMatch(/^2 of 3 outputs run(, 3 are needed)?; b: /u);
    expect(play.condition('RedundancySatisfied')).toBe('False WaitingForRetry');
    expect(play.members).toEqual(['a Running', 'b Starting WaitingForRetry', 'c Running']);
  });

  it('while a look at one is bad, Ready is Unknown where that one is needed, and True where it is not', () => {
    for (const [needed, ready] of [
      [2, 'Unknown MigrationSuspected…'],
      [1, 'True Running'],
    ] as const) {
      const play = running(minReady(AB, needed));
      failing(play, 'b', (action) => (action.type === 'get' ? failure('not-found') : undefined));
      play.request('now');
      play.run(3);
      expect(play.ready).toBe(ready);
      expect(play.condition('RedundancySatisfied')).toBe('False MigrationSuspected');
    }
  });

  it('replacing one touches no other', () => {
    const play = running(ABC);
    const others = [play.of('a'), play.of('c')];
    const id = play.of('b')?.converterId ?? '';
    play.living.delete(id);
    let dead = true;
    failing(play, 'b', (action) => (dead && action.type === 'get' ? failure('not-found') : undefined));
    const calls = play.run(60);
    dead = false;
    const all = [...calls, ...play.run(120)];
    expect(new Set(names(all))).toEqual(new Set(['delete b', 'create b']));
    expect([play.of('a'), play.of('c')]).toEqual(others);
    expect(play.of('b')?.name).toBe('show68_vertical-b');
    expect(play.ready).toBe('True Running');
    expect(play.status.restarts?.count).toBe(1);
    expect(play.status.members?.map(({ restarts }) => restarts?.count)).toEqual([0, 1, 0]);
  });
});

describe('MP-8 Parallel: edits', () => {
  const outputsOf = (play: Play) => redundancy(play.resource.spec).outputs ?? [];
  const withOutputs = (play: Play, outputs: ReturnType<typeof outputsOf>): void =>
    play.edit({ redundancy: { ...redundancy(play.resource.spec), outputs } });

  it('the address of one output updates its converter only', () => {
    const play = running(AB);
    withOutputs(
      play,
      outputsOf(play).map((each) => (each.name === 'b' ? { ...each, rtmpUrl: 'rtmp://z.example.com/live' } : each)),
    );
    const calls = changing(play.run(30));
    expect(names(calls)).toEqual(['update b']);
    expect(calls[0]?.action).toMatchObject({ paths: ['rtmpUrl'], sequence: 0 });
    expect(play.ready).toBe('True Running');
  });

  it.each`
    edit         | to                 | calls
    ${'added'}   | ${['a', 'b', 'c']} | ${['create c']}
    ${'removed'} | ${['a', 'c']}      | ${['delete b']}
    ${'renamed'} | ${['a', 'x']}      | ${['delete b', 'create x']}
    ${'turned'}  | ${['b', 'a']}      | ${[]}
  `('outputs $edit: $calls', ({ edit, to, calls }) => {
    const play = running(edit === 'removed' ? ABC : AB);
    const { outputs } = redundancy(parallel(to));
    withOutputs(play, outputs ?? []);
    expect(names(play.run(60)).toSorted()).toEqual((calls as string[]).toSorted());
    expect(play.ready).toBe('True Running');
    expect(play.members.map((line) => line.split(' ')[0])).toEqual(to);
  });

  it('a renamed output waits for the place of the old one', () => {
    const play = running(AB);
    withOutputs(
      play,
      outputsOf(play).map((each) => (each.name === 'b' ? { ...each, name: 'x' } : each)),
    );
    play.living.delete('c2');
    failing(play, 'b', () => failure('not-found'));
    const early = play.run(100);
    expect(names(early)).toEqual(['delete b']);
    expect(play.members).toContain('x Waiting Replacing');
    expect(names(play.run(60))).toEqual(['create x']);
  });

  it('what is common is changed on each, what re-creates re-creates each', () => {
    const play = running(AB);
    play.edit({
      transcodeOptions: {
        rtcChannel: 'show68',
        media: 'AudioVideo',
        audioOptions: {},
        videoOptions: { ...VIDEO, bitrate: 900 },
      },
    });
    expect(names(play.run(30)).toSorted()).toEqual(['update a', 'update b']);
    play.edit({ idleTimeout: 200 });
    expect(names(play.run(120)).toSorted()).toEqual(['create a', 'create b', 'delete a', 'delete b']);
    expect(play.ready).toBe('True Running');
  });

  it('outputs that change places both do', () => {
    const play = running(AB);
    const [a, b] = outputsOf(play);
    withOutputs(play, [
      { name: 'a', rtmpUrl: b?.rtmpUrl ?? '' },
      { name: 'b', rtmpUrl: a?.rtmpUrl ?? '' },
    ]);
    expect(names(play.run(30))).toEqual(['update a', 'update b']);
    expect(play.ready).toBe('True Running');
  });

  it('outputs whose Secrets hold one address: the later one says so and does not begin', () => {
    const from = { secretKeyRef: { name: 'cdn', key: 'url' } };
    const play = new Play({
      redundancy: {
        mode: 'Parallel',
        isolation: false,
        outputs: [
          { name: 'a', rtmpUrl: 'rtmp://one.example.com/live/secret' },
          { name: 'b', rtmpUrlFrom: from },
        ],
      },
    }).watched();
    play.secrets['cdn/url'] = 'rtmp://one.example.com/live/secret';
    expect(names(play.run(30))).toEqual(['create a']);
    expect(play.ready).toBe('False InvalidSpec!');
    expect(play.message).toContain('outputs a and b push to one address');
    expect(JSON.stringify(play.status)).not.toContain('secret');
  });

  it.each`
    from          | to            | started
    ${'none'}     | ${'Parallel'} | ${['create a', 'create b']}
    ${'Parallel'} | ${'none'}     | ${['create main']}
  `('from $from to $to: what pushed to a place is gone before another does', ({ from, started }) => {
    const single: Partial<ConverterSpec> = { rtmpUrl: 'rtmp://a.example.com/live/key' };
    const play = running(from === 'none' ? single : AB);
    const { rtmpUrl: _url, redundancy: _redundancy, ...rest } = play.resource.spec;
    const { metadata } = play.resource;
    const spec: ConverterSpec = { ...rest, ...(from === 'none' ? AB : single) };
    play.resource = { ...play.resource, metadata: { ...metadata, generation: metadata.generation + 1 }, spec };
    const order = names(play.run(60));
    expect(order.filter((line) => line.startsWith('create')).toSorted()).toEqual(started);
    const place = from === 'none' ? ['delete main', 'create a'] : ['delete a', 'create main'];
    expect(order.filter((line) => place.includes(line))).toEqual(place);
    expect(play.ready).toBe('True Running');
    play.run(700);
    expect(play.tasks).toHaveLength(from === 'none' ? 2 : 1);
    expect(play.status.members?.length).toBe(from === 'none' ? 2 : undefined);
    expect(play.status.admission).toHaveLength(from === 'none' ? 2 : 1);
  });

  it('deleted: each is stopped, then the resource goes', () => {
    const play = running(ABC);
    play.delete();
    expect(names(play.run(10))).toEqual(['delete a', 'delete b', 'delete c']);
    expect(play.released).toBe(true);
  });

  it('stopped and run again', () => {
    const play = running(AB);
    play.edit({ desiredState: 'Stopped' });
    play.run(10);
    expect(play.ready).toBe('True Stopped');
    expect(play.members).toEqual(['a Idle Stopped', 'b Idle Stopped']);
    expect(play.condition('RedundancySatisfied')).toBe('-');
    expect(play.status.admission).toBeUndefined();
    play.edit({ desiredState: 'Running' });
    play.run(30);
    expect(play.ready).toBe('True Running');
  });

  it('a reconcile request looks at each once', () => {
    const play = running(AB);
    play.request('now');
    const looks = play.run(5).filter(({ type }) => type === 'get');
    expect(looks.map(({ action }) => action.member)).toEqual(['a', 'b']);
    expect(play.status.lastHandledReconcileAt).toBe('now');
    expect(play.run(5).filter(({ type }) => type === 'get')).toEqual([]);
  });
});

describe('MP-10 short resources fail only the later siblings', () => {
  it.each(['no-resources', 'quota', 'server'] as const)(
    '%s: the others run, and that one goes on trying with back-off',
    (kind) => {
      const play = new Play(minReady(ABC, 2)).watched();
      failing(play, 'c', (action) => (action.type === 'create' ? failure(kind) : undefined));
      const calls = play.run(600);
      expect(play.of('a')?.phase).toBe('Running');
      expect(play.of('b')?.phase).toBe('Running');
      expect(play.ready).toBe('True Running');
      const tries = timed(calls.filter(({ type, action }) => type === 'create' && action.member === 'c'));
      expect(tries.length).toBeGreaterThan(2);
      if (kind !== 'quota') expect(tries.length).toBeLessThan(12);
      expect(names(calls).filter((line) => !line.endsWith('c'))).toEqual(['create a', 'create b']);
    },
  );

  it('where the ledger has no slot for all, the earlier ones run and the later one waits in the queue', () => {
    const play = new Play(minReady(ABC, 2)).watched();
    const room = (slots: number) => (claims: Claims) =>
      claims.slots.length > slots
        ? ({ why: 'wait', limit: `converter eu SD: ${slots} of ${slots} in use`, position: 1 } as const)
        : undefined;
    play.ledger = room(2);
    play.run(60);
    expect(play.members).toEqual(['a Running', 'b Running', 'c Waiting WaitingForSlot']);
    expect(play.ready).toBe('True Running');
    expect(play.status.queue).toMatchObject({ position: 1 });
    play.ledger = room(3);
    play.run(60);
    expect(play.members).toEqual(['a Running', 'b Running', 'c Running']);
    expect(play.status.queue).toBeUndefined();
  });

  it('a name that belongs to another resource stops that output only', () => {
    const play = new Play(minReady(AB, 1)).watched();
    play.ledger = (claims) => {
      const name = claims.names.find((each) => each.endsWith('-a'));
      return name === undefined ? undefined : { why: 'name', name, owner: 'RtmpConverter/media/other' };
    };
    play.run(30);
    expect(play.members).toEqual(['a Waiting NameConflict', 'b Running']);
    expect(play.ready).toBe('True Running');
  });

  it('an output that Agora refuses stops alone, and the resource too where it is needed', () => {
    const play = new Play(AB).watched();
    failing(play, 'b', (action) =>
      action.type === 'create' ? failure('parameter', 'Invalid parameter: rtmpUrl') : undefined,
    );
    play.run(60);
    expect(play.members).toEqual(['a Running', 'b Waiting ParameterRefused']);
    expect(play.ready).toBe('False ParameterRefused!');
    expect(play.message).toMatch(/^1 of 2 outputs run; b: Agora refused create/);
  });
});

describe('MP-10 isolation', () => {
  const isolated = (outputs: readonly string[]): Partial<ConverterSpec> => {
    const spec = parallel(outputs);
    return { ...spec, redundancy: { ...redundancy(spec), isolation: true } };
  };
  const namesOf = (play: Play): readonly (string | undefined)[] =>
    (play.status.members ?? []).map(({ name }) => play.of(name)?.name.replace('show68_vertical', ''));

  it('each is placed on a resource of its own', () => {
    expect(namesOf(running(isolated(['a', 'b', 'c'])))).toEqual([
      '-agora-isolate-1',
      '-agora-isolate-2',
      '-agora-isolate-3',
    ]);
  });

  it('a way belongs to its member: removing the first moves no other, and a new one takes the way that is free', () => {
    const play = running(isolated(['a', 'b']));
    play.edit(isolated(['b']));
    expect(names(play.run(30))).toEqual(['delete a']);
    play.edit(isolated(['d', 'b']));
    expect(names(play.run(60))).toEqual(['create d']);
    expect(namesOf(play)).toEqual(['-agora-isolate-1', '-agora-isolate-2']);
  });

  it('an output that takes the way of one that leaves waits until its name is free', () => {
    const play = running(isolated(['a', 'b', 'c']));
    play.edit(isolated(['b', 'c', 'd']));
    expect(names(play.run(60))).toEqual(['delete a', 'create d']);
    expect(namesOf(play)).toEqual(['-agora-isolate-2', '-agora-isolate-3', '-agora-isolate-1']);
  });
});

describe('MP-8 restart and takeover', () => {
  it('restored from handles alone, nothing is started or stopped', () => {
    const play = running(AB);
    const tasks = play.tasks.map(({ applied: _applied, ...task }) => ({
      ...task,
      phase: 'Confirming' as const,
      applied: {},
    }));
    play.resource = {
      ...play.resource,
      status: { observedGeneration: -1, conditions: [], tasks, lastAttempt: 2 },
    };
    play.crash();
    expect(names(play.run(60))).toEqual([]);
    expect(play.ready).toBe('True Running');
    expect(play.now).toBeGreaterThan(T0);
  });
});
