import type { AgoraCredentials } from '../agora/api.ts';
import { type Key, keyOf, makeKey, type Resource } from '../core/resource.ts';
import type { Instant } from '../core/time.ts';
import { HEALTHY, NO_SWEEP, type PagesSeen, type ServiceHealth, type Sweep } from '../kinds/context.ts';
import type { ProjectSpec } from '../kinds/project/types.ts';
import { type TaskBase, type TaskStatus, tasksOf } from '../kinds/task.ts';
import type { Service } from '../limits/slot.ts';
import { Pages } from './pages.ts';

type Healths = Readonly<Record<Service, ServiceHealth>>;

/** What the last pass of a key came to, for `explain` and the live table. */
export interface LastStep {
  readonly at: Instant;
  readonly do: 'call' | 'wait' | 'rest' | 'release' | 'refused';
  readonly until?: Instant;
  readonly action?: string;
}

/**
 * Everything the engine remembers and may forget: observations, the API's health, sweeps, indexes. A restart begins with
 * none of it (design §2).
 */
export class Memory {
  readonly observations = new Map<Key, unknown>();
  readonly steps = new Map<Key, LastStep>();
  /**
   * Resources in whose name a call with an intent is under way. They count as members of their project until their pass has ended,
   * even where the host has let go of them meanwhile.
   */
  readonly underway = new Map<Key, Resource>();
  /** When the ledger last refused a key. */
  readonly refusedAt = new Map<Key, Instant>();
  readonly #uids = new Map<Key, string>();
  readonly #health = new Map<string, Healths>();
  readonly #sweeps = new Map<string, Sweep>();
  readonly #credentials = new Map<Key, AgoraCredentials>();
  readonly #members = new Map<Key, Set<Key>>();
  readonly #projectOf = new Map<Key, Key>();
  readonly #appIdOf = new Map<Key, string>();
  readonly #converterIds = new Map<string, Key>();
  readonly #idsOf = new Map<Key, readonly string[]>();
  readonly #pages = new Pages();

  health(appId: string): Healths {
    return this.#health.get(appId) ?? { recording: HEALTHY, converter: HEALTHY };
  }

  setHealth(appId: string, service: Service, health: ServiceHealth): void {
    this.#health.set(appId, { ...this.health(appId), [service]: health });
  }

  sweep(appId: string): Sweep {
    return this.#sweeps.get(appId) ?? NO_SWEEP;
  }

  setSweep(appId: string, sweep: Sweep): void {
    this.#sweeps.set(appId, sweep);
  }

  /** The credentials of a project, or those last used where its Secret is gone, for what must still be stopped (design §5.7). */
  credentials(project: Key, resolved: AgoraCredentials | undefined): AgoraCredentials | undefined {
    if (resolved !== undefined) this.#credentials.set(project, resolved);
    return resolved ?? this.#credentials.get(project);
  }

  membersOf(project: Key): ReadonlySet<Key> {
    return this.#members.get(project) ?? new Set();
  }

  /** The resource, other than `key`, in whose status a converter id stands. */
  ownerOf(converterId: string, key: Key): Key | undefined {
    const owner = this.#converterIds.get(converterId.toLowerCase());
    return owner === key ? undefined : owner;
  }

  pageReported(resource: Resource, at: Instant): void {
    this.#pages.reported(resource, at);
  }

  /** What the pages of a project's members tell; `besides` is left out. */
  pagesOf(project: Key, besides: Key): PagesSeen {
    return this.#pages.seen(this.membersOf(project), besides);
  }

  projectsWith(appId: string): readonly Key[] {
    return [...this.#appIdOf].filter(([, id]) => id === appId).map(([key]) => key);
  }

  /**
   * Keeps the indexes in line with a resource as the host has it, or as it was just written; true where what changed
   * concerns its project. What was seen of an earlier one of its name is forgotten: nobody need have told that it went.
   */
  index(resource: Resource): boolean {
    const key = keyOf(resource);
    const { uid } = resource.metadata;
    if ((this.#uids.get(key) ?? uid) !== uid) this.forget(key);
    this.#uids.set(key, uid);
    if (resource.kind === 'AgoraProject') {
      this.#appIdOf.set(key, (resource.spec as ProjectSpec).appId);
      return false;
    }
    const { projectRef } = resource.spec as { readonly projectRef: { readonly name: string } };
    const project = makeKey('AgoraProject', resource.metadata.namespace, projectRef.name);
    if (this.#projectOf.get(key) !== project) {
      this.#leave(key);
      this.#projectOf.set(key, project);
      const members = this.#members.get(project) ?? new Set();
      this.#members.set(project, members.add(key));
    }
    this.#indexConverters(key, resource);
    return this.#pages.index(resource);
  }

  forget(key: Key): void {
    this.#uids.delete(key);
    this.observations.delete(key);
    this.steps.delete(key);
    this.refusedAt.delete(key);
    this.#pages.forget(key);
    this.#leave(key);
    this.#appIdOf.delete(key);
    for (const id of this.#idsOf.get(key) ?? []) if (this.#converterIds.get(id) === key) this.#converterIds.delete(id);
    this.#idsOf.delete(key);
  }

  projectOf(key: Key): Key | undefined {
    return this.#projectOf.get(key);
  }

  #leave(key: Key): void {
    const project = this.#projectOf.get(key);
    if (project === undefined) return;
    this.#members.get(project)?.delete(key);
    this.#projectOf.delete(key);
  }

  #indexConverters(key: Key, resource: Resource): void {
    if (resource.kind !== 'RtmpConverter') return;
    const tasks = tasksOf(resource.status as TaskStatus<TaskBase & { readonly converterId?: string }> | undefined);
    const ids = tasks.flatMap((task) => (task.converterId === undefined ? [] : [task.converterId.toLowerCase()]));
    for (const id of this.#idsOf.get(key) ?? [])
      if (!ids.includes(id) && this.#converterIds.get(id) === key) this.#converterIds.delete(id);
    // The first to list an id keeps it: the later one is told of the conflict (design §5.4).
    for (const id of ids) if (!this.#converterIds.has(id)) this.#converterIds.set(id, key);
    if (ids.length > 0) this.#idsOf.set(key, ids);
    else this.#idsOf.delete(key);
  }
}
