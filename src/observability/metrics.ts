import type { Counter, Gauge, Histogram } from 'prom-client';
import type { KindName, Resource } from '../core/resource.ts';
import { seconds } from '../core/time.ts';
import type { CountedAnswer, CountedCall, MetricSources, WriteOutcome } from './metric-sources.ts';
import { METRIC_TABLE, type MetricName, type MetricRow } from './metric-table.ts';
import { projectName, resourceFigures } from './resource-figures.ts';

export interface Metrics {
  readonly contentType: string;
  /** What Prometheus scrapes; everything but counted calls and writes is read now. */
  text(): Promise<string>;
  /** The engine's `counted`. */
  counted(action: CountedCall, answer: CountedAnswer): void;
  wrote(kind: KindName, outcome: WriteOutcome): void;
}

/** Of a call; a synchronous stop may take 30 s. */
const CALL_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30];

type Labels = Readonly<Record<string, string>>;

/** Loads prom-client here, so that nobody else pays for it. The registry is its own: nothing global. */
export async function createMetrics(sources: MetricSources): Promise<Metrics> {
  const { Registry, Counter: CounterOf, Gauge: GaugeOf, Histogram: HistogramOf } = await import('prom-client');
  const registry = new Registry();
  const counters = new Map<MetricName, Counter>();
  const gauges = new Map<MetricName, Gauge>();
  const histograms = new Map<MetricName, Histogram>();
  for (const [key, row] of Object.entries<MetricRow>(METRIC_TABLE)) {
    const config = { name: row.name, help: row.help, labelNames: [...row.labels], registers: [registry] };
    const name = key as MetricName;
    if (row.type === 'counter') counters.set(name, new CounterOf(config));
    if (row.type === 'gauge') gauges.set(name, new GaugeOf(config));
    if (row.type === 'histogram') histograms.set(name, new HistogramOf({ ...config, buckets: CALL_BUCKETS }));
  }
  const projects = projectNames(() => sources.resources('AgoraProject'));

  /** Counters that others count are told anew, and so are gauges: a series whose subject is gone goes with it. */
  const tell = (name: MetricName, rows: readonly (readonly [Labels, number])[]): void => {
    const counter = counters.get(name);
    const gauge = gauges.get(name);
    counter?.reset();
    gauge?.reset();
    for (const [labels, value] of rows) {
      counter?.inc(labels, value);
      gauge?.inc(labels, value);
    }
  };
  const tellOne = (name: MetricName, value: number, labels: Labels = {}): void => tell(name, [[labels, value]]);

  function readEngine(): void {
    const { depth, ...stats } = sources.engine();
    const controller = { controller: sources.controller };
    const queue = { name: sources.controller };
    tellOne('passes', stats.passes);
    tell('passesEnded', [
      [{ ...controller, result: 'success' }, stats.succeeded],
      [{ ...controller, result: 'error' }, stats.failed],
    ]);
    tellOne('passErrors', stats.failed, controller);
    tellOne('activeWorkers', stats.running, controller);
    tellOne('maxWorkers', sources.workers, controller);
    tell(
      'queueDepth',
      Object.entries(depth).map(([priority, count]) => [{ ...queue, priority }, count]),
    );
    tellOne('queueAdds', stats.adds, queue);
    tellOne('queueLongestRun', stats.longestRunMs / seconds(1), queue);
    tellOne('queueLongestWait', stats.longestWaitMs / seconds(1));
    tellOne('queueDelayed', stats.delayed);
    tellOne('queueParked', stats.parked);
    tellOne('leader', sources.leads() ? 1 : 0, queue);
  }

  function readLimits(): void {
    const lanes = sources
      .lanes()
      .map((lane) => ({ lane, labels: { project: projects.of(lane.appId), lane: lane.limit } }));
    tell(
      'laneWaiting',
      lanes.map(({ lane, labels }) => [labels, lane.waiting]),
    );
    tell(
      'laneCap',
      lanes.map(({ lane, labels }) => [labels, lane.cap]),
    );
    tell(
      'laneFullCap',
      lanes.map(({ lane, labels }) => [labels, lane.fullCap]),
    );
    tell(
      'laneSent',
      lanes.map(({ lane, labels }) => [labels, lane.sentInLastSecond]),
    );
    const slots = projects.appIds().flatMap((appId) =>
      sources.slots(appId).map((use) => {
        const { service, region = 'all', class: of = 'all' } = use.level;
        return { use, labels: { project: projects.of(appId), service, region, class: of } };
      }),
    );
    tell(
      'slotsHeld',
      slots.map(({ use, labels }) => [labels, use.held]),
    );
    tell(
      'slotsLimit',
      slots.map(({ use, labels }) => [labels, use.limit]),
    );
    tell(
      'slotsWaiting',
      slots.map(({ use, labels }) => [labels, use.waiting]),
    );
  }

  function readResources(): void {
    const { resources, tasks, leftBehind } = resourceFigures(sources.resources);
    tell(
      'resources',
      resources.rows().map(({ labels, count }) => [labels, count]),
    );
    tell(
      'tasks',
      tasks.rows().map(({ labels, count }) => [labels, count]),
    );
    tell(
      'leftBehind',
      leftBehind.rows().map(({ labels, count }) => [labels, count]),
    );
  }

  function readIngress(): void {
    const figures = sources.ingress();
    tell(
      'notices',
      (figures?.notices ?? []).map(({ product, event, outcome, count }) => [{ product, event, outcome }, count]),
    );
    tell('noticesRemembered', figures === undefined ? [] : [[{}, figures.journal]]);
    tell(
      'pageReports',
      Object.entries(figures?.pages ?? {}).map(([outcome, count]) => [{ outcome }, count]),
    );
    tell(
      'forwards',
      Object.entries(figures?.forward ?? {}).map(([result, count]) => [{ result }, count]),
    );
  }

  function readProcess(): void {
    const { user, system } = process.cpuUsage();
    tellOne('cpu', (user + system) / 1_000_000);
    tellOne('residentMemory', process.memoryUsage.rss());
    tellOne('startedAt', Math.round(performance.timeOrigin / seconds(1)));
    tellOne('build', 1, { version: sources.version });
  }

  return {
    contentType: registry.contentType,
    async text() {
      projects.read();
      readEngine();
      readLimits();
      readResources();
      readIngress();
      readProcess();
      return registry.metrics();
    },
    counted({ type, appId, limit }, answer) {
      const [service = ''] = limit.split('-', 1);
      const result = answer.ok ? 'ok' : answer.kind;
      counters.get('calls')?.inc({ project: projects.of(appId), service, call: type, result });
      // The wall clock may have been set back meanwhile.
      const took = Math.max(0, sources.now() - answer.sentAt);
      histograms.get('callSeconds')?.observe({ service, call: type }, took / seconds(1));
    },
    wrote(kind, outcome) {
      counters.get('statusWrites')?.inc({ kind, result: outcome });
    },
  };
}

/**
 * The label of an App ID: the first project that has it, since lanes and slots belong to the App ID. That of a project
 * which is gone stays; an App ID that was never seen in one stands for itself.
 */
function projectNames(list: () => readonly Resource[]): {
  read(): void;
  of(appId: string): string;
  appIds(): readonly string[];
} {
  const names = new Map<string, string>();
  let present: readonly string[] = [];
  const read = (): void => {
    const projects = list()
      .map((project) => ({ appId: (project.spec as { readonly appId: string }).appId, name: projectName(project) }))
      .toSorted((a, b) => (a.name < b.name ? 1 : -1));
    // The first by name comes last and stays.
    for (const { appId, name } of projects) names.set(appId, name);
    present = [...new Set(projects.map(({ appId }) => appId))];
  };
  return {
    read,
    appIds: () => present,
    of(appId) {
      if (!names.has(appId)) read();
      if (!names.has(appId)) names.set(appId, appId);
      return names.get(appId) ?? appId;
    },
  };
}
