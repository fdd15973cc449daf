import type { AgoraCredentials } from '../agora/api.ts';
import type { Clock } from '../core/clock.ts';
import { sameData } from '../core/equal.ts';
import { type Key, keyOf, makeKey, type Resource } from '../core/resource.ts';
import type { Instant } from '../core/time.ts';
import type { ResourceHost } from '../hosts/host.ts';
import { type Context, HEALTHY, type IngressView, NO_PAGES, NO_SWEEP, type ProjectView } from '../kinds/context.ts';
import type { ProjectSpec, ProjectStatus } from '../kinds/project/types.ts';
import type { Memory } from './memory.ts';

export interface Process {
  /** Unique to this process: whose intents are whose. */
  readonly holder: string;
  readonly startedAt: Instant;
  readonly startedMonotonic: number;
  /** Whether it listens for notices and page reports. */
  readonly ingress?: IngressView;
}

/** Puts together what a pass may read besides its resource. Reads the host's local store and the engine's memory only. */
export function contextOf(
  resource: Resource,
  parts: { readonly host: ResourceHost; readonly memory: Memory; readonly clock: Clock; readonly process: Process },
): Context {
  const { host, memory, clock, process } = parts;
  const { namespace } = resource.metadata;
  const project =
    resource.kind === 'AgoraProject' ? (resource as Resource<ProjectSpec, ProjectStatus>) : projectOf(resource, host);
  const appId = project?.spec.appId;
  const isProject = resource.kind === 'AgoraProject';
  const key = keyOf(resource);
  return {
    project: project === undefined ? undefined : viewOf(project, host, memory),
    secret: (name, secretKey) => host.secret(namespace, name, secretKey),
    health: appId === undefined ? { recording: HEALTHY, converter: HEALTHY } : memory.health(appId),
    sweep: appId === undefined ? NO_SWEEP : memory.sweep(appId),
    ownerOf: (converterId) => memory.ownerOf(converterId, key),
    pages: project === undefined || !asksForPages(resource) ? NO_PAGES : memory.pagesOf(keyOf(project), key),
    ...(process.ingress === undefined ? {} : { ingress: process.ingress }),
    members: isProject ? [...memory.membersOf(key)].flatMap((member) => membersBy(member, host, memory)) : [],
    rivals: isProject && appId !== undefined ? rivals(resource as Resource<ProjectSpec>, host, memory) : [],
    process: {
      holder: process.holder,
      startedAt: process.startedAt,
      steadyNow: process.startedAt + (clock.monotonic() - process.startedMonotonic),
    },
  };
}

/** One of this name, and an earlier one that the host has let go of while a call of it is under way. */
function membersBy(key: Key, host: ResourceHost, memory: Memory): readonly Resource[] {
  const present = host.get(key);
  const underway = memory.underway.get(key);
  if (present === undefined) return underway === undefined ? [] : [underway];
  return underway === undefined || underway.metadata.uid === present.metadata.uid ? [present] : [underway, present];
}

/** Of the others nobody's page matters. */
const asksForPages = ({ kind, spec }: Resource): boolean =>
  kind === 'AgoraProject' || (spec as { readonly pageWatch?: unknown }).pageWatch !== undefined;

function projectOf(resource: Resource, host: ResourceHost): Resource<ProjectSpec, ProjectStatus> | undefined {
  const { projectRef } = resource.spec as { readonly projectRef: { readonly name: string } };
  const project = host.get(makeKey('AgoraProject', resource.metadata.namespace, projectRef.name));
  return project as Resource<ProjectSpec, ProjectStatus> | undefined;
}

function viewOf(project: Resource<ProjectSpec, ProjectStatus>, host: ResourceHost, memory: Memory): ProjectView {
  const credentials = memory.credentials(keyOf(project), credentialsOf(project, host));
  return { resource: project, appId: project.spec.appId, spec: project.spec, credentials };
}

export function credentialsOf(
  project: Resource<ProjectSpec>,
  host: Pick<ResourceHost, 'secret'>,
): AgoraCredentials | undefined {
  const { namespace } = project.metadata;
  const { name } = project.spec.credentialsSecretRef;
  const customerId = host.secret(namespace, name, 'customerId');
  const customerSecret = host.secret(namespace, name, 'customerSecret');
  return customerId === undefined || customerSecret === undefined ? undefined : { customerId, customerSecret };
}

function rivals(project: Resource<ProjectSpec>, host: ResourceHost, memory: Memory): Context['rivals'] {
  const own = keyOf(project);
  return memory.projectsWith(project.spec.appId).filter((key) => {
    const other = key === own ? undefined : (host.get(key) as Resource<ProjectSpec> | undefined);
    return other !== undefined && !sameData(other.spec.limits, project.spec.limits);
  });
}
