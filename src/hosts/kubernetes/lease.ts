import type { Clock } from '../../core/clock.ts';
import { API_GROUP } from '../../core/resource.ts';
import { seconds } from '../../core/time.ts';
import type { Logger } from '../../observability/log.ts';
import type { Api } from './api.ts';
import { ApiError, member } from './api-error.ts';
import { microTime } from './event-writer.ts';

export interface ElectorOptions {
  readonly api: Api;
  /** Of the Lease. */
  readonly namespace: string;
  readonly name: string;
  /** Of this process; no two may share it. */
  readonly identity: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly timing?: Partial<LeaseTiming>;
  /** What the Lease says of this process while it leads; asked at each write. */
  readonly annotations?: () => Readonly<Record<string, string>>;
}

/** As controller-runtime has them. */
export interface LeaseTiming {
  /** How long a lease holds after its last renewal. Another takes it that long after it saw it renewed last. */
  readonly leaseMs: number;
  /** A leader that could not renew for so long gives up. */
  readonly renewMs: number;
  /** Between two attempts. */
  readonly retryMs: number;
}

/** Whoever cannot give the lease back lets it run out. */
const RELEASE_TRIES = 3;

const TIMING: LeaseTiming = { leaseMs: seconds(15), renewMs: seconds(10), retryMs: seconds(2) };

export interface Elector {
  /**
   * Stands for election until `signal` aborts; a leader then gives the lease back. `lost`: it was the leader and is no
   * more; whatever it still does, another may be doing as well, so the process must end.
   */
  run(signal: AbortSignal): Promise<'released' | 'lost'>;
  /** Resolves when this process has become the leader. */
  readonly leading: Promise<void>;
  isLeader(): boolean;
  /** Of the Lease as it was last seen, where another leads. */
  leaderAnnotations(): Readonly<Record<string, string>>;
  /**
   * The fence before a mutating call: is the lease ours, and will it be for `ms` more? By default until the moment at which
   * renewing is given up, so that an event loop that stood still finds out before it calls (ADR 0019).
   */
  mayCall(ms?: number): boolean;
  health(): { readonly ok: boolean; readonly message: string };
}

interface Held {
  readonly version: string | undefined;
  readonly holder: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: Readonly<Record<string, unknown>>;
}

export function createElector(options: ElectorOptions): Elector {
  const { api, clock, identity, namespace, name, log, random } = options;
  const { leaseMs, renewMs, retryMs } = { ...TIMING, ...options.timing };
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
  const became = Promise.withResolvers<void>();
  /** Monotonic; until then nobody else takes the lease. Counted from before the request that renewed it was sent. */
  let heldUntil = Number.NEGATIVE_INFINITY;
  let leader = false;
  let own: Held | undefined;
  let seen: { readonly record: string; readonly at: number; readonly held: Held } | undefined;
  let trouble: string | undefined;
  let answeredAt = clock.monotonic();

  const write = async (before: Held | undefined, holder: string, signal: AbortSignal): Promise<Held> => {
    const at = microTime(clock.now());
    const isNew = before?.holder !== holder;
    const spec = {
      holderIdentity: holder,
      leaseDurationSeconds: holder === '' ? 1 : Math.max(1, Math.ceil(leaseMs / 1_000)),
      renewTime: at,
      acquireTime: isNew ? at : before.spec['acquireTime'],
      leaseTransitions: Number(before?.spec['leaseTransitions'] ?? 0) + (isNew && before !== undefined ? 1 : 0),
    };
    const metadata = {
      namespace,
      name,
      labels: before?.labels ?? {},
      annotations: annotationsFor(before, holder),
      ...(before?.version === undefined ? {} : { resourceVersion: before.version }),
    };
    const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
    const request =
      before === undefined
        ? ({ method: 'POST', path, body } as const)
        : ({ method: 'PUT', path: `${path}/${name}`, body } as const);
    return heldOf(await api.call({ ...request, deadlineMs: retryMs * 2 }, signal));
  };

  /** Those of the holder; what others wrote stays, and what an earlier holder said of itself goes. */
  const annotationsFor = (before: Held | undefined, holder: string): Readonly<Record<string, string>> => {
    const others = Object.entries(before?.annotations ?? {}).filter(([key]) => !key.startsWith(OWN_ANNOTATIONS));
    return { ...Object.fromEntries(others), ...(holder === identity ? options.annotations?.() : {}) };
  };

  const read = async (signal: AbortSignal): Promise<Held | undefined> => {
    try {
      return heldOf(await api.call({ method: 'GET', path: `${path}/${name}`, deadlineMs: retryMs * 2 }, signal));
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  };

  /** One attempt to become the leader. Only our own clock is believed: what others wrote into the lease is only compared. */
  const stand = async (signal: AbortSignal): Promise<void> => {
    const held = await read(signal);
    const now = clock.monotonic();
    const record = JSON.stringify([held?.version, held?.spec]);
    if (held !== undefined && record !== seen?.record) seen = { record, at: now, held };
    const isFree = held === undefined || held.holder === '' || held.holder === identity;
    if (!isFree && seen !== undefined && now < seen.at + leaseMs) return;
    own = await write(held, identity, signal);
    heldUntil = now + leaseMs;
    leader = true;
  };

  const renew = async (signal: AbortSignal): Promise<void> => {
    const now = clock.monotonic();
    own = await write(own, identity, signal);
    heldUntil = now + leaseMs;
  };

  /** A write whose answer was lost makes the next one a conflict: is the lease ours all the same? */
  const stillOurs = async (signal: AbortSignal): Promise<boolean> => {
    const held = await read(signal);
    if (held?.holder !== identity) return false;
    own = held;
    return true;
  };

  const attempt = async (
    work: (signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<'done' | 'failed' | 'taken'> => {
    try {
      await work(signal);
      trouble = undefined;
      answeredAt = clock.monotonic();
      return 'done';
    } catch (error) {
      if (error instanceof ApiError) answeredAt = clock.monotonic();
      const isConflict = error instanceof ApiError && (error.status === 409 || error.status === 404);
      if (leader && isConflict) return (await stillOurs(signal).catch(() => true)) ? 'failed' : 'taken';
      if (!signal.aborted && !isConflict) {
        trouble = error instanceof Error ? error.message : String(error);
        log.warn({ lease: `${namespace}/${name}`, error }, 'the lease could not be read or written');
      }
      return 'failed';
    }
  };

  const campaign = async (signal: AbortSignal): Promise<void> => {
    while (!leader && !signal.aborted) {
      await attempt(stand, signal);
      if (leader) break;
      // When the lease runs out, exactly; else a look now and then, not in step with other candidates.
      const left = seen === undefined ? retryMs : seen.at + leaseMs - clock.monotonic();
      const pause = retryMs * (0.8 + random() * 0.4);
      await clock.sleep(left > 0 ? Math.min(left + 10, pause) : pause, signal).catch(() => undefined);
    }
  };

  const reign = async (signal: AbortSignal): Promise<'released' | 'lost'> => {
    log.info({ lease: `${namespace}/${name}`, identity }, 'became the leader');
    became.resolve();
    for (;;) {
      await clock.sleep(retryMs, signal).catch(() => undefined);
      if (signal.aborted) return 'released';
      const outcome = await attempt(renew, signal);
      if (signal.aborted) return 'released';
      if (outcome === 'taken' || clock.monotonic() > heldUntil - (leaseMs - renewMs)) {
        log.error({ lease: `${namespace}/${name}`, identity }, 'lost the lease');
        return 'lost';
      }
    }
  };

  /** The renewal that the end broke off may have been done: then the lease is of another version than is known. */
  const release = async (): Promise<void> => {
    // Not the signal that ended the reign: this is what is done after it.
    const { signal } = new AbortController();
    for (let tries = 0; tries < RELEASE_TRIES && own !== undefined && clock.monotonic() < heldUntil; tries += 1) {
      try {
        await write(own, '', signal);
        return;
      } catch {
        if (!(await stillOurs(signal).catch(() => false))) return;
      }
    }
  };

  return {
    async run(signal) {
      await campaign(signal);
      if (!leader) return 'released';
      const end = await reign(signal);
      leader = false;
      if (end === 'released') await release();
      heldUntil = Number.NEGATIVE_INFINITY;
      return end;
    },
    leading: became.promise,
    isLeader: () => leader,
    leaderAnnotations: () => (leader || seen === undefined || seen.held.holder === '' ? {} : seen.held.annotations),
    mayCall: (ms = leaseMs - renewMs) => leader && clock.monotonic() + ms < heldUntil,
    health() {
      const silentMs = clock.monotonic() - answeredAt;
      if (silentMs > leaseMs * 2) return { ok: false, message: `no answer about the lease: ${trouble ?? 'none yet'}` };
      return { ok: true, message: leader ? 'leading' : `standing by${trouble === undefined ? '' : `: ${trouble}`}` };
    },
  };
}

function heldOf(object: unknown): Held {
  const { metadata, spec } = member(object);
  const { resourceVersion, labels, annotations } = member(metadata);
  const { holderIdentity } = member(spec);
  return {
    version: typeof resourceVersion === 'string' ? resourceVersion : undefined,
    holder: typeof holderIdentity === 'string' ? holderIdentity : '',
    labels: textsOf(labels),
    annotations: textsOf(annotations),
    spec: member(spec),
  };
}

const textsOf = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(member(value)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );

const OWN_ANNOTATIONS = `${API_GROUP}/`;
