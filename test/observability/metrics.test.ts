import { describe, expect, it } from 'vitest';
import type { Condition } from '../../src/core/conditions.ts';
import type { KindName, Resource } from '../../src/core/resource.ts';
import { realClock } from '../../src/engine/clock.ts';
import type { EngineOptions } from '../../src/engine/engine.ts';
import { WorkQueue } from '../../src/engine/workqueue.ts';
import { createLanes } from '../../src/limits/lanes.ts';
import { Ledger } from '../../src/limits/ledger.ts';
import { limitsFor } from '../../src/limits/tables.ts';
import type { MetricSources } from '../../src/observability/metric-sources.ts';
import { METRIC_TABLE } from '../../src/observability/metric-table.ts';
import { createMetrics } from '../../src/observability/metrics.ts';

const NOW = Date.parse('2026-12-01T09:00:00Z');
const APP = '0123456789abcdef0123456789abcdef';

const resource = (kind: KindName, name: string, spec: unknown, status?: unknown): Resource => ({
  apiVersion: 'agora-reconciler.dev/v1alpha1',
  kind,
  metadata: {
    namespace: 'media',
    name,
    uid: name,
    generation: 1,
    resourceVersion: '1',
    creationTimestamp: '2026-12-01T08:00:00Z',
    finalizers: [],
  },
  spec,
  ...(status === undefined ? {} : { status }),
});

const condition = (type: string, status: Condition['status'], reason: string): Condition => ({
  type,
  status,
  reason,
  message: 'rtmp://cdn.example.com/live/streamkey',
  lastTransitionTime: '2026-12-01T08:00:00Z',
});

const RESOURCES: Readonly<Record<KindName, readonly Resource[]>> = {
  AgoraProject: [
    resource('AgoraProject', 'live', { appId: APP }, { conditions: [], leftBehind: [{}, {}] }),
    resource('AgoraProject', 'backup', { appId: APP }, { conditions: [condition('Ready', 'True', 'Accepted')] }),
  ],
  WebPageRecording: [
    resource(
      'WebPageRecording',
      'keynote-of-a-customer',
      { url: 'https://stage.example.com/?token=hunter2' },
      {
        conditions: [condition('Ready', 'False', 'ParameterRefused'), condition('Stalled', 'True', 'ParameterRefused')],
        tasks: [{ phase: 'Unknown' }, { phase: 'Running' }],
      },
    ),
    resource('WebPageRecording', 'unseen', {}),
  ],
  RtmpConverter: [],
};

const QUEUE = new WorkQueue<string>({ clock: realClock(), failed: () => undefined });

/** Real parts of the engine, so that a change of their shapes shows here. */
function sources(changes: Partial<MetricSources> = {}): MetricSources {
  const ledger = new Ledger({ limitsFor: () => limitsFor({}) });
  ledger.ready();
  const slot = { appId: APP, service: 'recording', region: 'eu', class: 'HD' } as const;
  ledger.set('WebPageRecording/media/keynote-of-a-customer', { slots: [slot], names: [] });
  return {
    version: '0.1.0',
    controller: 'agora-reconciler',
    workers: 16,
    now: () => NOW,
    engine: () => ({ ...QUEUE.stats(), passes: 7, succeeded: 5, failed: 1, longestRunMs: 2_500 }),
    lanes: () => [{ appId: APP, limit: 'recording', waiting: 3, sentInLastSecond: 4, cap: 5, fullCap: 10 }],
    slots: (appId) => ledger.usage(appId),
    resources: (kind) => RESOURCES[kind],
    leads: () => true,
    ingress: () => undefined,
    ...changes,
  };
}

/** Lines of one metric, without help and type. */
const lines = (text: string, name: string): readonly string[] =>
  text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));

describe('metrics', () => {
  it('tells calls by project, service, call and kind of result', async () => {
    const metrics = await createMetrics(sources());
    const counted: NonNullable<EngineOptions['counted']> = metrics.counted;
    const sentAt = NOW - 400;
    const ids = { requestId: 'r' };
    const start = { type: 'start', appId: APP, limit: 'recording', class: 'start' } as const;
    counted(start, { ok: true, value: { call: 'start', sid: 's' }, ids, sentAt });
    counted(start, { ok: false, kind: 'quota', effect: 'none', message: 'streamkey', ids, sentAt });
    counted(
      { type: 'delete', appId: 'unseen', limit: 'converter-delete', class: 'stop' },
      { ok: true, value: { call: 'deleteConverter' }, ids, sentAt: NOW + 5_000 },
    );
    const text = await metrics.text();
    // Both projects have the App ID: the first by name stands for it.
    expect(lines(text, 'agora_reconciler_calls_total')).toEqual([
      'agora_reconciler_calls_total{project="media/backup",service="recording",call="start",result="ok"} 1',
      'agora_reconciler_calls_total{project="media/backup",service="recording",call="start",result="quota"} 1',
      'agora_reconciler_calls_total{project="unseen",service="converter",call="delete",result="ok"} 1',
    ]);
    expect(text).toContain('agora_reconciler_call_duration_seconds_sum{service="recording",call="start"} 0.8\n');
    // The wall clock was set back.
    expect(text).toContain('agora_reconciler_call_duration_seconds_sum{service="converter",call="delete"} 0\n');
  });

  it('tells the engine’s state in the names of controller-runtime', async () => {
    const text = await (await createMetrics(sources())).text();
    for (const line of [
      'controller_runtime_reconcile_total{controller="agora-reconciler",result="success"} 5',
      'controller_runtime_reconcile_total{controller="agora-reconciler",result="error"} 1',
      'controller_runtime_max_concurrent_reconciles{controller="agora-reconciler"} 16',
      'workqueue_depth{name="agora-reconciler",priority="critical"} 0',
      'workqueue_longest_running_processor_seconds{name="agora-reconciler"} 2.5',
      'leader_election_master_status{name="agora-reconciler"} 1',
      'agora_reconciler_passes_total 7',
      'agora_reconciler_build_info{version="0.1.0"} 1',
    ])
      expect(text).toContain(`${line}\n`);
  });

  it('tells lanes and slots, and what every bound has', async () => {
    const text = await (await createMetrics(sources())).text();
    const lane = '{project="media/backup",lane="recording"}';
    for (const line of [
      `agora_reconciler_lane_waiting${lane} 3`,
      `agora_reconciler_lane_cap${lane} 5`,
      `agora_reconciler_lane_full_cap${lane} 10`,
      `agora_reconciler_lane_sent_last_second${lane} 4`,
      'agora_reconciler_slots_held{project="media/backup",service="recording",region="eu",class="HD"} 1',
      // WR-5: the better class counts in the lower ones.
      'agora_reconciler_slots_held{project="media/backup",service="recording",region="eu",class="SD"} 1',
      'agora_reconciler_slots_limit{project="media/backup",service="recording",region="eu",class="HD"} 30',
      'agora_reconciler_slots_limit{project="media/backup",service="converter",region="all",class="all"} 299',
    ])
      expect(text).toContain(`${line}\n`);
  });

  it('WR-11 MP-28 tells of notifications, and nothing where none are taken', async () => {
    const figures = {
      notices: [
        { product: 'recording', event: '71', outcome: 'told', count: 3 },
        { product: 'none', event: 'none', outcome: 'bad-signature', count: 2 },
      ],
      journal: 7,
      forward: { forwarded: 4, failed: 1 },
      pages: { told: 9, refused: 3 },
    };
    const text = await (await createMetrics(sources({ ingress: () => figures }))).text();
    for (const line of [
      'agora_reconciler_notices_total{product="recording",event="71",outcome="told"} 3',
      'agora_reconciler_notices_total{product="none",event="none",outcome="bad-signature"} 2',
      'agora_reconciler_notices_remembered 7',
      'agora_reconciler_page_reports_total{outcome="told"} 9',
      'agora_reconciler_page_reports_total{outcome="refused"} 3',
      'agora_reconciler_ingress_forwards_total{result="forwarded"} 4',
      'agora_reconciler_ingress_forwards_total{result="failed"} 1',
    ])
      expect(text).toContain(`${line}\n`);
    const without = await (await createMetrics(sources())).text();
    for (const name of ['agora_reconciler_notices_total', 'agora_reconciler_ingress_forwards_total'])
      expect(lines(without, name)).toEqual([]);
  });

  it('tells what statuses say', async () => {
    const text = await (await createMetrics(sources())).text();
    const labels = 'ready="False",progress="Stalled",reason="ParameterRefused"';
    for (const line of [
      `agora_reconciler_resources{kind="WebPageRecording",${labels}} 1`,
      'agora_reconciler_resources{kind="WebPageRecording",ready="Unknown",progress="Reconciling",reason="Pending"} 1',
      'agora_reconciler_tasks{kind="WebPageRecording",phase="Unknown"} 1',
      'agora_reconciler_left_behind_tasks{project="media/live"} 2',
    ])
      expect(text).toContain(`${line}\n`);
  });

  it('tells no name of a task resource and nothing of a declaration', async () => {
    const text = await (await createMetrics(sources())).text();
    for (const secret of ['keynote', 'unseen', 'hunter2', 'streamkey', 'example.com', APP])
      expect(text).not.toContain(secret);
  });

  it('forgets a series whose subject is gone, and keeps what was counted', async () => {
    let present = RESOURCES;
    const metrics = await createMetrics(sources({ resources: (kind) => present[kind] }));
    metrics.wrote('RtmpConverter', 'conflict');
    await metrics.text();
    present = { AgoraProject: [], WebPageRecording: [], RtmpConverter: [] };
    const text = await metrics.text();
    for (const name of ['agora_reconciler_resources', 'agora_reconciler_tasks', 'agora_reconciler_slots_held'])
      expect(lines(text, name)).toEqual([]);
    expect(lines(text, 'agora_reconciler_status_writes_total')).toEqual([
      'agora_reconciler_status_writes_total{kind="RtmpConverter",result="conflict"} 1',
    ]);
  });

  it('counts of the engine grow from scrape to scrape, not by each', async () => {
    const metrics = await createMetrics(sources());
    await metrics.text();
    expect(lines(await metrics.text(), 'agora_reconciler_passes_total')).toEqual(['agora_reconciler_passes_total 7']);
  });

  it('every metric of the table is told, and none besides', async () => {
    const lanes = createLanes({ clock: realClock(), limitsFor: () => limitsFor({}) });
    const text = await (await createMetrics(sources({ lanes: () => lanes.stats() }))).text();
    lanes.close();
    const told = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`);
    expect(told.sort()).toEqual(
      Object.values(METRIC_TABLE)
        .map(({ name, type }) => `${name} ${type}`)
        .sort(),
    );
  });

  it('two of them share nothing', async () => {
    const [one, other] = [await createMetrics(sources()), await createMetrics(sources())];
    one.wrote('AgoraProject', 'written');
    expect(lines(await other.text(), 'agora_reconciler_status_writes_total')).toEqual([]);
  });
});
