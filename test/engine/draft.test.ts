import { describe, expect, it } from 'vitest';
import { FINALIZER, type Resource, type StatusBase } from '../../src/core/resource.ts';
import { Draft, type Stored } from '../../src/engine/draft.ts';
import type { PassParts } from '../../src/engine/pass-parts.ts';
import type { ResourceHost, WriteResult } from '../../src/hosts/host.ts';
import { KINDS } from '../../src/kinds/index.ts';
import { SILENT } from '../../src/observability/log.ts';
import { ManualClock } from '../hosts/manual-clock.ts';

const INTENT = { call: 'start', requestId: 'r1', holder: 'p1', at: '2026-12-01T09:00:00.000Z' };

/** With the intent of a start, as it stands while the call is on the wire. */
const resource = (version: string): Resource => ({
  apiVersion: 'agora-reconciler.dev/v1alpha1',
  kind: 'WebPageRecording',
  metadata: {
    namespace: 'media',
    name: 'keynote',
    uid: 'uid-keynote',
    generation: 1,
    resourceVersion: version,
    creationTimestamp: '2026-12-01T09:00:00.000Z',
    finalizers: [FINALIZER],
  },
  spec: {},
  status: { observedGeneration: 1, conditions: [], tasks: [{ attempt: 1, phase: 'Starting', intent: INTENT }] },
});

const STARTED = { sent: true, answer: { ok: true, value: { call: 'start', sid: 'sid-1' } } };

type Trouble = 'conflict' | 'away' | 'lost' | 'edited';

/**
 * A kind whose fold keeps the sid and counts its answers, and a host that meets each write and read with what the test says:
 * out of reach; written, but the answer is lost; labelled before, or edited after it was written and its answer was lost.
 */
function setting(troubles: { readonly write: readonly Trouble[]; readonly read: readonly 'away'[] }) {
  const clock = new ManualClock();
  const [writes, reads] = [[...troubles.write], [...troubles.read]];
  const world = { object: resource('1') };
  const asked = { reads: 0 };
  const away = (): never => {
    throw new Error('503 by the test');
  };
  const change = (metadata: Partial<Resource['metadata']>, status = world.object.status): void => {
    const resourceVersion = String(Number(world.object.metadata.resourceVersion) + 1);
    world.object = { ...world.object, metadata: { ...world.object.metadata, ...metadata, resourceVersion }, status };
  };
  const host: Partial<ResourceHost> = {
    // As a watch that is frozen has it.
    get: () => resource('1'),
    writeStatus: async (base, status): Promise<WriteResult> => {
      const trouble = writes.shift();
      if (trouble === 'away') away();
      if (trouble === 'conflict') change({ labels: { edited: 'yes' } });
      if (base.metadata.resourceVersion !== world.object.metadata.resourceVersion) return { result: 'conflict' };
      change({}, status);
      if (trouble === 'edited') change({ generation: 2 });
      if (trouble === 'lost' || trouble === 'edited') away();
      return { result: 'written', resource: world.object };
    },
    refresh: async () => {
      asked.reads += 1;
      return reads.shift() === 'away' ? away() : world.object;
    },
    event: () => undefined,
    secret: () => undefined,
  };
  const kind = {
    ...KINDS.WebPageRecording,
    unseen: () => ({ answers: 0 }),
    fold: (object: Resource, { answers }: { answers: number }) => ({
      observation: { answers: answers + 1 },
      status: { ...(object.status as StatusBase), tasks: [{ attempt: 1, phase: 'Confirming', sid: 'sid-1' }] },
    }),
  };
  const observations = new Map<string, unknown>();
  const woken: string[] = [];
  const parts = {
    host,
    clock,
    log: SILENT,
    abandon: new AbortController().signal,
    ownWrite: <Result>(_key: string, write: () => Promise<Result>) => write(),
    wake: (key: string) => void woken.push(key),
    answers: { observed: () => undefined },
    memory: { observations, projectOf: () => undefined, pages: () => undefined },
  };
  const begun = (): Draft => {
    const draft = new Draft(parts as unknown as PassParts, kind, resource('1'));
    draft.context = () => ({}) as ReturnType<Draft['context']>;
    return draft;
  };
  const stored = (draft: Draft): Promise<Stored> => inTime(draft.store(draft.status as StatusBase));
  const inTime = async <Value>(storing: Promise<Value>): Promise<Value> => {
    let isOver = false;
    const end = storing.finally(() => {
      isOver = true;
    });
    end.catch(() => undefined);
    while (!isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(30_000);
    }
    return storing;
  };
  return { begun, stored, inTime, world, asked, woken, observations };
}

const answered = (draft: Draft): void =>
  draft.fold({ action: { type: 'start', attempt: 1 } as never, result: STARTED as never, requestId: 'r1' });

describe('an answer is written however bad the way to the host is (design §5, step 6)', () => {
  it.each`
    write                             | read                | outcomes
    ${[]}                             | ${[]}               | ${['written']}
    ${['away', 'away']}               | ${[]}               | ${['written']}
    ${['conflict']}                   | ${[]}               | ${['refolded', 'written']}
    ${['conflict']}                   | ${['away']}         | ${['refolded', 'written']}
    ${['conflict']}                   | ${['away', 'away']} | ${['refolded', 'written']}
    ${['away', 'conflict']}           | ${['away']}         | ${['refolded', 'written']}
    ${['lost']}                       | ${[]}               | ${['written']}
    ${['lost', 'away']}               | ${['away', 'away']} | ${['written']}
    ${['edited']}                     | ${[]}               | ${['written']}
    ${['away', 'edited']}             | ${['away']}         | ${['written']}
    ${['conflict', 'lost']}           | ${[]}               | ${['refolded', 'written']}
    ${['conflict', 'away', 'edited']} | ${['away']}         | ${['refolded', 'written']}
  `('writes: $write, reads: $read', async ({ write, read, outcomes }) => {
    const { begun, stored, world } = setting({ write, read });
    const draft = begun();
    answered(draft);
    for (const outcome of outcomes) expect(await stored(draft)).toBe(outcome);
    expect(world.object.status).toMatchObject({ tasks: [{ phase: 'Confirming', sid: 'sid-1' }] });
    expect(draft.owesAnswer).toBe(false);
  });

  it('counts an answer once, however often it is folded', async () => {
    const { begun, stored, observations } = setting({ write: ['conflict', 'conflict'], read: [] });
    const draft = begun();
    answered(draft);
    for (const outcome of ['refolded', 'refolded', 'written']) expect(await stored(draft)).toBe(outcome);
    expect(observations.get(draft.key)).toEqual({ answers: 1 });
  });

  it('counts what was told between two folds besides', async () => {
    const { begun, stored, observations } = setting({ write: ['conflict'], read: [] });
    const draft = begun();
    answered(draft);
    observations.set(draft.key, { answers: 10 });
    expect(await stored(draft)).toBe('refolded');
    expect(observations.get(draft.key)).toEqual({ answers: 11 });
  });

  it('is brought there through conflicts without end, with a pause now and then', async () => {
    const { begun, inTime, world, asked } = setting({ write: Array.from({ length: 25 }, () => 'conflict'), read: [] });
    const draft = begun();
    answered(draft);
    const storing = draft.storeFolded();
    for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(asked.reads).toBeLessThan(12);
    await inTime(storing);
    expect(world.object.status).toMatchObject({ tasks: [{ phase: 'Confirming', sid: 'sid-1' }] });
    expect(asked.reads).toBe(25);
  });

  it('asks for another look where an edit came on top of a write whose answer was lost', async () => {
    const { begun, stored, woken } = setting({ write: ['edited'], read: [] });
    const draft = begun();
    answered(draft);
    expect(await stored(draft)).toBe('written');
    expect(draft.base.metadata.generation).toBe(2);
    expect(woken).toEqual([draft.key]);
  });
});

describe('an intent is written before its call is sent (design §5, step 4)', () => {
  const withIntentOf = (draft: Draft, requestId: string): void => {
    const { status } = draft.base as { status: StatusBase };
    draft.decided({ ...status, tasks: [{ attempt: 1, phase: 'Starting', intent: { ...INTENT, requestId } }] } as never);
  };

  it('another one, whose answer was lost, is not taken for it, and is known from then on', async () => {
    const { begun, stored, world, asked } = setting({ write: ['lost'], read: [] });
    const first = begun();
    withIntentOf(first, 'r2');
    await expect(stored(first)).rejects.toThrow('503');
    // The watch is frozen: decided on the same state once more.
    const second = begun();
    withIntentOf(second, 'r3');
    expect(await stored(second)).toBe('stale');
    expect(world.object.status).toMatchObject({ tasks: [{ intent: { requestId: 'r2' } }] });
    expect(asked.reads).toBe(1);
  });
});
