import { findCondition } from '../core/conditions.ts';
import type { Resource, StatusBase } from '../core/resource.ts';
import type { Timestamp } from '../core/time.ts';
import { type TaskStatus, tasksOf } from '../kinds/task.ts';
import { handlesOf } from './handles.ts';
import { type Scrub, withoutKeys, withScrubbedTexts } from './redact.ts';

/** A line of `get`: the printer columns of the CRDs. */
export interface Row {
  readonly ready: string;
  readonly status: string;
  /** Of a project its location. */
  readonly region: string;
  readonly class: string;
  readonly queue: string;
  readonly restarts: string;
  readonly createdAt: Timestamp;
  /** `-o wide`. */
  readonly wide: readonly string[];
}

export function rowOf(resource: Resource): Row {
  const status = resource.status as (TaskStatus & StatusBase) | undefined;
  const ready = findCondition(status?.conditions, 'Ready');
  const { region, location } = resource.spec as { readonly region?: string; readonly location?: string };
  const deleting = resource.metadata.deletionTimestamp !== undefined;
  return {
    ready: ready?.status ?? 'Unknown',
    status: deleting && ready?.reason !== 'Stopping' ? 'Deleting' : (ready?.reason ?? 'Pending'),
    region: region ?? location ?? '',
    class: status?.resolutionClass ?? '',
    queue: status?.queue === undefined ? '' : String(status.queue.position),
    restarts: status?.restarts === undefined ? '0' : String(status.restarts.count),
    createdAt: resource.metadata.creationTimestamp,
    wide: wideOf(resource, status),
  };
}

function wideOf(resource: Resource, status: TaskStatus | undefined): readonly string[] {
  if (resource.kind === 'AgoraProject') {
    const { appId } = resource.spec as { readonly appId: string };
    return [findCondition(status?.conditions, 'ApiReachable')?.status ?? '', appId];
  }
  const tasks = tasksOf(status);
  const shown = tasks.find(({ phase }) => phase === 'Running') ?? tasks.at(-1);
  const handles = shown === undefined ? {} : handlesOf(shown);
  return resource.kind === 'WebPageRecording'
    ? [handles['sid'] ?? '', handles['resourceId'] ?? '']
    : [handles['name'] ?? '', handles['converterId'] ?? ''];
}

const APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The resource for `-o json` and `-o yaml`: addresses keep scheme and host only, and no copy of the declaration stays. */
export function shownResource(resource: Resource, scrub: Scrub): Resource {
  const { annotations = {}, ...metadata } = resource.metadata;
  const { [APPLIED]: _applied, ...kept } = annotations;
  const shown = {
    ...resource,
    metadata: { ...metadata, ...(Object.keys(kept).length === 0 ? {} : { annotations: kept }) },
    spec: withoutKeys(resource.spec),
  };
  if (resource.status === undefined) return shown;
  return { ...shown, status: withScrubbedTexts(resource.status, scrub) };
}
