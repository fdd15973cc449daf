/** What orchestrator and measured processes say to each other. */

export interface ContenderOptions {
  readonly kubeconfig: string;
  readonly namespace: string;
  /** Of the cloud. */
  readonly endpoint: string;
  /** How many resources are declared before it begins. */
  readonly count: number;
  /** Resources that are worked on at once. */
  readonly workers: number;
  /** Of ours: which kind works on the resources. */
  readonly kind: 'minimal' | 'converter';
}

/** Told once, when the last status of the declared resources was written. */
export interface Finished {
  readonly atMs: number;
  readonly cpuMs: number;
  readonly peakMib: number;
  readonly writes: Writes;
}

/** To the API server, as the process itself counts them. */
export interface Writes {
  readonly status: number;
  /** The most that one resource took until it was Ready. */
  readonly mostStatus: number;
  readonly finalizer: number;
}

/** Of one clock for all processes of the machine. */
export const machineMs = (): number => Number(process.hrtime.bigint()) / 1e6;

export const optionsOf = (argv: readonly string[]): ContenderOptions => JSON.parse(argv[2] ?? '') as ContenderOptions;

export function finished(writes: Writes): void {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const figures: Finished = {
    atMs: machineMs(),
    cpuMs: (userCPUTime + systemCPUTime) / 1_000,
    peakMib: maxRSS / 1_024,
    writes,
  };
  process.send?.(figures);
}
