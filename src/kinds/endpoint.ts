import type { Resource } from '../core/resource.ts';
import type { Instant } from '../core/time.ts';
import type { Context } from './context.ts';

/** Where something is sent, as far as it may be told: nothing of path, query or key. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

/**
 * What a check of an endpoint came to. `Private`: not connected to, since the address is none that a CDN has and the project
 * does not allow it. `Unknown`: the resolver did not answer, or too much was to be checked, which proves nothing.
 */
export type Reach =
  | 'Resolves'
  | 'Answers'
  | 'DoesNotResolve'
  | 'Refused'
  | 'NoAnswer'
  | 'TlsFailed'
  | 'Private'
  | 'Unknown';

/** Whether a connection is tried, and to which addresses. */
export interface ProbeRange {
  readonly connect: boolean;
  readonly allowPrivate: boolean;
}

/** Looks a host up and, where that is asked, connects to its port. Never throws; its time is bounded. */
export type Probe = (endpoint: Endpoint, range: ProbeRange, signal: AbortSignal) => Promise<Reach>;

export interface EndpointCheck {
  readonly endpoint: Endpoint;
  readonly reach: Reach;
  readonly at: Instant;
}

/** MP-22: `decide` is pure, so the engine checks endpoints for it and puts what it found into the observation. */
export interface EndpointWatch<Spec, Status, Observation> {
  /** What to check before the next step; undefined where nothing is, or where what is known is fresh. */
  due(
    resource: Resource<Spec, Status>,
    observation: Observation,
    context: Context,
    now: Instant,
  ): { readonly endpoint: Endpoint; readonly range: ProbeRange } | undefined;
  found(observation: Observation, check: EndpointCheck): Observation;
}
