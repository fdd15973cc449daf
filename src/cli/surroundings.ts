import { parseJson } from '../agora/json.ts';
import { createTransport } from '../agora/transport.ts';
import type { Clock } from '../core/clock.ts';
import type { Transport } from '../core/http.ts';
import type { Inbound } from '../core/inbound.ts';
import { isLoopback } from '../core/loopback.ts';
import type { Resource } from '../core/resource.ts';
import { realClock, type Scale, scaledClock } from '../engine/clock.ts';
import type { ProjectSpec } from '../kinds/project/types.ts';
import type { FaultRule } from '../simulator/fault-rules.ts';
import { CommandError } from './io.ts';
import type { SecretOf } from './simulated-cloud.ts';
import type { World } from './world.ts';

/** What a loop talks to, and the clock that both run on. */
export interface Surroundings {
  readonly world: World;
  readonly clock: Clock;
  readonly speed: number;
  readonly transport: Transport;
  /** Instead of Agora's domains. */
  readonly endpoint?: string;
  /** For people: `a simulated cloud, 20 times faster`. */
  readonly label: string;
  /** After each scan: what the projects declare, and their secrets, may have changed. */
  declared(projects: readonly Resource<ProjectSpec>[], secret: SecretOf): void;
  /** A cloud in this process tells this one unasked. Absent: whoever tells comes over the network. */
  tell?(inbound: Inbound): void;
  close(): Promise<void>;
}

export interface SurroundingsOptions {
  readonly simulate: boolean;
  readonly speed?: number;
  readonly endpoint?: string;
  /** A file of faults for the simulated cloud. */
  readonly faults?: string;
}

export async function openSurroundings(options: SurroundingsOptions, signal: AbortSignal): Promise<Surroundings> {
  const { endpoint, simulate } = options;
  if (simulate) return simulated(options);
  const scale =
    endpoint !== undefined && isLoopback(new URL(endpoint)) ? await servedScale(endpoint, signal) : undefined;
  const http = createTransport();
  const speed = scale?.speed ?? 1;
  return {
    world: scale === undefined ? 'agora' : 'simulate',
    clock: scale === undefined || speed === 1 ? realClock() : scaledClock(scale),
    speed,
    transport: http.send,
    ...(endpoint === undefined ? {} : { endpoint }),
    label: endpoint === undefined ? 'Agora' : withSpeed(endpoint, speed),
    declared: () => undefined,
    close: () => http.close(),
  };
}

/** A cloud of its own in this process, loaded only then. */
async function simulated({ speed = 1, faults }: SurroundingsOptions): Promise<Surroundings> {
  const { openSimulatedCloud } = await import('./simulated-cloud.ts');
  const now = realClock().now();
  const clock = speed === 1 ? realClock() : scaledClock({ speed, epochReal: now, epochScaled: now });
  const rules = faults === undefined ? [] : await readFaults(faults, now);
  const { cloud, declared, tell, close } = openSimulatedCloud({ clock, seed: now, faults: rules });
  return {
    world: 'in-process',
    clock,
    speed,
    transport: cloud.transport,
    label: withSpeed('a simulated cloud', speed),
    declared,
    tell,
    close,
  };
}

export async function readFaults(path: string, now: number): Promise<readonly FaultRule[]> {
  const { FaultFileError, loadFaults } = await import('../simulator/fault-file.ts');
  try {
    return await loadFaults(path, now);
  } catch (error) {
    if (error instanceof FaultFileError) throw new CommandError(error.message, { cause: error });
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new CommandError(`the faults file ${path} cannot be read: ${code}`, { cause: error });
  }
}

/** The epoch and speed of a `simulate` on this machine; undefined where something else answers. */
export async function servedScale(endpoint: string, signal: AbortSignal): Promise<Scale | undefined> {
  let body: unknown;
  const deadline = realClock().deadline(5_000, signal);
  try {
    const answer = await fetch(`${endpoint.replace(/\/+$/, '')}/_simulator/clock`, { signal: deadline.signal });
    const text = await answer.text();
    body = answer.ok ? parseJson(text) : undefined;
  } catch (error) {
    throw new CommandError(`nothing answers at ${endpoint}; start agora-reconciler simulate first`, { cause: error });
  } finally {
    deadline.end();
  }
  const { speed, epochReal, epochScaled } = (body ?? {}) as Partial<Scale>;
  const isScale = [speed, epochReal, epochScaled].every((one) => typeof one === 'number' && Number.isFinite(one));
  return isScale ? (body as Scale) : undefined;
}

const withSpeed = (what: string, speed: number): string => (speed === 1 ? what : `${what}, ${speed} times faster`);
