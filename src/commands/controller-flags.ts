import { type Command, InvalidArgumentError, Option } from 'commander';
import { duration } from '../config.ts';
import {
  type Bind,
  bind,
  endpointOption,
  type IngressFlags,
  ingressOptions,
  logFormatOption,
  logLevelOption,
} from './options.ts';

/** As commander hands them over. */
export interface ControllerFlags extends IngressFlags {
  readonly leaderElect: boolean;
  readonly leaderElectionId: string;
  readonly leaderElectionNamespace?: string;
  readonly metricsBindAddress: Bind;
  readonly healthProbeBindAddress: Bind;
  readonly watchNamespaces: readonly string[];
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly maxConcurrentReconciles: number;
  readonly endpoint?: string;
  readonly gracefulShutdownTimeout: number;
  readonly logFormat: 'text' | 'json';
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

/** Flags of `controller`, named and meant as controller-runtime's where there is such a one. */
export function controllerFlags(command: Command): Command {
  const elected = command
    .option('--leader-elect', 'work only while holding a Lease; needed from two replicas on', false)
    .option('--leader-election-id <name>', 'name of the Lease', 'agora-reconciler')
    .option('--leader-election-namespace <name>', 'its namespace (default: where it runs, or the context’s)')
    .addOption(
      new Option('--metrics-bind-address <address>', 'where /metrics is served; 0 for nowhere')
        .argParser(bind)
        .default({ address: { port: 8080 } }, ':8080'),
    )
    .addOption(
      new Option(
        '--health-probe-bind-address <address>',
        'where /healthz, /readyz and /control are served; 0 for nowhere',
      )
        .argParser(bind)
        .default({ address: { port: 8081 } }, ':8081'),
    );
  return ingressOptions(elected)
    .addOption(
      new Option('--watch-namespaces <names>', 'only these, with commas; all by default')
        .argParser(namespaces)
        .default([], 'all'),
    )
    .option('--kubeconfig <file>', 'how to reach the cluster (default: KUBECONFIG, the Pod’s account, ~/.kube/config)')
    .option('--context <name>', 'context of the kubeconfig (default: the current one)')
    .addOption(
      new Option('--max-concurrent-reconciles <count>', 'resources that are worked on at once')
        .argParser(count)
        .default(16),
    )
    .addOption(
      new Option('--graceful-shutdown-timeout <span>', 'how long running calls may go on after SIGTERM')
        .argParser(duration)
        .default(35_000, '35s'),
    )
    .addOption(endpointOption())
    .addOption(logFormatOption())
    .addOption(logLevelOption());
}

const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Nothing between two commas is nothing, so that an unset variable watches all. */
function namespaces(text: string): readonly string[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const wrong = names.find((name) => !NAMESPACE.test(name));
  if (wrong !== undefined) throw new InvalidArgumentError(`${wrong} is no name of a namespace.`);
  return [...new Set(names)];
}

const MOST_WORKERS = 1_000;

function count(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > MOST_WORKERS)
    throw new InvalidArgumentError(`Write a whole number from 1 to ${MOST_WORKERS}.`);
  return value;
}
