import type { Clock } from '../core/clock.ts';
import { seconds } from '../core/time.ts';
import type { KubernetesHost } from '../hosts/kubernetes/host.ts';
import type { Elector } from '../hosts/kubernetes/lease.ts';
import type { CheckResult } from '../observability/checks.ts';
import type { Runtime } from './runtime.ts';

export interface ReplicaOptions {
  readonly host: KubernetesHost;
  /** Absent: there is no other, and it leads at once. */
  readonly elector: Elector | undefined;
  /** The machine's: the cluster knows no other. */
  readonly clock: Clock;
  /** Called once, when it has become the leader: what counts from the start of a process counts from then. */
  readonly open: () => Runtime;
}

export interface Replica {
  /** Of the leader. */
  runtime(): Runtime | undefined;
  leads(): boolean;
  hasLost(): boolean;
  /** What readiness is made of. */
  checks(): readonly CheckResult[];
  /**
   * Stands by with a full cache, leads when it is elected, and ends in order when `signal` aborts: running calls end, then
   * the lease is given back. `lost`: somebody else leads now, so the process has to end.
   */
  run(signal: AbortSignal): Promise<'ended' | 'lost'>;
}

/** What is still on its way when the lease is lost has so long to be written. */
const LAST_WRITES_MS = seconds(2);

export function createReplica({ host, elector, clock, open }: ReplicaOptions): Replica {
  let runtime: Runtime | undefined;
  let lost = false;

  async function lead(
    signal: AbortSignal,
    broken: Promise<never>,
    deposed: Promise<'lost'>,
  ): Promise<'ended' | 'lost'> {
    const work = new AbortController();
    const abort = (): void => work.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    runtime = open();
    const working = runtime.engine.run(work.signal);
    try {
      const end = await Promise.race([working.then(() => 'ended' as const), deposed, broken]);
      if (end === 'ended') return end;
      lost = true;
      work.abort(new Error('the lease was lost'));
      const done = new AbortController();
      await Promise.race([working, clock.sleep(LAST_WRITES_MS, done.signal).catch(() => undefined)]);
      done.abort();
      // What still waits for the API server waits in vain.
      await host.close();
      return end;
    } finally {
      signal.removeEventListener('abort', abort);
      work.abort();
      await working;
    }
  }

  return {
    runtime: () => runtime,
    leads: () => (elector === undefined ? runtime !== undefined : elector.isLeader()),
    hasLost: () => lost,
    checks: () => [
      ...host.health(),
      ...(elector === undefined ? [] : [{ name: 'leader-election', ...elector.health() }]),
    ],
    async run(signal) {
      const watchEnd = new AbortController();
      const candidacy = new AbortController();
      const watching = host.watch(watchEnd.signal);
      const election = elector?.run(candidacy.signal);
      const broken = watching.then(() => new Promise<never>(() => undefined));
      const deposed = (election ?? never()).then((end) => (end === 'lost' ? end : never()));
      try {
        await Promise.race([elector?.leading, aborted(signal), broken]);
        return signal.aborted ? 'ended' : await lead(signal, broken, deposed);
      } finally {
        candidacy.abort();
        await election;
        watchEnd.abort();
        await watching;
      }
    },
  };
}

const never = (): Promise<never> => new Promise(() => undefined);

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
