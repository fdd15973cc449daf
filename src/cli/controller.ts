import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { realClock } from '../engine/clock.ts';
import type { Engine } from '../engine/engine.ts';
import { AccessError } from '../hosts/kubernetes/credentials.ts';
import { type KubernetesHost, openKubernetesHost } from '../hosts/kubernetes/host.ts';
import { createElector } from '../hosts/kubernetes/lease.ts';
import type { BindAddress } from '../observability/bind-address.ts';
import { type HealthServer, startHealthServer } from '../observability/health.ts';
import type { Logger } from '../observability/log.ts';
import { createMetrics, type Metrics } from '../observability/metrics.ts';
import { createLogger, type LogFormat, type LogLevel } from '../observability/pino.ts';
import { liveAnswers } from './control/answers.ts';
import { controlOverHttp } from './control/http-server.ts';
import type { ControlAnswers } from './control/server.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { CommandError, type Io } from './io.ts';
import { counting } from './metered.ts';
import { narrated } from './narrator.ts';
import { createReplica, type Replica } from './replica.ts';
import { resolves } from './resolves.ts';
import { createRuntime, type Runtime } from './runtime.ts';
import { openSurroundings, type Surroundings } from './surroundings.ts';
import { packageVersion } from './version.ts';

export interface ControllerOptions {
  readonly leaderElect: boolean;
  readonly leaderElectionId: string;
  /** Absent: where it runs, or the context's. */
  readonly leaderElectionNamespace?: string;
  /** Undefined: nothing is served. */
  readonly metricsBindAddress: BindAddress | undefined;
  readonly healthProbeBindAddress: BindAddress | undefined;
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

/** `agora-reconciler controller`: makes Agora match the resources of a cluster, until it is told to end. */
export async function controllerCommand(options: ControllerOptions, io: Io): Promise<number> {
  const { endpoint, logFormat: format, logLevel: level } = options;
  const surroundings = await openSurroundings(
    { simulate: false, ...(endpoint === undefined ? {} : { endpoint }) },
    io.signal,
  );
  try {
    const { clock } = surroundings;
    const log = createLogger({ level, format, output: io.stderr, now: () => clock.now(), colours: false });
    return await controlIn(surroundings, { ...options, log }, io);
  } finally {
    await surroundings.close();
  }
}

/** Of a replica that stands by. */
const IDLE: ReturnType<Engine['stats']> = {
  passes: 0,
  succeeded: 0,
  failed: 0,
  depth: { critical: 0, high: 0, normal: 0, low: 0, idle: 0 },
  adds: 0,
  delayed: 0,
  running: 0,
  parked: 0,
  longestWaitMs: 0,
  longestRunMs: 0,
};

type Parts = ControllerOptions & { readonly log: Logger };

async function controlIn(surroundings: Surroundings, options: Parts, io: Io): Promise<number> {
  const { log, watchNamespaces } = options;
  const identity = `${io.env['POD_NAME'] ?? hostname()}_${randomUUID()}`;
  const host = await openHost(options, io);
  let end: 'ended' | 'lost';
  try {
    const namespace = options.leaderElectionNamespace ?? host.api.access.namespace;
    const elector = options.leaderElect
      ? createElector({
          api: host.api,
          namespace,
          name: options.leaderElectionId,
          identity,
          clock: realClock(),
          random: Math.random,
          log,
        })
      : undefined;
    const mayCall = elector === undefined ? {} : { mayCall: () => elector.mayCall() };
    // It is told from here on, and reads what comes later.
    const metrics: Metrics = await createMetrics({
      version: packageVersion(),
      controller: 'agora-reconciler',
      workers: options.maxConcurrentReconciles,
      now: () => surroundings.clock.now(),
      engine: () => replica.runtime()?.engine.stats() ?? IDLE,
      lanes: () => replica.runtime()?.lanes.stats() ?? [],
      slots: (appId) => replica.runtime()?.ledger.usage(appId) ?? [],
      resources: (kind) => host.list(kind),
      leads: () => replica.leads(),
    });
    const replica: Replica = createReplica({
      host,
      elector,
      clock: realClock(),
      open: () => openRuntime(surroundings, options, { host, metrics, mayCall, hasLost: () => replica.hasLost() }),
    });
    const server = await serveProbes(options, { replica, metrics });
    try {
      log.info(
        {
          against: surroundings.label,
          cluster: host.api.access.server,
          namespaces: watchNamespaces.length === 0 ? 'all' : watchNamespaces.join(','),
          ...server.ports,
        },
        'controlling',
      );
      io.signal.addEventListener('abort', () => log.info({}, 'ending'), { once: true });
      end = await replica.run(io.signal);
    } finally {
      await server.close();
    }
  } finally {
    await host.close();
  }
  return end === 'lost' ? EXIT_CODES.controller.lost.code : EXIT_CODES.controller.ended.code;
}

async function openHost(options: Parts, io: Io): Promise<KubernetesHost> {
  const { kubeconfig, context, watchNamespaces, log } = options;
  try {
    return await openKubernetesHost({
      namespaces: watchNamespaces.length === 0 ? 'all' : watchNamespaces,
      // Time-outs of the API server's side are in real time, however fast the run is.
      clock: realClock(),
      random: Math.random,
      log,
      instance: io.env['POD_NAME'] ?? hostname(),
      environment: io.env,
      userAgent: `agora-reconciler/${packageVersion()} controller`,
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(context === undefined ? {} : { context }),
    });
  } catch (error) {
    throw error instanceof AccessError ? new CommandError(error.message, { cause: error }) : error;
  }
}

function openRuntime(
  { clock, speed, transport, endpoint, world }: Surroundings,
  { log, maxConcurrentReconciles, gracefulShutdownTimeoutMs }: Parts,
  parts: {
    readonly host: KubernetesHost;
    readonly metrics: Metrics;
    readonly mayCall: { readonly mayCall?: () => boolean };
    readonly hasLost: () => boolean;
  },
): Runtime {
  const { host, metrics, mayCall, hasLost } = parts;
  return createRuntime({
    clock,
    host: narrated(counting(host, metrics), log),
    transport,
    log,
    workers: maxConcurrentReconciles,
    counted: metrics.counted,
    // Of the machine's time, on a clock that may be faster. Without the lease there is nothing to wait for.
    graceMs: () => (hasLost() ? 0 : gracefulShutdownTimeoutMs * speed),
    ...mayCall,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(world === 'agora' ? { resolves } : {}),
  });
}

async function serveProbes(
  { healthProbeBindAddress: health, metricsBindAddress: metricsAddress, watchNamespaces, log }: Parts,
  { replica, metrics }: { readonly replica: Replica; readonly metrics: Metrics },
): Promise<HealthServer> {
  let known: { readonly runtime: Runtime; readonly answers: ControlAnswers } | undefined;
  const answers = (): ControlAnswers | undefined => {
    const runtime = replica.leads() ? replica.runtime() : undefined;
    if (runtime === undefined) return undefined;
    if (known?.runtime !== runtime) known = { runtime, answers: answersOf(runtime, watchNamespaces) };
    return known.answers;
  };
  try {
    return await startHealthServer({
      health,
      metrics: metricsAddress,
      // It answers, so the event loop runs; a leader that loses its lease ends by itself.
      live: () => [{ name: 'ping', ok: true, message: '' }],
      ready: () => replica.checks(),
      exposition: metrics,
      further: controlOverHttp(answers, log),
    });
  } catch (error) {
    const { code, port } = error as NodeJS.ErrnoException & { readonly port?: number };
    if (code === undefined) throw error;
    const flags = '--health-probe-bind-address and --metrics-bind-address';
    throw new CommandError(`cannot listen on port ${port ?? ''} (${code}); see ${flags}`, { cause: error });
  }
}

function answersOf(runtime: Runtime, namespaces: readonly string[]): ControlAnswers {
  const answers = liveAnswers(runtime);
  if (namespaces.length === 0) return answers;
  return { ...answers, stats: async (request) => ({ ...(await answers.stats(request)), namespaces }) };
}
