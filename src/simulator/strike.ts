import type { Instant } from '../core/time.ts';
import type { Converter } from './converter.ts';
import type { Converters } from './converters.ts';
import type { TaskFault } from './fault-rules.ts';
import type { EndCause, Entry } from './ledger.ts';
import type { Recording } from './recording.ts';
import type { Recordings } from './recordings.ts';
import type { Absence, World } from './world.ts';

interface Blow {
  readonly fault: TaskFault;
  readonly entry: Entry;
  readonly at: Instant;
}

/** Lets a task fault happen, now or `afterSeconds` later; false where it cannot happen to this task. */
export function strikeTask(
  { fault, entry, at }: Blow,
  world: World,
  recordings: Recordings,
  converters: Converters,
  by: EndCause = 'fault',
): boolean {
  const { id, product } = entry.identity;
  const recording = product === 'recording' ? recordings.find(id) : undefined;
  const converter = product === 'converter' ? converters.find(id) : undefined;
  const happen = (when: Instant): boolean => {
    if (recording !== undefined) return strikeRecording(recording, fault, { at: when, by });
    return converter !== undefined && strikeConverter(converter, fault, { at: when, by });
  };
  const afterMs = 'afterSeconds' in fault ? (fault.afterSeconds ?? 0) * 1_000 : 0;
  if (afterMs === 0) return happen(at);
  world.agenda.plan(at + afterMs, happen);
  return recording !== undefined || converter !== undefined;
}

interface When {
  readonly at: Instant;
  readonly by: EndCause;
}

function strikeRecording(recording: Recording, fault: TaskFault, { at, by }: When): boolean {
  switch (fault.kind) {
    case 'migration':
      if (recording.isLeaving) return false;
      recording.absence = absence(fault, at);
      recording.entry.record(at, 12, { msgName: 'session_failover', newUid: Number(recording.resource.uid) + 1 });
      return true;
    case 'task-dies':
      return recording.finish(at, { code: 6, by, silent: fault.how === 'gone' });
    case 'page-never-loads':
      return recording.replacePage({}, at);
    case 'page-not-found':
      return recording.replacePage({ status: 404 }, at);
    case 'cdn-refuses':
      if (recording.publish === undefined) return false;
      recording.publish = { ...recording.publish, refused: true };
      recording.entry.record(at, 100, { msgName: 'rtmp_publish_status', status: 'disconnected' });
      return true;
  }
}

function strikeConverter(converter: Converter, fault: TaskFault, { at, by }: When): boolean {
  switch (fault.kind) {
    case 'migration':
      if (converter.isOver) return false;
      converter.absence = absence(fault, at);
      return true;
    case 'task-dies':
      return fault.how === 'gone' ? converter.end(at, { by, reason: 'Internal Error' }) : converter.fail(at);
    case 'cdn-refuses':
      return converter.fail(at);
    case 'page-never-loads':
    case 'page-not-found':
      return false;
  }
}

const absence = (fault: Extract<TaskFault, { kind: 'migration' }>, at: Instant): Absence => ({
  until: at + fault.seconds * 1_000,
  ...(fault.listed === undefined ? {} : { listed: fault.listed }),
});
