import { type Key, keyOf, type Resource } from '../core/resource.ts';
import { requestIdsOf } from '../kinds/converter/concern.ts';
import type { ConverterStatus } from '../kinds/converter/types.ts';
import type { ConverterNotice, RecordingNotice } from '../kinds/evidence.ts';
import type { RecordingStatus } from '../kinds/recording/types.ts';

/**
 * The resource whose task a notice concerns, among those of one App ID: the surest sign first, and a weaker one only for
 * an entry that lacks the stronger, so that a notice of an old task is not taken for the new one's.
 */
export function routeNotice(
  notice: RecordingNotice | ConverterNotice,
  appId: string,
  members: readonly Resource[],
): Key | undefined {
  const owner =
    notice.source === 'recording-notice' ? recordingOf(notice, appId, members) : converterOf(notice, appId, members);
  return owner === undefined ? undefined : keyOf(owner);
}

function recordingOf(
  { sid, cname, uid }: RecordingNotice,
  appId: string,
  members: readonly Resource[],
): Resource | undefined {
  const entries = members
    .filter((member): member is Resource<unknown, RecordingStatus> => member.kind === 'WebPageRecording')
    .flatMap((resource) => (resource.status?.tasks ?? []).map((task) => ({ resource, task })))
    .filter(({ task }) => task.appId === appId);
  const found =
    entries.find(({ task }) => sid !== '' && task.sid === sid) ??
    // A start whose answer is on its way or was lost (design §5.2).
    entries.find(({ task }) => task.sid === undefined && task.cname === cname && task.uid === uid);
  return found?.resource;
}

function converterOf(
  { converterId, requestId, name }: ConverterNotice,
  appId: string,
  members: readonly Resource[],
): Resource | undefined {
  const id = converterId.toLowerCase();
  const entries = members
    .filter((member): member is Resource<unknown, ConverterStatus> => member.kind === 'RtmpConverter')
    .flatMap((resource) => (resource.status?.tasks ?? []).map((task) => ({ resource, task })))
    .filter(({ task }) => task.appId === appId);
  const withoutId = entries.filter(({ task }) => task.converterId === undefined);
  const found =
    entries.find(({ task }) => task.converterId?.toLowerCase() === id) ??
    // A create whose answer is on its way or was lost: D.5, `xRequestId`.
    withoutId.find(({ task }) => requestId !== undefined && requestIdsOf(task).includes(requestId)) ??
    withoutId.find(({ task }) => name !== undefined && task.name === name);
  return found?.resource;
}
