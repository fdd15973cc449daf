import type { RecordingState } from './answer.ts';
import type { AgoraValueOf } from './calls.ts';
import { asArray, asHandle, asNumber, asObject, asText, type JsonObject, member } from './json.ts';

/** B.2. */
export function parseAcquire(body: unknown): AgoraValueOf<'acquire'> | undefined {
  const resourceId = asHandle(asObject(body)?.['resourceId']);
  return resourceId === undefined ? undefined : { call: 'acquire', resourceId };
}

/** Start succeeds only when the answer carries a sid.  (WR-6, B.3) */
export function parseStart(body: unknown): AgoraValueOf<'start'> | undefined {
  const sid = asHandle(asObject(body)?.['sid']);
  return sid === undefined ? undefined : { call: 'start', sid };
}

/** B.5. */
export function parseQuery(body: unknown): RecordingState | undefined {
  const response = asObject(asObject(body)?.['serverResponse']);
  const status = asNumber(response?.['status']);
  if (status === undefined) return undefined;
  const recorder = payloadOf(response, 'web_recorder_service');
  const publish = payloadOf(response, 'rtmp_publish_service');
  const output = asObject(asArray(publish?.['outputs'])[0]);
  const onhold = recorder?.['onhold'];
  return {
    call: 'query',
    status,
    ...member('onhold', typeof onhold === 'boolean' ? onhold : undefined),
    ...member('recorderState', asText(recorder?.['state'])),
    ...member('publishStatus', asText(output?.['status']) ?? asText(output?.['state']) ?? asText(publish?.['status'])),
  };
}

/** 200 is all that update says (B.6). */
export const parseUpdateRecording = (): AgoraValueOf<'updateRecording'> => ({ call: 'updateRecording' });

/** 200 means stopped, whatever else can be read (B.7). */
export function parseStop(body: unknown): AgoraValueOf<'stop'> {
  const response = asObject(asObject(body)?.['serverResponse']);
  const uploading = asText(payloadOf(response, 'upload_service')?.['uploadingStatus']);
  return {
    call: 'stop',
    // An older page has the other spelling.
    ...member('uploadingStatus', uploading === 'unknow' ? 'unknown' : uploading),
    files: fileNames(payloadOf(response, 'web_recorder_service')?.['fileList']),
  };
}

/** One older schema misspells `payload`. */
function payloadOf(response: JsonObject | undefined, serviceName: string): JsonObject | undefined {
  const services = asArray(response?.['extensionServiceState']).map(asObject);
  const service = services.find((candidate) => candidate?.['serviceName'] === serviceName);
  return asObject(service?.['payload']) ?? asObject(service?.['playload']);
}

/** `filename` in every example, `fileName` in the older table. */
const fileNames = (list: unknown): readonly string[] =>
  asArray(list)
    .map((file) => asText(asObject(file)?.['filename']) ?? asText(asObject(file)?.['fileName']) ?? asText(file))
    .filter((name) => name !== undefined);
