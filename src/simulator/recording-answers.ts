import type { Instant } from '../core/time.ts';
import { ok, type Reply } from './answers.ts';
import type { Recording } from './recording.ts';
import type { Switches } from './switches.ts';

export const identityReply = ({ resource, entry }: Recording) => ({
  cname: resource.cname,
  uid: resource.uid,
  resourceId: resource.id,
  sid: entry.identity.id,
});

/** The page recorder comes first: one official client reads no other order (reference A.5). */
export function queryReply(recording: Recording, status: number, now: Instant, switches: Switches): Reply {
  const services: unknown[] = [
    {
      serviceName: 'web_recorder_service',
      payload: { state: recording.recorderState(now), onhold: recording.onhold, fileList: files(recording, switches) },
    },
  ];
  if (recording.publish !== undefined) {
    services.push({
      serviceName: 'rtmp_publish_service',
      payload: { outputs: [{ rtmpUrl: recording.publish.url, status: recording.publishStatus(now) }] },
    });
  }
  return ok({ ...identityReply(recording), serverResponse: { status, extensionServiceState: services } });
}

export function stopReply(
  recording: Recording,
  options: { readonly uploaded: boolean; readonly switches: Switches },
): Reply {
  return ok({
    ...identityReply(recording),
    serverResponse: {
      extensionServiceState: [
        { serviceName: 'upload_service', payload: { uploadingStatus: options.uploaded ? 'uploaded' : 'unknown' } },
        {
          serviceName: 'web_recorder_service',
          payload: { state: 'exit', onhold: recording.onhold, fileList: files(recording, options.switches) },
        },
      ],
    },
  });
}

/** `<sid>_<cname>.m3u8`; characters beyond letters and digits become `-` (reference B.13). */
function files(recording: Recording, switches: Switches): readonly unknown[] {
  if (recording.firstSliceAt === undefined) return [];
  const name = `${recording.entry.identity.id}_${recording.resource.cname.replace(/[^A-Za-z0-9_-]/g, '-')}.m3u8`;
  const start =
    switches.sliceStartTime === 'seconds' ? Math.floor(recording.firstSliceAt / 1_000) : recording.firstSliceAt;
  return [{ [switches.fileNameKey]: name, sliceStartTime: start }];
}
