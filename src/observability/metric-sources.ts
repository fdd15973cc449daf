import type { KindName, Resource } from '../core/resource.ts';
import type { Instant } from '../core/time.ts';

/**
 * What metrics are read from, at each scrape. The shapes are those of `Engine.stats()`, `Lanes.stats()`, `Ingress.stats()`,
 * `Ledger.usage()` and `ResourceHost.list()`; they are spelled out since observability knows no other layer.
 */
export interface MetricSources {
  readonly version: string;
  /** The name of the controller in labels. */
  readonly controller: string;
  readonly workers: number;
  readonly now: () => Instant;
  readonly engine: () => EngineFigures;
  readonly lanes: () => readonly LaneFigures[];
  readonly slots: (appId: string) => readonly SlotFigures[];
  readonly resources: (kind: KindName) => readonly Resource[];
  readonly leads: () => boolean;
  /** Undefined where nothing is taken. */
  readonly ingress: () => NoticeFigures | undefined;
}

export interface EngineFigures {
  readonly passes: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly depth: Readonly<Record<string, number>>;
  readonly adds: number;
  readonly delayed: number;
  readonly running: number;
  readonly parked: number;
  readonly longestWaitMs: number;
  readonly longestRunMs: number;
}

export interface LaneFigures {
  readonly appId: string;
  readonly limit: string;
  readonly waiting: number;
  readonly sentInLastSecond: number;
  readonly cap: number;
  readonly fullCap: number;
}

export interface SlotFigures {
  readonly level: {
    readonly service: string;
    readonly region?: string;
    readonly class?: string;
  };
  readonly held: number;
  readonly limit: number;
  readonly waiting: number;
}

/** Notifications and reports of pages that came, and how those fared that came to a replica which stands by. */
export interface NoticeFigures {
  readonly notices: readonly {
    readonly product: string;
    readonly event: string;
    readonly outcome: string;
    readonly count: number;
  }[];
  readonly journal: number;
  readonly forward?: Readonly<Record<string, number>>;
  readonly pages?: Readonly<Record<string, number>>;
}

/** A call that was made, as far as it is counted. */
export interface CountedCall {
  readonly type: string;
  readonly appId: string;
  /** `recording`, or `converter-` and the method. */
  readonly limit: string;
}

export type CountedAnswer =
  | { readonly ok: true; readonly sentAt: Instant }
  | { readonly ok: false; readonly kind: string; readonly sentAt: Instant };

export type WriteOutcome = 'written' | 'conflict' | 'gone' | 'failed';
