import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { realClock } from '../engine/clock.ts';
import type { KubernetesHost } from '../hosts/kubernetes/host.ts';
import { createElector, type Elector } from '../hosts/kubernetes/lease.ts';
import type { Metrics } from '../observability/metrics.ts';
import { createLogger } from '../observability/pino.ts';
import { openControllerHost } from './controller-host.ts';
import { controllerIngress } from './controller-ingress.ts';
import { controllerMetrics } from './controller-metrics.ts';
import type { ControllerOptions, ControllerParts } from './controller-parts.ts';
import { serveProbes } from './controller-probes.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { ingressView } from './ingress.ts';
import type { Io } from './io.ts';
import { counting } from './metered.ts';
import { narrated } from './narrator.ts';
import { createProbe } from './probe.ts';
import { createReplica, type Replica } from './replica.ts';
import { createRuntime, type Runtime } from './runtime.ts';
import { openSurroundings, type Surroundings } from './surroundings.ts';

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

async function controlIn(surroundings: Surroundings, options: ControllerParts, io: Io): Promise<number> {
  const { log, watchNamespaces } = options;
  const identity = `${io.env['POD_NAME'] ?? hostname()}_${randomUUID()}`;
  const host = await openControllerHost(options, io);
  let end: 'ended' | 'lost';
  try {
    const namespace = options.leaderElectionNamespace ?? host.api.access.namespace;
    const elector: Elector | undefined = options.leaderElect
      ? createElector({
          api: host.api,
          namespace,
          name: options.leaderElectionId,
          identity,
          clock: realClock(),
          random: Math.random,
          log,
          annotations: () => taken.annotations(),
        })
      : undefined;
    const taken = controllerIngress(surroundings, options, {
      host,
      replica: () => replica,
      elector: () => elector,
      environment: io.env,
    });
    const mayCall = elector === undefined ? {} : { mayCall: () => elector.mayCall() };
    // It is told from here on, and reads what comes later.
    const metrics: Metrics = await controllerMetrics({
      host,
      workers: options.maxConcurrentReconciles,
      now: () => surroundings.clock.now(),
      replica: () => replica,
      ingress: () => taken.ingress?.stats(),
    });
    const replica: Replica = createReplica({
      host,
      elector,
      clock: realClock(),
      open: () => openRuntime(surroundings, options, { host, metrics, mayCall, hasLost: () => replica.hasLost() }),
    });
    const server = await serveProbes(options, { replica, metrics });
    try {
      await taken.listen();
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
      await taken.close();
      await server.close();
    }
  } finally {
    await host.close();
  }
  return end === 'lost' ? EXIT_CODES.controller.lost.code : EXIT_CODES.controller.ended.code;
}

function openRuntime(
  { clock, speed, transport, endpoint, world }: Surroundings,
  options: ControllerParts,
  parts: {
    readonly host: KubernetesHost;
    readonly metrics: Metrics;
    readonly mayCall: { readonly mayCall?: () => boolean };
    readonly hasLost: () => boolean;
  },
): Runtime {
  const { log, maxConcurrentReconciles, gracefulShutdownTimeoutMs } = options;
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
    ingress: ingressView(options.ingressBindAddress === undefined ? undefined : options),
    ...mayCall,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(world === 'agora' ? { probe: createProbe({ clock }) } : {}),
  });
}
