import type { Instant } from '../core/time.ts';
import type { Converter } from './converter.ts';
import type { Converters } from './converters.ts';
import type { PageFault, TaskFault } from './fault-rules.ts';
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
      return recording.migrate(absence(fault, at), at);
    case 'task-dies':
      return recording.finish(at, { code: 6, by, silent: fault.how === 'gone' });
    case 'cdn-refuses':
      return recording.losePublishing(at);
    default:
      return strikePage(recording, fault, at);
  }
}

function strikePage(recording: Recording, fault: PageFault, at: Instant): boolean {
  const { visit } = recording;
  if (visit === undefined) return false;
  const forMs = 'forSeconds' in fault && fault.forSeconds !== undefined ? fault.forSeconds * 1_000 : undefined;
  switch (fault.kind) {
    case 'page-never-loads':
      return visit.replace({}, at);
    case 'page-loads-late':
      return visit.replace({ readyAfterMs: fault.seconds * 1_000 }, at);
    case 'page-not-found':
      return visit.replace({ status: fault.status ?? 404 }, at);
    case 'page-too-heavy':
      return recording.overwhelm(fault.limitType ?? 'resolution', at);
    case 'page-reloads':
      return visit.reload(at);
    case 'page-loses-element': {
      const { element } = fault;
      return visit.suffer({ in: 'element', ...(element === undefined ? {} : { element }) }, at, forMs);
    }
    case 'page-video-freezes':
      return visit.suffer({ in: 'video' }, at, forMs);
    case 'page-goes-silent':
      return visit.suffer({ in: 'audio' }, at, forMs);
    case 'page-script-stops':
      return visit.suffer({ in: 'script' }, at, forMs);
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
    default:
      return false;
  }
}

const absence = (fault: Extract<TaskFault, { kind: 'migration' }>, at: Instant): Absence => ({
  until: at + fault.seconds * 1_000,
  ...(fault.listed === undefined ? {} : { listed: fault.listed }),
});
