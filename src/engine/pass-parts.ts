import type { AgoraApi } from '../agora/api.ts';
import type { Clock } from '../core/clock.ts';
import type { Key } from '../core/resource.ts';
import type { ResourceHost, WriteResult } from '../hosts/host.ts';
import type { Probe } from '../kinds/endpoint.ts';
import type { Lanes } from '../limits/lanes.ts';
import type { Ledger } from '../limits/ledger.ts';
import type { Logger } from '../observability/log.ts';
import type { Answers } from './answers.ts';
import type { Process } from './context.ts';
import type { Memory } from './memory.ts';

/** What passes work with: the same of all of them. */
export interface PassParts {
  readonly host: ResourceHost;
  readonly api: AgoraApi;
  readonly lanes: Lanes;
  readonly ledger: Ledger;
  readonly memory: Memory;
  readonly clock: Clock;
  readonly process: Process;
  readonly answers: Answers;
  readonly log: Logger;
  /** X-Request-IDs; injected, so that a simulation repeats itself. */
  readonly requestId: () => string;
  /** May this replica call now, and will it be allowed to until the call's deadline (design §5.8)? */
  readonly mayCall: () => boolean;
  /** Makes a write of ours: indexes, ledger, and who else it concerns learn of it; its own echo wakes nobody. */
  readonly ownWrite: <Result extends WriteResult>(key: Key, write: () => Promise<Result>) => Promise<Result>;
  readonly wake: (key: Key) => void;
  /** So many decisions a pass makes in one go; then other keys get their turn. */
  readonly mostRounds: number;
  /** Told after each decision: a key that was decided upon has asked for whatever it wants. */
  readonly decided: (key: Key) => void;
  /** Can an endpoint be reached (MP-22)? Absent where nobody can tell, as against a simulated cloud. */
  readonly probe?: Probe;
  /** No new call begins once it aborts; running ones end. */
  readonly stopping: AbortSignal;
  /** Breaks running calls off: the end of the grace period. */
  readonly abandon: AbortSignal;
}
