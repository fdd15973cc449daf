import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seconds, timestamp } from '../../../src/core/time.ts';
import { converterKind } from '../../../src/kinds/converter/kind.ts';
import type { ConverterObservation } from '../../../src/kinds/converter/observation.ts';
import type { ConverterTask } from '../../../src/kinds/converter/types.ts';
import type { ConverterNotice } from '../../../src/kinds/evidence.ts';
import { APP_ID, converter, T0 } from './builders.ts';
import { created, destroyed, notice, state, updated } from './notice.ts';

const task = (more: Partial<ConverterTask> = {}): ConverterTask => ({
  attempt: 1,
  member: 'main',
  phase: 'Running',
  appId: APP_ID,
  region: 'eu',
  class: 'SD',
  generation: 1,
  name: 'show68_vertical',
  converterId: 'C1',
  applied: {},
  startedAt: timestamp(T0),
  ...more,
});

function tell(tasks: readonly ConverterTask[], notices: readonly ConverterNotice[]): ConverterObservation {
  const resource = converter({}, { observedGeneration: 1, conditions: [], tasks });
  return notices.reduce<ConverterObservation>(
    (observation, each) => converterKind.told?.(resource, observation, each, T0) ?? observation,
    converterKind.unseen(T0),
  );
}

const kept = (tasks: readonly ConverterTask[], ...notices: readonly ConverterNotice[]) =>
  tell(tasks, notices).notices ?? [];

const { converterId: _id, ...withoutId } = task({ phase: 'Starting', mayHaveEffect: true });
const onItsWay = { call: 'create', requestId: 'r-1', holder: 'me', at: timestamp(T0) };
const name = 'show68_vertical';
const createTs = T0 / 1_000;

describe('MP-28 which entry a notice concerns', () => {
  it.each<[string, ConverterTask, ConverterNotice, boolean]>([
    ['its id, in whatever case', task(), notice(state('running')), true],
    ['another id', task(), notice(state('running'), { converterId: 'c2' }), false],
    ['another id of its name', task(), notice(created, { converterId: 'c2', name, createTs }), false],
    ['the request ID of a create on its way', withIntent(), notice(created, { requestId: 'r-1' }), true],
    ['one that was lost', { ...withoutId, createRequestIds: ['r-0'] }, notice(created, { requestId: 'r-0' }), true],
    ['somebody else’s create of its name', withIntent(), notice(created, { requestId: 'r-9', name, createTs }), false],
    ['its name, where the notice names no request', withoutId, notice(created, { name, createTs }), true],
    ['its name, 60 s before its create', withoutId, notice(created, { name, createTs: createTs - 60 }), true],
    ['its name, older than that', withoutId, notice(created, { name, createTs: createTs - 61 }), false],
    ['its name, at an unknown time', withoutId, notice(created, { name }), false],
    ['another name', withoutId, notice(created, { name: 'other', createTs }), false],
    ['a create that had no effect', without(withoutId, 'mayHaveEffect'), notice(created, { name, createTs }), false],
  ])('%s', (_name, entry, told, isKept) => {
    expect(kept([entry], told)).toHaveLength(isKept ? 1 : 0);
  });

  it('is kept no longer than the entry is listed, and what is kept is bounded', () => {
    const observation = tell([task()], [notice(state('running'))]);
    const gone = converter({}, { observedGeneration: 1, conditions: [], tasks: [task({ converterId: 'c2' })] });
    expect(converterKind.told?.(gone, observation, notice(updated, { converterId: 'c9' }), T0).notices).toEqual([]);
    const many = Array.from({ length: 100 }, (_, index) =>
      notice(created, { converterId: `c${index}`, name, createTs }),
    );
    expect(kept([withoutId], ...many)).toHaveLength(20);
  });
});

function withIntent(): ConverterTask {
  return { ...without(withoutId, 'mayHaveEffect'), intent: onItsWay };
}

function without(entry: ConverterTask, member: 'mayHaveEffect'): ConverterTask {
  const { [member]: _member, ...rest } = entry;
  return rest;
}

describe('MP-28 in whatever order, and however often', () => {
  const notices = [
    notice(created, { name, createTs, requestId: 'r-1' }),
    notice(state('running'), { at: T0 + seconds(2), updateTs: createTs + 2 }),
    notice(updated, { at: T0 + seconds(4), updateTs: createTs + 4, requestId: 'r-2' }),
    notice(state('failed'), { at: T0 + seconds(6), updateTs: createTs + 6 }),
    notice(destroyed('Idle Timeout'), { at: T0 + seconds(8), name }),
  ];

  it.each([
    ['its id is known', task()],
    ['it is not', { ...withoutId, createRequestIds: ['r-1'] }],
  ])('the same is kept where %s', (_name, entry) => {
    const of = entry.converterId === undefined ? notices.filter(({ event }) => event.type !== 'state') : notices;
    const said = (observation: ConverterObservation) => {
      const [{ lookAfter: _look, ...told } = {}] = observation.notices ?? [];
      return told;
    };
    // Without its id only the first tells whose it is: whatever came before it waits for the list.
    const from = entry.converterId === undefined ? 1 : 0;
    const inOrder = said(tell([entry], of));
    fc.assert(
      fc.property(
        fc.shuffledSubarray(of.slice(from), { minLength: of.length - from }),
        fc.array(fc.constantFrom(...of)),
        (shuffled, again) => {
          expect(said(tell([entry], [...of.slice(0, from), ...shuffled, ...again]))).toEqual(inOrder);
        },
      ),
      { seed: 2026 },
    );
  });
});
