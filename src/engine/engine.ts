import type { AgoraAnswer } from '../agora/answer.ts';
import type { AgoraApi } from '../agora/api.ts';
import type { Clock } from '../core/clock.ts';
import { sameData } from '../core/equal.ts';
import { deletionRequested, type Key, KIND_NAMES, keyOf, type Resource, splitKey } from '../core/resource.ts';
import { instant, minutes, seconds } from '../core/time.ts';
import type { ResourceHost, WriteResult } from '../hosts/host.ts';
import { isUnresolved } from '../kinds/converter/held.ts';
import type { ConverterStatus } from '../kinds/converter/types.ts';
import { endsOf } from '../kinds/ends.ts';
import type { AnyKind } from '../kinds/index.ts';
import type { ActionBase } from '../kinds/kind.ts';
import type { ProjectSpec, ProjectStatus } from '../kinds/project/types.ts';
import { type TaskStatus, tasksOf } from '../kinds/task.ts';
import type { Lanes } from '../limits/lanes.ts';
import type { Ledger } from '../limits/ledger.ts';
import type { Logger } from '../observability/log.ts';
import { createAnswers } from './answers.ts';
import { credentialsOf, type Process } from './context.ts';
import { Memory } from './memory.ts';
import { Pass, type PassParts } from './pass.ts';
import { type WorkPriority, WorkQueue, type WorkQueueStats } from './workqueue.ts';

export interface EngineOptions {
  readonly host: ResourceHost;
  readonly kinds: Readonly<Record<Resource['kind'], AnyKind>>;
  readonly api: AgoraApi;
  readonly lanes: Lanes;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly process: Process;
  readonly log: Logger;
  readonly requestId: () => string;
  readonly workers?: number;
  readonly mayCall?: () => boolean;
  /** Told every answer, for metrics. */
  readonly counted?: (action: ActionBase, answer: AgoraAnswer) => void;
  /** Does a host's name resolve (MP-22)? Absent where nobody can tell, as against a simulated cloud. */
  readonly resolves?: (host: string) => Promise<boolean>;
  /** How long running calls may go on after `signal` aborted; asked when it does. */
  readonly graceMs?: () => number;
}

export interface Engine {
  /** Works until `signal` aborts; then ends in order: running calls finish, or their intents are kept. */
  run(signal: AbortSignal): Promise<void>;
  readonly memory: Memory;
  /** `passes` began; `succeeded` and `failed` ended, the latter by a programmer error. */
  stats(): WorkQueueStats & { readonly passes: number; readonly succeeded: number; readonly failed: number };
  /** Looks at a key now. */
  wake(key: Key, priority?: WorkPriority): void;
}

/** Timers ask `decide` again at least so often (design §5, step 7). */
const LONGEST_SLEEP_MS = seconds(60);
const RETRY_MS = seconds(5);
const WORKERS = 16;
const GRACE_MS = seconds(35);

/** Runs one pass per key at a time, as told by the host, the ledger, timers and what other passes saw. */
export function createEngine(options: EngineOptions): Engine {
  const { host, kinds, lanes, ledger, clock, process, log } = options;
  const memory = new Memory();
  const queue = new WorkQueue<Key>({ clock, failed });
  const stopping = new AbortController();
  const abandon = new AbortController();
  let synced = false;
  let passes = 0;
  let succeeded = 0;
  let failures = 0;

  const answers = createAnswers({
    memory,
    ledger,
    lanes,
    clock,
    wakeAppId: (appId, whom) => {
      for (const project of memory.projectsWith(appId)) {
        queue.add(project);
        if (whom === 'members') for (const member of memory.membersOf(project)) queue.add(member);
      }
    },
    counted: (action, answer) => options.counted?.(action, answer),
  });
  const parts: PassParts = {
    host,
    api: options.api,
    lanes,
    ledger,
    memory,
    clock,
    process,
    answers,
    log,
    requestId: options.requestId,
    mayCall: options.mayCall ?? (() => true),
    ownWrite,
    wake: (key) => queue.add(key),
    decided: looked,
    ...(options.resolves === undefined ? {} : { resolves: options.resolves }),
    stopping: stopping.signal,
    abandon: abandon.signal,
  };
  /** Keys that we write now, and whether the host told of a change meanwhile. */
  const writing = new Map<Key, { told: boolean }>();
  /** Keys of the first list that were not looked at yet: until they were, nothing is granted. */
  const unseen = new Set<Key>();
  /** What of a project concerns its members. */
  const projectDigests = new Map<Key, unknown>();

  function failed(key: Key, error: unknown): void {
    if (stopping.signal.aborted) return;
    looked(key);
    failures += 1;
    log.error({ resource: key, error }, 'the pass failed');
    queue.addAfter(key, RETRY_MS);
  }

  async function pass(key: Key, work: ConstructorParameters<typeof Pass>[3]): Promise<void> {
    const resource = host.get(key);
    if (resource === undefined) {
      gone(key);
      return;
    }
    passes += 1;
    memory.index(resource);
    const end = await new Pass(parts, kinds[resource.kind], resource, work).run();
    succeeded += 1;
    if (end.again === 'now') queue.add(key);
    if (end.again === 'at') queue.addAfter(key, Math.min(Math.max(end.at - clock.now(), 0), LONGEST_SLEEP_MS), 'low');
  }

  /** Claims are granted when all of the first list have asked, so that priority and age decide (design §6). */
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

  /** The host says that a key changed: an edit, a deletion, somebody else's write, or the echo of ours. */
  function changed(key: Key): void {
    const resource = host.get(key);
    if (resource === undefined) {
      queue.add(key);
      return;
    }
    memory.index(resource);
    ledger.set(key, kinds[resource.kind].held(resource as Resource<unknown, never>), endsOf(resource));
    if (resource.kind === 'AgoraProject') projectChanged(key, resource as Resource<ProjectSpec, ProjectStatus>);
    const own = writing.get(key);
    if (own !== undefined) {
      own.told = true;
      return;
    }
    if (deletionRequested(resource)) {
      lanes.cancel(key);
      const project = memory.projectOf(key);
      if (project !== undefined) queue.add(project);
    }
    if (!synced) unseen.add(key);
    queue.add(key, deletionRequested(resource) ? 'critical' : synced ? 'high' : 'idle');
  }

  function projectChanged(key: Key, project: Resource<ProjectSpec, ProjectStatus>): void {
    const digest = [project.spec, project.status?.leftBehind, deletionRequested(project)];
    if (sameData(projectDigests.get(key), digest)) return;
    projectDigests.set(key, digest);
    ledger.limitsChanged(project.spec.appId);
    for (const other of memory.projectsWith(project.spec.appId)) queue.add(other);
    for (const member of memory.membersOf(key)) queue.add(member);
  }

  /** A write of ours. The host tells it like any change; only what is newer than it is worth another pass. */
  async function ownWrite(key: Key, write: () => Promise<WriteResult>): Promise<WriteResult> {
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

  /** The ledger mirrors what we wrote, and the project sweeps sooner for a create whose outcome is open. */
  function written(resource: Resource): void {
    const key = keyOf(resource);
    memory.index(resource);
    ledger.set(key, kinds[resource.kind].held(resource as Resource<unknown, never>), endsOf(resource));
    if (resource.kind === 'AgoraProject') projectChanged(key, resource as Resource<ProjectSpec, ProjectStatus>);
    const unresolved =
      resource.kind === 'RtmpConverter' && isUnresolved(resource.status as ConverterStatus | undefined);
    const project = memory.projectOf(key);
    if (project !== undefined && (unresolved || deletionRequested(resource))) queue.add(project);
  }

  function secretChanged(namespace: string, name: string): void {
    for (const kind of KIND_NAMES) {
      for (const resource of host.list(kind)) {
        if (resource.metadata.namespace !== namespace) continue;
        if (resource.kind === 'AgoraProject') {
          const { spec } = resource as Resource<ProjectSpec>;
          const usable =
            spec.credentialsSecretRef.name === name &&
            credentialsOf(resource as Resource<ProjectSpec>, host) !== undefined;
          if (usable) answers.credentialsChanged(spec.appId);
        }
        queue.add(keyOf(resource));
      }
    }
  }

  function onSynced(): void {
    synced = true;
    for (const appId of recentlyCalled()) lanes.quiet(appId);
    if (unseen.size === 0) ledger.ready();
  }

  /** App IDs under which a status shows a call so young that it may stand in the same window as our first (design §6). */
  function recentlyCalled(): ReadonlySet<string> {
    const appIds = new Set<string>();
    for (const kind of KIND_NAMES) {
      for (const resource of host.list(kind)) {
        for (const task of tasksOf(resource.status as TaskStatus | undefined)) {
          const last = Math.max(
            instant(task.intent?.at) ?? 0,
            instant(task.failures?.lastAt) ?? 0,
            instant(task.startedAt) ?? 0,
          );
          if (last > clock.now() - minutes(1)) appIds.add(task.appId);
        }
      }
    }
    return appIds;
  }

  return {
    memory,
    async run(signal) {
      const stop = (): void => stopping.abort(signal.reason);
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
      const unwake = ledger.onWake((keys) => {
        for (const key of keys) queue.add(key, 'high');
      });
      // The host outlives the last pass, which may still have an answer to write.
      const hostStop = new AbortController();
      const watching = host.run({ changed, secretChanged, synced: onSynced }, hostStop.signal);
      // One that ends by an error ends the engine: it must not work on blindly.
      watching.catch((error: unknown) => stopping.abort(error));
      const grace = graceful(stopping.signal);
      try {
        await queue.run(options.workers ?? WORKERS, pass, stopping.signal);
      } finally {
        grace.abort();
        unwake();
        lanes.close();
        hostStop.abort();
      }
      await watching;
    },
    stats: () => ({ ...queue.stats(), passes, succeeded, failed: failures }),
    wake: (key, priority = 'high') => queue.add(key, priority),
  };

  /** Breaks running calls off when the grace period after the stop is over; their intents are kept. */
  function graceful(signal: AbortSignal): AbortController {
    const done = new AbortController();
    signal.addEventListener(
      'abort',
      () => {
        clock.sleep(options.graceMs?.() ?? GRACE_MS, done.signal).then(
          () => abandon.abort(new Error('the grace period is over')),
          () => undefined,
        );
      },
      { once: true },
    );
    return done;
  }
}
