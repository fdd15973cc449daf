import type { Resource } from '../core/resource.ts';
import { Secret } from '../core/secret.ts';
import type { Context } from '../kinds/context.ts';
import { converterIn, wishedValues as converterValues, hashesOf } from '../kinds/converter/applied.ts';
import { changesTo, currentOf as currentConverter } from '../kinds/converter/changes.ts';
import { addressOf } from '../kinds/converter/desired.ts';
import { baseNameOf } from '../kinds/converter/name.ts';
import { createBody } from '../kinds/converter/request.ts';
import type { ConverterSpec, ConverterStatus, ConverterTask } from '../kinds/converter/types.ts';
import type { ProjectSpec } from '../kinds/project/types.ts';
import { hashes, changes as recordingChanges, wishedValues as recordingValues } from '../kinds/recording/changes.ts';
import { currentOf as currentRecording } from '../kinds/recording/current.ts';
import { resolveInputs } from '../kinds/recording/inputs.ts';
import type { RecordingSpec, RecordingStatus, RecordingTask } from '../kinds/recording/types.ts';

/** What a task that is made from a declaration has, and how it differs from the task that there is. */
export interface TaskValues {
  readonly values: Readonly<Record<string, unknown>>;
  readonly hashes: Readonly<Record<string, string>>;
  /** Paths whose values are behind Secrets that are not at hand: they are compared with nothing. */
  readonly unknown: readonly string[];
}

export interface TaskChange {
  readonly path: string;
  readonly how: 'update' | 'recreate';
  readonly why: string;
}

/** Keys that a storage Secret need not have: their absence is a value. */
const OPTIONAL_KEYS: readonly string[] = ['stsToken', 'stsExpiration'];
/** Stands for a value that is not at hand; its path is in `unknown`, so that nobody mistakes it for one. */
const placeholder = (): Secret => new Secret('rtmp://unknown.invalid/unknown');
const MISSING_PROJECT: Pick<ProjectSpec, 'compatibility'> = {
  compatibility: {
    idleTimeoutKey: 'idleTimeout',
    emptyAudioOptions: 'Object',
    sendConverterUser: false,
    storageInUpdate: 'WhenChanged',
  },
};

export function recordingTaskValues(
  resource: Resource<RecordingSpec, RecordingStatus>,
  context: Pick<Context, 'secret'>,
): TaskValues {
  const { spec } = resource;
  const missing = (reference: { readonly name: string; readonly key: string } | undefined): boolean =>
    reference !== undefined && context.secret(reference.name, reference.key) === undefined;
  const storage = spec.storage.credentialsSecretRef.name;
  const unknown = [
    ...(missing(spec.urlFrom?.secretKeyRef) ? ['url'] : []),
    ...(missing(spec.publish?.rtmpUrlFrom?.secretKeyRef) ? ['publish.rtmpUrl'] : []),
    ...(['accessKey', 'secretKey'].some((key) => missing({ name: storage, key })) ? ['storage.credentials'] : []),
  ];
  const resolved = resolveInputs(resource, {
    secret: (name, key) => context.secret(name, key) ?? (OPTIONAL_KEYS.includes(key) ? undefined : placeholder()),
  });
  // With placeholders nothing is missing; a spec without url is refused by validation.
  if (!resolved.ok) return { values: {}, hashes: {}, unknown };
  const values = recordingValues(resource, resolved.inputs, spec.desiredState === 'OnHold');
  return { values, hashes: hashes(resource, values), unknown };
}

export function converterTaskValues(
  resource: Resource<ConverterSpec, ConverterStatus>,
  context: Pick<Context, 'secret' | 'project'>,
): TaskValues {
  const { spec, metadata } = resource;
  const address = addressOf(resource, context);
  const { compatibility } = context.project?.spec ?? MISSING_PROJECT;
  const name = baseNameOf(resource);
  const body = createBody(spec, { name, rtmpUrl: address ?? placeholder() }, compatibility);
  const values = converterValues(spec, converterIn(body), { name, compatibility });
  return { values, hashes: hashesOf(metadata.uid, values), unknown: address === undefined ? ['rtmpUrl'] : [] };
}

/** The task that the resource lives by now, whose fields an edit would change; undefined where none has begun. */
export function liveTask(resource: Resource): RecordingTask | ConverterTask | undefined {
  if (resource.kind === 'RtmpConverter') return currentConverter(resource.status as ConverterStatus | undefined);
  if (resource.kind === 'AgoraProject' || resource.status === undefined) return undefined;
  const task = currentRecording(resource.status as RecordingStatus);
  return task?.phase === 'Acquired' ? undefined : task;
}

/** MP-25, B.6: what the live task has and the declaration does not ask for. */
export function taskChanges(
  resource: Resource,
  task: RecordingTask | ConverterTask,
  { hashes: wished, unknown }: TaskValues,
): readonly TaskChange[] {
  const known = Object.fromEntries(Object.entries(wished).filter(([path]) => !unknown.includes(path)));
  if (resource.kind === 'RtmpConverter') return changesTo(task, resource.spec as ConverterSpec, known);
  return recordingChanges(task, known).map(({ path, how }) => ({ path, how, why: RECORDING_WHY[how] }));
}

const RECORDING_WHY = {
  update: 'Agora’s update takes it',
  recreate: 'Agora’s update takes only onhold, the address of publish and the credentials of storage',
} as const;

/** Spec paths that feed a path of the task under another name. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  onhold: ['desiredState'],
  url: ['urlFrom'],
  rtmpUrl: ['rtmpUrlFrom'],
  'publish.rtmpUrl': ['publish.rtmpUrlFrom'],
  'storage.credentials': ['storage.credentialsSecretRef'],
  user: ['user'],
};

/** Does the task's path carry this path of the spec? */
export const carries = (taskPath: string, specPath: string): boolean =>
  [taskPath, ...(ALIASES[taskPath] ?? [])].some(
    (start) => specPath === start || specPath.startsWith(`${start}.`) || specPath.startsWith(`${start}[`),
  );
