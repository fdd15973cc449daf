import { sameData } from '../core/equal.ts';
import { deletionRequested, type Key, KIND_NAMES, keyOf, type Resource, splitKey } from '../core/resource.ts';
import type { HostListener, ResourceHost, WriteResult } from '../hosts/host.ts';
import { isUnresolved } from '../kinds/converter/held.ts';
import type { ConverterStatus } from '../kinds/converter/types.ts';
import { endsOf } from '../kinds/ends.ts';
import type { AnyKind } from '../kinds/index.ts';
import type { ProjectSpec, ProjectStatus } from '../kinds/project/types.ts';
import type { Lanes } from '../limits/lanes.ts';
import type { Ledger } from '../limits/ledger.ts';
import type { Answers } from './answers.ts';
import { credentialsOf } from './context.ts';
import type { Memory } from './memory.ts';
import { recentlyCalled } from './recent-calls.ts';
import { inTurn } from './turn.ts';
import type { WorkQueue } from './workqueue.ts';

export interface NewsParts {
  readonly host: ResourceHost;
  readonly kinds: Readonly<Record<Resource['kind'], AnyKind>>;
  readonly memory: Memory;
  readonly queue: WorkQueue<Key>;
  readonly lanes: Lanes;
  readonly ledger: Ledger;
  readonly answers: Answers;
  /** The wall clock. */
  readonly now: () => number;
}

/** What became of resources: told by the host, or written by ourselves. Keeps indexes and ledger true, and queues whom it concerns. */
export interface News extends HostListener {
  /** The host has listed all that there is. */
  hasListed(): boolean;
  /** The host has no such resource any more. */
  gone(key: Key): void;
  /** A write of ours. The host tells it like any change; only what is newer than it is worth another pass. */
  ownWrite<Result extends WriteResult>(key: Key, write: () => Promise<Result>): Promise<Result>;
  /** A key has been looked at: claims are granted when all of the first list have asked, so that priority and age decide (design §6). */
  looked(key: Key): void;
}

export function createNews({ host, kinds, memory, queue, lanes, ledger, answers, now }: NewsParts): News {
  /** Keys that we write now, and whether the host told of a change meanwhile. */
  const writing = new Map<Key, { told: boolean }>();
  /** Keys of the first list that were not looked at yet: until they were, nothing is granted. */
  const unseen = new Set<Key>();
  /** What of a project concerns its members. */
  const projectDigests = new Map<Key, unknown>();
  let synced = false;

  function looked(key: Key): void {
    // When their passes have ended, so that they ask again in the order in which they are woken.
    if (unseen.delete(key) && synced && unseen.size === 0) setImmediate(() => ledger.ready());
  }

  function gone(key: Key): void {
    looked(key);
    ledger.remove(key);
    const project = memory.projectOf(key);
    if (splitKey(key).kind === 'AgoraProject') for (const member of memory.membersOf(key)) queue.add(member);
    memory.forget(key);
    projectDigests.delete(key);
    if (project !== undefined) queue.add(project);
  }

  /** An edit, a deletion, somebody else's write, or the echo of ours. */
  function changed(key: Key): void {
    const resource = host.get(key);
    if (resource === undefined) {
      queue.add(key);
      return;
    }
    const own = writing.get(key);
    if (own !== undefined) {
      // Mostly our own write, which is mirrored when it is done; what is not is looked at then.
      own.told = true;
      return;
    }
    mirror(key, resource);
    if (deletionRequested(resource)) {
      lanes.cancel(key);
      const project = memory.projectOf(key);
      if (project !== undefined) queue.add(project);
    }
    if (!synced) unseen.add(key);
    queue.add(key, deletionRequested(resource) ? 'critical' : synced ? 'high' : 'idle');
  }

  /** Indexes and ledger as the resource says, and as its project says to its members. */
  function mirror(key: Key, resource: Resource): void {
    const project = memory.index(resource) ? memory.projectOf(key) : undefined;
    if (project !== undefined) queue.add(project);
    ledger.set(key, kinds[resource.kind].held(resource as Resource<unknown, never>), endsOf(resource));
    if (resource.kind === 'AgoraProject') projectChanged(key, resource as Resource<ProjectSpec, ProjectStatus>);
  }

  function projectChanged(key: Key, project: Resource<ProjectSpec, ProjectStatus>): void {
    const digest = [project.spec, project.status?.leftBehind, deletionRequested(project)];
    if (sameData(projectDigests.get(key), digest)) return;
    projectDigests.set(key, digest);
    ledger.limitsChanged(project.spec.appId);
    for (const other of memory.projectsWith(project.spec.appId)) queue.add(other);
    for (const member of inTurn(memory.membersOf(key), host)) queue.add(member);
  }

  async function ownWrite<Result extends WriteResult>(key: Key, write: () => Promise<Result>): Promise<Result> {
    const own = { told: false };
    writing.set(key, own);
    let version: string | undefined;
    try {
      const result = await write();
      if (result.result === 'written') {
        version = result.resource.metadata.resourceVersion;
        written(result.resource);
      }
      return result;
    } finally {
      writing.delete(key);
      if (own.told && host.get(key)?.metadata.resourceVersion !== version) changed(key);
    }
  }

  /** The project sweeps sooner for a create whose outcome is open. */
  function written(resource: Resource): void {
    const key = keyOf(resource);
    mirror(key, resource);
    const unresolved =
      resource.kind === 'RtmpConverter' && isUnresolved(resource.status as ConverterStatus | undefined);
    const project = memory.projectOf(key);
    if (project !== undefined && (unresolved || deletionRequested(resource))) queue.add(project);
  }

  function secretChanged(namespace: string, name: string): void {
    const keys: Key[] = [];
    for (const kind of KIND_NAMES) {
      for (const resource of host.list(kind)) {
        if (resource.metadata.namespace !== namespace) continue;
        if (resource.kind === 'AgoraProject') {
          const project = resource as Resource<ProjectSpec>;
          const usable = project.spec.credentialsSecretRef.name === name && credentialsOf(project, host) !== undefined;
          if (usable) answers.credentialsChanged(project.spec.appId);
        }
        keys.push(keyOf(resource));
      }
    }
    for (const key of inTurn(keys, host)) queue.add(key);
  }

  return {
    changed,
    secretChanged,
    synced() {
      synced = true;
      for (const appId of recentlyCalled(host, now())) lanes.quiet(appId);
      if (unseen.size === 0) ledger.ready();
    },
    hasListed: () => synced,
    gone,
    ownWrite,
    looked,
  };
}
