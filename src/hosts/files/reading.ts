import type { Key, Resource } from '../../core/resource.ts';
import type { Declared, DeclaredSecret } from '../declared.ts';
import type { Finding } from './findings.ts';

/**
 * Reads the manifests in one file: syntax, schema, defaults, rules; transition rules against `old` where a resource of
 * that key goes on. A file with a finding of severity `error` counts as a whole as not good.
 */
export type ReadManifests = (text: string, file: string, old: (key: Key) => Resource | undefined) => Reading;

export interface Reading {
  readonly resources: readonly Placed<Declared>[];
  readonly secrets: readonly Placed<DeclaredSecret>[];
  readonly findings: readonly Finding[];
}

export interface Placed<Value> {
  readonly value: Value;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}
