import { keyedHash } from '../../core/hash.ts';
import type { Resource } from '../../core/resource.ts';
import type { Context } from '../context.ts';
import { reveal } from '../reference.ts';
import { isRestored } from '../task.ts';
import type { Inputs } from './inputs.ts';
import { cnameOf } from './name.ts';
import { resourceExpiredHour } from './request.ts';
import type { RecordingSpec, RecordingStatus, RecordingTask } from './types.ts';

/** What Agora's update takes (B.6); every other declared field re-creates. */
export const UPDATABLE = ['onhold', 'publish.rtmpUrl', 'storage.credentials'] as const;

export interface Change {
  readonly path: string;
  readonly how: 'update' | 'recreate';
}

/** Said by acquire: a start that repeats an earlier one cannot change them. */
export const ACQUIRED = ['cname', 'region', 'regionPolicy', 'resourceExpiredHour', 'excludeResourceIds'] as const;

/** Update path → the value wished for, a default of Agora's written out, so that declaring it changes nothing; what the controller adds by itself per attempt (uid, page token) is left out (design §4). */
export function wishedValues(
  resource: Resource<RecordingSpec, RecordingStatus>,
  inputs: Inputs,
  onHold: boolean,
): Readonly<Record<string, unknown>> {
  const { spec } = resource;
  const { credentialsSecretRef: _reference, ...storage } = spec.storage;
  const secret = (value: { reveal(): string } | undefined): string | undefined => value?.reveal();
  return {
    onhold: onHold,
    'publish.rtmpUrl': inputs.publishUrl === undefined ? undefined : reveal(inputs.publishUrl),
    'storage.credentials': [
      secret(inputs.accessKey),
      secret(inputs.secretKey),
      secret(inputs.stsToken),
      secret(inputs.stsExpiration),
    ],
    cname: cnameOf(resource),
    region: spec.region,
    regionPolicy: spec.regionPolicy,
    url: reveal(inputs.url),
    audioProfile: spec.audioProfile,
    videoWidth: spec.videoWidth,
    videoHeight: spec.videoHeight,
    videoBitrate: spec.videoBitrate,
    videoFps: spec.videoFps,
    maxRecordingHour: spec.maxRecordingHour,
    mobile: spec.mobile ?? false,
    maxVideoDuration: spec.maxVideoDuration ?? 120,
    readyTimeout: spec.readyTimeout ?? 0,
    avFileType: spec.avFileType,
    resourceExpiredHour: resourceExpiredHour(spec),
    apiVersion: spec.apiVersion,
    errorHandlePolicy: spec.errorHandlePolicy ?? 'error_abort',
    excludeResourceIds: spec.excludeResourceIds ?? [],
    // Its value is used once, at the start: rotating it interrupts nothing.
    tokenFrom: spec.tokenFrom,
    storage,
    // Whether and where the page finds its token; what else of the page's watch changes is told to it in place.
    'pageWatch.tokenIn': spec.pageWatch?.tokenIn,
    publish: inputs.publishUrl !== undefined,
  };
}

/** The `applied` map of a task that has exactly these values. */
export function hashes(
  resource: Resource<RecordingSpec, RecordingStatus>,
  values: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).map(([path, value]) => [path, hashOf(resource.metadata.uid, path, value)]),
  );
}

export const hashOf = (uid: string, path: string, value: unknown): string => keyedHash(uid, [path, value]);

/**
 * What the task has and the declaration does not ask for. An empty hash is an update whose outcome is open, so it counts
 * as a change; a path that an older controller did not know does not, unless nothing at all is known.
 */
export function changes(
  task: Pick<RecordingTask, 'applied'>,
  wished: Readonly<Record<string, string>>,
): readonly Change[] {
  return Object.keys(wished)
    .filter((path) => isRestored(task) || task.applied[path] !== undefined)
    .filter((path) => task.applied[path] !== wished[path])
    .map((path) => ({ path, how: (UPDATABLE as readonly string[]).includes(path) ? 'update' : 'recreate' }));
}

/** Tells whether what Agora refused has changed since: the declaration, a secret it names, or its project. */
export function inputsHash(
  resource: Resource<RecordingSpec, RecordingStatus>,
  wished: Readonly<Record<string, string>>,
  context: Context,
): string {
  const project = context.project;
  return keyedHash(resource.metadata.uid, [
    resource.metadata.generation,
    wished,
    project?.spec,
    project?.credentials?.customerId.reveal(),
    project?.credentials?.customerSecret.reveal(),
  ]);
}
