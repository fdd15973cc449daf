import type { KindName } from '../core/resource.ts';
import type { Secret } from '../core/secret.ts';

/** A resource as its user declared it: validated, defaults applied, without anything that a host adds. */
export interface Declared {
  readonly apiVersion: string;
  readonly kind: KindName;
  readonly namespace: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec: unknown;
}

/** A `Secret` document, its values decoded. */
export interface DeclaredSecret {
  readonly namespace: string;
  readonly name: string;
  readonly values: SecretValues;
}

export type SecretValues = Readonly<Record<string, Secret>>;

/** What counts as a change of a Secret is its values, never its version or annotations (design §4). */
export function sameValues(a: SecretValues | undefined, b: SecretValues | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key]?.reveal() === b[key]?.reveal());
}
