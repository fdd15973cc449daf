import type { Body } from '../../agora/api.ts';
import type { ProjectView } from '../context.ts';
import { reveal } from '../reference.ts';
import type { Inputs } from './inputs.ts';
import { storageNumbers } from './storage-regions.ts';
import type { RecordingSpec } from './types.ts';

/** Who a recording is to Agora: App ID, cname and uid (B.1). */
export interface Identity {
  readonly cname: string;
  readonly uid: string;
}

/** Reference B.2: hard geofence by `region`, soft by `regionAffinity`. */
const GEOFENCE = { cn: 'CN', ap: 'AP', eu: 'EU', na: 'NA' } as const;
const AFFINITY = { cn: 1, ap: 2, eu: 3, na: 4 } as const;

/** Larger of 72 and `maxRecordingHour` + 24, at most 720, where it is not declared: past it nothing can stop the task (B.13). */
export const resourceExpiredHour = (spec: RecordingSpec): number =>
  spec.resourceExpiredHour ?? Math.min(720, Math.max(72, spec.maxRecordingHour + 24));

export function acquireBody(spec: RecordingSpec, identity: Identity & Pick<RecordingSpec, 'region'>): Body {
  return {
    cname: identity.cname,
    uid: identity.uid,
    clientRequest: {
      scene: 1,
      resourceExpiredHour: resourceExpiredHour(spec),
      ...(spec.regionPolicy === 'Required' ? { region: GEOFENCE[identity.region] } : {}),
      ...(spec.regionPolicy === 'Preferred' ? { regionAffinity: AFFINITY[identity.region] } : {}),
      ...(spec.excludeResourceIds === undefined ? {} : { excludeResourceIds: spec.excludeResourceIds }),
    },
  };
}

/** Reference B.3. `onhold` is what is wished now, not a field of its own. */
export function startBody(
  spec: RecordingSpec,
  identity: Identity,
  inputs: Inputs,
  wish: { readonly onHold: boolean },
): Body {
  const policy = spec.errorHandlePolicy === undefined ? {} : { errorHandlePolicy: spec.errorHandlePolicy };
  const recorder = {
    serviceName: 'web_recorder_service',
    errorHandlePolicy: 'error_abort',
    serviceParam: {
      url: reveal(inputs.url),
      audioProfile: spec.audioProfile,
      videoWidth: spec.videoWidth,
      videoHeight: spec.videoHeight,
      videoFps: spec.videoFps,
      maxRecordingHour: spec.maxRecordingHour,
      onhold: wish.onHold,
      ...optional({
        videoBitrate: spec.videoBitrate,
        mobile: spec.mobile,
        maxVideoDuration: spec.maxVideoDuration,
        readyTimeout: spec.readyTimeout,
      }),
    },
  };
  const publisher =
    inputs.publishUrl === undefined
      ? []
      : [
          {
            serviceName: 'rtmp_publish_service',
            errorHandlePolicy: 'error_ignore',
            serviceParam: { outputs: [{ rtmpUrl: reveal(inputs.publishUrl) }] },
          },
        ];
  return {
    cname: identity.cname,
    uid: identity.uid,
    clientRequest: {
      ...optional({ token: inputs.token?.reveal() }),
      recordingFileConfig: { avFileType: spec.avFileType },
      storageConfig: storageConfig(spec, inputs),
      extensionServiceConfig: {
        ...policy,
        ...optional({ apiVersion: spec.apiVersion }),
        extensionServices: [recorder, ...publisher],
      },
    },
  };
}

/**
 * Reference B.6. Each part that is sent is sent whole; `webRecordingConfig` without `onhold` would mean resume, so it
 * always carries it.
 */
export function updateBody(
  spec: RecordingSpec,
  identity: Identity,
  inputs: Inputs,
  change: {
    readonly paths: readonly string[];
    readonly onHold: boolean;
    readonly storageInUpdate: ProjectView['spec']['compatibility']['storageInUpdate'];
  },
): Body {
  const storage = change.storageInUpdate === 'Always' || change.paths.includes('storage.credentials');
  return {
    cname: identity.cname,
    uid: identity.uid,
    clientRequest: {
      ...(change.paths.includes('onhold') ? { webRecordingConfig: { onhold: change.onHold } } : {}),
      ...(change.paths.includes('publish.rtmpUrl') && inputs.publishUrl !== undefined
        ? { rtmpPublishConfig: { outputs: [{ rtmpUrl: reveal(inputs.publishUrl) }] } }
        : {}),
      ...(storage ? { storageConfig: storageConfig(spec, inputs) } : {}),
    },
  };
}

/** `async_stop: false`: the answer says what became of the files (design §7). */
export const stopBody = (identity: Identity): Body => ({
  cname: identity.cname,
  uid: identity.uid,
  clientRequest: { async_stop: false },
});

function storageConfig(spec: RecordingSpec, inputs: Inputs): Body {
  const { storage } = spec;
  const expiration = inputs.stsExpiration?.reveal();
  return {
    ...storageNumbers(storage.vendor, storage.region),
    bucket: storage.bucket,
    accessKey: inputs.accessKey.reveal(),
    secretKey: inputs.secretKey.reveal(),
    ...optional({
      fileNamePrefix: storage.fileNamePrefix,
      stsToken: inputs.stsToken?.reveal(),
      stsExpiration: expiration === undefined ? undefined : Number(expiration),
      extensionParams: storage.extensionParams,
    }),
  };
}

const optional = (members: Readonly<Record<string, unknown>>): Body =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
