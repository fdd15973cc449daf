import { describe, expect, it } from 'vitest';
import { timestamp } from '../../src/core/time.ts';
import type { TaskStatus } from '../../src/kinds/task.ts';
import { wishOf } from '../../src/kinds/wish.ts';
import { recording, T0 } from './recording/builders.ts';
import { Play } from './recording/play.ts';

const status = (more: Partial<TaskStatus> = {}): TaskStatus => ({ observedGeneration: 1, conditions: [], ...more });
const at = (ms: number): string => timestamp(T0 + ms);

function wish(
  spec: Parameters<typeof recording>[0],
  more: Partial<TaskStatus> = {},
  deleted = false,
  suspended = false,
): object {
  const { status: _status, ...base } = recording(spec);
  const metadata = deleted ? { ...base.metadata, deletionTimestamp: at(0) } : base.metadata;
  const play = new Play().editProject({ suspend: suspended });
  return wishOf({ ...base, metadata, status: status(more) }, play.context(), T0);
}

describe('§5.7 the order of wishes', () => {
  it.each<[string, object, object]>([
    ['nothing said', wish({}), { want: 'running', onHold: false }],
    ['OnHold', wish({ desiredState: 'OnHold' }), { want: 'running', onHold: true }],
    ['Stopped', wish({ desiredState: 'Stopped' }), { want: 'nothing', why: 'Stopped' }],
    ['suspend before Stopped', wish({ desiredState: 'Stopped', suspend: true }), { want: 'suspended', by: 'resource' }],
    ['the project’s suspend', wish({}, {}, false, true), { want: 'suspended', by: 'project' }],
    ['deleted before suspend', wish({ suspend: true }, {}, true), { want: 'gone' }],
    ['before startAt', wish({ schedule: { startAt: at(1) } }), { want: 'nothing', why: 'Scheduled', until: T0 + 1 }],
    ['at startAt', wish({ schedule: { startAt: at(0) } }), { want: 'running', onHold: false }],
    ['before stopAt', wish({ schedule: { stopAt: at(1) } }), { want: 'running', onHold: false, until: T0 + 1 }],
    ['at stopAt, never ran', wish({ schedule: { stopAt: at(0) } }), { want: 'nothing', why: 'WindowMissed' }],
    [
      'at stopAt, ran in it',
      wish({ schedule: { startAt: at(-9), stopAt: at(0) } }, { lastRanAt: at(-9) }),
      { want: 'nothing', why: 'Completed' },
    ],
    [
      'at stopAt, ran before it',
      wish({ schedule: { startAt: at(-9), stopAt: at(0) } }, { lastRanAt: at(-10) }),
      { want: 'nothing', why: 'WindowMissed' },
    ],
    ['completed', wish({}, { completedGeneration: 1 }), { want: 'nothing', why: 'Completed' }],
    [
      'ended under Never',
      wish({}, { completedGeneration: 1, completedReason: 'TaskEnded' }),
      { want: 'nothing', why: 'TaskEnded' },
    ],
    ['completed by another generation', wish({}, { completedGeneration: 0 }), { want: 'running', onHold: false }],
  ])('%s', (_name, said, expected) => {
    expect(said).toEqual(expected);
  });
});
