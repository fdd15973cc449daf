import type { Clock } from '../../core/clock.ts';
import type { Transport } from '../../core/http.ts';
import type { Resource } from '../../core/resource.ts';
import type { Instant } from '../../core/time.ts';
import type { Limits } from '../../limits/tables.ts';
import type { ClusterFacts, Facts, ManifestFacts } from '../facts.ts';
import type { Dial } from './dial.ts';
import type { SecretLookup } from './secrets.ts';
import type { Turns } from './turns.ts';

/** What is examined, and the ways to ask about it. */
export interface Examined {
  readonly resources: readonly Resource[];
  /** All that is known, in other namespaces too: whose task is whose. */
  readonly visible: readonly Resource[];
  readonly statuses: Facts['statuses'];
  readonly secret: SecretLookup;
  readonly limitsFor: (appId: string) => Limits;
  readonly manifests?: ManifestFacts;
  readonly cluster?: (turns: Turns) => Promise<ClusterFacts>;
  readonly watch?: NonNullable<Facts['watch']>;
}

export interface Means {
  readonly dial: Dial;
  readonly transport: Transport;
  /** The machine's own: latencies and clocks are compared with it. */
  readonly clock: Clock;
  readonly newId: () => string;
  /** Now on the clock that windows are declared on. */
  readonly at: Instant;
  /** Instead of Agora's domains. */
  readonly endpoint?: string;
  readonly publicUrl?: string;
  readonly timeoutMs: number;
}
