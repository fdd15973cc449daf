import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minutes, seconds, timestamp } from '../../../src/core/time.ts';
import type { RecordingEvent, RecordingNotice } from '../../../src/kinds/evidence.ts';
import { recordingKind } from '../../../src/kinds/recording/kind.ts';
import type { RecordingObservation } from '../../../src/kinds/recording/observation.ts';
import { withSequence } from '../../../src/kinds/recording/sequences.ts';
import type { RecordingTask } from '../../../src/kinds/recording/types.ts';
import { APP_ID, recording, T0 } from './builders.ts';
import { exited, failover, limited, notice, other, reloaded, stopped } from './notice.ts';

const task = (more: Partial<RecordingTask> = {}): RecordingTask => ({
  attempt: 1,
  member: 'main',
  phase: 'Running',
  appId: APP_ID,
  region: 'eu',
  class: 'SD',
  generation: 1,
  cname: 'media-keynote',
  uid: '1',
  sid: 'sid-R1',
  applied: {},
  startedAt: timestamp(T0),
  ...more,
});

/** What is kept of these, told in this order to a resource with these entries. */
function tell(tasks: readonly RecordingTask[], notices: readonly RecordingNotice[]): RecordingObservation {
  const resource = recording({}, { observedGeneration: 1, conditions: [], tasks });
  return notices.reduce<RecordingObservation>(
    (observation, each) => recordingKind.told?.(resource, observation, each, T0) ?? observation,
    recordingKind.unseen(T0),
  );
}

const kept = (tasks: readonly RecordingTask[], ...notices: readonly RecordingNotice[]) =>
  tell(tasks, notices).notices ?? [];

const { sid: _sid, ...withoutSid } = task({ phase: 'Unknown' });
const started: RecordingEvent = { type: 'started' };

describe('WR-11 which entry a notice concerns', () => {
  it.each<[string, RecordingTask, Partial<RecordingNotice>, boolean]>([
    ['its sid', task(), {}, true],
    ['its sid, whatever cname and uid say', task(), { cname: 'x', uid: 'y' }, true],
    ['another sid of the same uid', task(), { sid: 'other' }, false],
    ['nobody’s', task(), { sid: 'other', uid: '2' }, false],
    ['cname and uid of one whose sid is not known', withoutSid, { sid: 'other' }, true],
    ['the cname alone', withoutSid, { uid: '2' }, false],
    ['the uid alone', withoutSid, { cname: 'other' }, false],
    ['no sid at all', withoutSid, { sid: '' }, false],
    ['a start on its way', { ...withoutSid, phase: 'Starting', intent: intent('start') }, {}, true],
    ['a start that may have had an effect', { ...withoutSid, phase: 'Starting', mayHaveEffect: true }, {}, true],
    ['a start that had none', { ...withoutSid, phase: 'Starting' }, {}, false],
    ['a handle that was never used', { ...withoutSid, phase: 'Acquired' }, {}, false],
    ['older than the start: another one of its uid', withoutSid, { at: T0 - minutes(1) }, false],
    ['as old as clocks may differ', withoutSid, { at: T0 - seconds(5) }, true],
    ['older than that', withoutSid, { at: T0 - seconds(5) - 1 }, false],
  ])('%s', (_name, entry, more, isKept) => {
    expect(kept([entry], notice(started, more))).toHaveLength(isKept ? 1 : 0);
  });

  it('is kept no longer than the entry is listed, and what is kept is bounded', () => {
    const observation = tell([task()], [notice(started)]);
    const gone = recording({}, { observedGeneration: 1, conditions: [], tasks: [task({ attempt: 2, sid: 'sid-2' })] });
    const later = recordingKind.told?.(gone, observation, notice(started, { sid: 'nobody' }), T0);
    expect(later?.notices).toEqual([]);
    const many = Array.from({ length: 100 }, (_, index) => notice(started, { sid: `sid-${index}` }));
    expect(kept([withoutSid], ...many)).toHaveLength(20);
    const uids = Array.from({ length: 100 }, (_, index) => notice(failover(`u${index}`), { sequence: 2 * index }));
    expect(JSON.stringify(kept([task()], ...uids)).length).toBeLessThan(2_000);
  });
});

function intent(call: string): NonNullable<RecordingTask['intent']> {
  return { call, requestId: 'r1', holder: 'me', at: timestamp(T0) };
}

describe('WR-11 in whatever order, and however often', () => {
  const events: readonly RecordingEvent[] = [
    started,
    stopped(4),
    exited(1),
    limited('WebGL'),
    reloaded('page_load_timeout'),
    other(33),
    other(4),
    { type: 'publish', status: 'publishing' },
    { type: 'error', code: 9, level: 5 },
  ];
  const notices = events.map((event, sequence) => notice(event, { sequence, at: T0 + seconds(sequence) }));

  it('the same is kept', () => {
    const said = (observation: RecordingObservation) => {
      const [{ lookAfter: _look, ...told } = {}] = observation.notices ?? [];
      return told;
    };
    const inOrder = said(tell([task()], notices));
    fc.assert(
      fc.property(
        fc.shuffledSubarray(notices, { minLength: notices.length }),
        fc.array(fc.constantFrom(...notices)),
        (shuffled, again) => {
          expect(said(tell([task()], [...shuffled, ...again]))).toEqual(inOrder);
        },
      ),
      { seed: 2026 },
    );
  });

  it('runs of sequences are those of the set', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 12 })), (numbers) => {
        const runs = numbers.reduce(withSequence, [] as ReturnType<typeof withSequence>);
        const all = runs.flatMap(([first, last]) =>
          Array.from({ length: last - first + 1 }, (_, index) => first + index),
        );
        expect(all).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
        for (const [index, [first]] of runs.entries())
          if (index > 0) expect(first).toBeGreaterThan((runs[index - 1]?.[1] ?? 0) + 1);
      }),
      { seed: 2026 },
    );
  });
});
