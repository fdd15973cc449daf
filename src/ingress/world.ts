import type { Key, Resource } from '../core/resource.ts';
import type { Secret } from '../core/secret.ts';
import type { Instant } from '../core/time.ts';
import type { Evidence } from '../kinds/evidence.ts';

/** All that the ingress sees of the rest: reads of the host's local store, and the engine's ear. */
export interface IngressWorld {
  get(key: Key): Resource | undefined;
  /** The resources under an App ID, of whatever project. */
  membersOf(appId: string): readonly Resource[];
  secret(namespace: string, name: string, key: string): Secret | undefined;
  tell(key: Key, evidence: Evidence): void;
  now(): Instant;
}
