import type { AgoraAnswer } from '../agora/answer.ts';
import type { AgoraApi } from '../agora/api.ts';
import type { Clock } from '../core/clock.ts';
import type { Key, Resource } from '../core/resource.ts';
import { seconds } from '../core/time.ts';
import type { ResourceHost } from '../hosts/host.ts';
import type { Probe } from '../kinds/endpoint.ts';
import type { Evidence } from '../kinds/evidence.ts';
import type { AnyKind } from '../kinds/index.ts';
import type { ActionBase } from '../kinds/kind.ts';
import type { Lanes } from '../limits/lanes.ts';
import type { Ledger } from '../limits/ledger.ts';
import type { Logger } from '../observability/log.ts';
import { createAnswers } from './answers.ts';
import type { Process } from './context.ts';
import { Memory } from './memory.ts';
import { createNews } from './news.ts';
import { endOrphan } from './orphan.ts';
import { Pass, type PassEnd } from './pass.ts';
import type { PassParts } from './pass-parts.ts';
import { inTurn } from './turn.ts';
import { type Work, type WorkPriority, WorkQueue, type WorkQueueStats } from './workqueue.ts';

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
  /** Decisions a pass makes in one go, at least 1; past it other keys get their turn. Default 40. */
  readonly mostRounds?: number;
  readonly mayCall?: () => boolean;
  /** Told every answer, for metrics. */
  readonly counted?: (action: ActionBase, answer: AgoraAnswer) => void;
  /** Can an endpoint be reached (MP-22)? Absent where nobody can tell, as against a simulated cloud. */
  readonly probe?: Probe;
  /** How long running calls may go on after `signal` aborted; asked when it does. */
  readonly graceMs?: () => number;
}

export interface Engine {
  /** Works until `signal` aborts; then ends in order: running calls finish, or their intents are kept. */
  run(signal: AbortSignal): Promise<void>;
  readonly memory: Memory;
  /** `passes` began; `succeeded` and `failed` ended, the latter by a programmer error. */
  stats(): WorkQueueStats & { readonly passes: number; readonly succeeded: number; readonly failed: number };
  /** Keeps what was told of a resource and looks at it now. Nothing is kept of one that the host does not have. */
  tell(key: Key, evidence: Evidence): void;
  /** All resources are known: what is told now is told to whom it concerns. */
  hasListed(): boolean;
  /** Looks at a key now. */
  wake(key: Key, priority?: WorkPriority): void;
}

/** Timers ask `decide` again at least so often (design §5, step 7). */
const LONGEST_SLEEP_MS = seconds(60);
const RETRY_MS = seconds(5);
const WORKERS = 16;
const MOST_ROUNDS = 40;
const GRACE_MS = seconds(35);

/** Runs one pass per key at a time, as told by the host, the ledger, timers and what other passes saw. */
export function createEngine(options: EngineOptions): Engine {
  const { host, kinds, lanes, ledger, clock, process, log } = options;
  const memory = new Memory();
  const queue = new WorkQueue<Key>({ clock, failed });
  const stopping = new AbortController();
  const abandon = new AbortController();
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
        if (whom === 'members') for (const member of inTurn(memory.membersOf(project), host)) queue.add(member);
      }
    },
    counted: (action, answer) => options.counted?.(action, answer),
  });
  const news = createNews({ host, kinds, memory, queue, lanes, ledger, answers, now: () => clock.now() });
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
    ownWrite: news.ownWrite,
    mostRounds: options.mostRounds ?? MOST_ROUNDS,
    wake: (key) => queue.add(key),
    decided: news.looked,
    ...(options.probe === undefined ? {} : { probe: options.probe }),
    stopping: stopping.signal,
    abandon: abandon.signal,
  };

  function failed(key: Key, error: unknown): void {
    if (stopping.signal.aborted) return;
    news.looked(key);
    failures += 1;
    log.error({ resource: key, error }, 'the pass failed');
    queue.addAfter(key, RETRY_MS);
  }

  async function pass(key: Key, work: Work): Promise<void> {
    const resource = host.get(key);
    if (resource === undefined) {
      news.gone(key);
      return;
    }
    passes += 1;
    memory.index(resource);
    const end = await passOver(resource, work);
    succeeded += 1;
    if (end.again === 'now') queue.add(key);
    if (end.again === 'at') queue.addAfter(key, Math.min(Math.max(end.at - clock.now(), 0), LONGEST_SLEEP_MS), 'low');
  }

  async function passOver(resource: Resource, work: Work): Promise<PassEnd> {
    const kind = kinds[resource.kind];
    const run = new Pass(parts, kind, resource, work);
    try {
      return await run.run();
    } finally {
      if (run.orphan !== undefined) await endOrphan(parts, kind, run.orphan, work);
    }
  }

  function tell(key: Key, evidence: Evidence): void {
    const resource = host.get(key);
    if (resource === undefined) return;
    const kind = kinds[resource.kind];
    if (kind.told === undefined) return;
    const now = clock.now();
    const known = memory.observations.get(key) ?? kind.unseen(now);
    memory.observations.set(key, kind.told(resource as Resource<unknown, never>, known, evidence, now));
    if (evidence.source === 'page') memory.pageReported(resource, evidence.receivedAt);
    // Before the first list a declaration may be an old one; the list queues whatever is there.
    if (news.hasListed()) queue.add(key, 'high');
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
      const watching = host.run(news, hostStop.signal);
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
    tell,
    hasListed: news.hasListed,
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
