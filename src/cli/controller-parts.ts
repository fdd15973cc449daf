import type { BindAddress } from '../observability/bind-address.ts';
import type { Logger } from '../observability/log.ts';
import type { LogFormat, LogLevel } from '../observability/pino.ts';

export interface ControllerOptions {
  readonly leaderElect: boolean;
  readonly leaderElectionId: string;
  /** Absent: where it runs, or the context's. */
  readonly leaderElectionNamespace?: string;
  /** Undefined: nothing is served. */
  readonly metricsBindAddress: BindAddress | undefined;
  readonly healthProbeBindAddress: BindAddress | undefined;
  /** Undefined: nothing is taken. */
  readonly ingressBindAddress: BindAddress | undefined;
  readonly publicUrl?: string;
  /** Empty: all. */
  readonly watchNamespaces: readonly string[];
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly maxConcurrentReconciles: number;
  /** One base URL for every call; of a `simulate` on this machine the speed is adopted. */
  readonly endpoint?: string;
  /** How long running calls may go on after the end was asked for. */
  readonly gracefulShutdownTimeoutMs: number;
  readonly logFormat: LogFormat;
  readonly logLevel: LogLevel;
}

/** What the parts of a controller are made from. */
export type ControllerParts = ControllerOptions & { readonly log: Logger };
