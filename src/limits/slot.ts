import type { Key } from '../core/resource.ts';
import type { Instant } from '../core/time.ts';

export type Service = 'recording' | 'converter';
export type Region = 'cn' | 'ap' | 'eu' | 'na';
export type ResolutionClass = 'SD' | 'HD' | 'FHD';

/** One unit of the limits of reference E: a stream and a worker of its class, in a region, under an App ID. */
export interface Slot {
  readonly appId: string;
  readonly service: Service;
  readonly region: Region;
  readonly class: ResolutionClass;
}

/** A name that only one resource may use: a converter's name or its user in a channel (MP-17, MP-18). */
export type UniqueName = string;

/** All that a resource holds, or would hold after the step it asks for. */
export interface Claims {
  readonly slots: readonly Slot[];
  readonly names: readonly UniqueName[];
}

export const NO_CLAIMS: Claims = { slots: [], names: [] };

export interface ClaimRequest {
  readonly claims: Claims;
  readonly priority: number;
  /** Since when the resource has been asking: its place in the queue among equals. */
  readonly since: Instant;
}

/** Why the ledger said no. */
export type Refusal =
  | {
      readonly why: 'wait';
      /** For people: `recording eu HD: 30 of 30 in use`. */
      readonly limit: string;
      /** 1 is next. */
      readonly position: number;
      readonly estimatedAt?: Instant;
    }
  | { readonly why: 'excluded'; readonly limit: string }
  | { readonly why: 'name'; readonly name: string; readonly owner: Key }
  /** The host has not listed everything yet. */
  | { readonly why: 'not-synced' };

/** Calls that one lane counts together (A.7). */
export type RateLimit =
  | 'recording'
  | 'converter-create'
  | 'converter-delete'
  | 'converter-update'
  | 'converter-get'
  | 'converter-list';

/** Which waiting call goes first: the smaller index (design §6). */
export const CALL_CLASSES = ['stop', 'start', 'create', 'acquire', 'update', 'query'] as const;
export type CallClass = (typeof CALL_CLASSES)[number];
