import type { Engine } from '../engine/engine.ts';
import type { KubernetesHost } from '../hosts/kubernetes/host.ts';
import type { IngressFigures } from '../ingress/ingress.ts';
import { createMetrics, type Metrics } from '../observability/metrics.ts';
import type { Replica } from './replica.ts';
import { packageVersion } from './version.ts';

interface MetricsParts {
  readonly host: KubernetesHost;
  readonly workers: number;
  readonly now: () => number;
  /** Asked when metrics are read. */
  readonly replica: () => Replica;
  /** Undefined where nothing is taken. */
  readonly ingress: () => IngressFigures | undefined;
}

/** Metrics of one replica, leader or not. */
export const controllerMetrics = ({ host, workers, now, replica, ingress }: MetricsParts): Promise<Metrics> =>
  createMetrics({
    version: packageVersion(),
    controller: 'agora-reconciler',
    workers,
    now,
    engine: () => replica().runtime()?.engine.stats() ?? IDLE,
    lanes: () => replica().runtime()?.lanes.stats() ?? [],
    slots: (appId) => replica().runtime()?.ledger.usage(appId) ?? [],
    resources: (kind) => host.list(kind),
    leads: () => replica().leads(),
    ingress,
  });

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
