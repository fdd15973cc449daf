import type { AgoraAnswer } from '../../src/agora/answer.ts';
import { createTransport } from '../../src/agora/transport.ts';
import { createRuntime, type Runtime } from '../../src/cli/runtime.ts';
import type { Clock } from '../../src/core/clock.ts';
import { findCondition } from '../../src/core/conditions.ts';
import type { Transport } from '../../src/core/http.ts';
import { type Key, keyOf, type Resource, type StatusBase } from '../../src/core/resource.ts';
import { realClock } from '../../src/engine/clock.ts';
import type { Declared } from '../../src/hosts/declared.ts';
import type { ResourceHost } from '../../src/hosts/host.ts';
import { createMemoryHost, type MemoryHost } from '../../src/hosts/memory/host.ts';
import type { Logger } from '../../src/observability/log.ts';
import { secrets } from './manifests.ts';

/** One call as the client saw it, by the machine's clock. */
export interface SeenCall {
  /** Of acquire and start: the recording's cname. */
  readonly cname?: string;
  /** Of create: the converter's name. */
  readonly name?: string;
  /** Of query, update and stop. */
  readonly sid?: string;
  readonly type: string;
  readonly sentAt: number;
  readonly answeredAt: number;
  /** `ok`, or the kind of failure. */
  readonly outcome: string;
}

/** What is counted in all scenarios. */
export interface Seen {
  readonly calls: SeenCall[];
  /** Status writes, finalizers not counted. */
  writes: number;
  /** When each resource was first written Ready. */
  readonly readyAt: Map<Key, number>;
  /** Errors that the engine logged; a run with any tells nothing. */
  readonly errors: string[];
}

export interface Loop {
  readonly host: MemoryHost;
  readonly runtime: Runtime;
  readonly seen: Seen;
  stop(): Promise<void>;
}

export interface LoopOptions {
  readonly host: MemoryHost;
  /** The cloud over loopback, or in process under virtual time. */
  readonly to: { readonly endpoint: string } | { readonly transport: Transport };
  readonly clock?: Clock;
}

/** The host in memory, as the simulation uses it: what is measured is the engine, not a disk. */
export async function hostOf(declared: readonly Declared[], clock: Clock = realClock()): Promise<MemoryHost> {
  let uids = 0;
  const host = createMemoryHost({ now: () => clock.now(), newUid: () => `uid-${(uids += 1)}`, secrets: secrets() });
  for (const one of declared) await host.declare(one);
  return host;
}

/** Starts the loop that `watch` runs, over the host in memory. */
export function startLoop({ host, to, clock = realClock() }: LoopOptions): Loop {
  const seen: Seen = { calls: [], writes: 0, readyAt: new Map(), errors: [] };
  const http = 'endpoint' in to ? createTransport() : undefined;
  const runtime = createRuntime({
    clock,
    host: watched(host, seen, clock),
    transport: 'endpoint' in to ? (http ?? createTransport()).send : to.transport,
    ...('endpoint' in to ? { endpoint: to.endpoint } : {}),
    log: errorsInto(seen.errors),
    ingress: { listens: true },
    counted: (action, answer) =>
      seen.calls.push({
        ...('cname' in action ? { cname: String(action.cname) } : {}),
        ...('name' in action ? { name: String(action.name) } : {}),
        ...('sid' in action ? { sid: String(action.sid) } : {}),
        type: action.type,
        sentAt: answer.sentAt,
        answeredAt: clock.now(),
        outcome: outcomeOf(answer),
      }),
  });
  const stop = new AbortController();
  const running = runtime.engine.run(stop.signal);
  return {
    host,
    runtime,
    seen,
    async stop() {
      stop.abort(new Error('the benchmark is over'));
      await running;
      await http?.close();
    },
  };
}

export const isReady = (resource: Resource): boolean =>
  findCondition((resource.status as StatusBase | undefined)?.conditions, 'Ready')?.status === 'True';

/** Looks every 20 ms whether `done`; throws after `withinMs`. */
export async function until(done: () => boolean, withinMs: number, what: string): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!done()) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs / 1_000} s: ${what}`);
    await pause(20);
  }
}

export const pause = (ms: number): Promise<void> => realClock().sleep(ms, new AbortController().signal);

export const callsOf = ({ calls }: Seen, type: string): readonly SeenCall[] => calls.filter((one) => one.type === type);

/** How many calls of each type. */
export function countsOf({ calls }: Seen): string {
  const groups = Map.groupBy(calls, ({ type }) => type);
  return [...groups].map(([type, each]) => `${each.length} ${type}`).join(', ');
}

/** How often each kind of failure was answered. */
export function failuresOf({ calls }: Seen): string {
  const failed = Map.groupBy(
    calls.filter(({ outcome }) => outcome !== 'ok'),
    ({ type, outcome }) => `${type} ${outcome}`,
  );
  return failed.size === 0 ? 'none' : [...failed].map(([what, each]) => `${each.length} × ${what}`).join(', ');
}

function watched(host: MemoryHost, seen: Seen, clock: Clock): ResourceHost {
  return {
    ...host,
    async writeStatus(resource, status) {
      const result = await host.writeStatus(resource, status);
      if (result.result !== 'written') return result;
      seen.writes += 1;
      const key = keyOf(resource);
      if (!seen.readyAt.has(key) && isReady(result.resource)) seen.readyAt.set(key, clock.now());
      return result;
    },
  };
}

const outcomeOf = (answer: AgoraAnswer): string => (answer.ok ? 'ok' : answer.kind);

const errorsInto = (errors: string[]): Logger => ({
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: ({ resource, error }, message) => {
    errors.push(`${message} ${String(resource)} ${String(error)}`);
  },
});
