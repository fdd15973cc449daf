export interface MetricRow {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** Each takes few values: never the name of a task resource. */
  readonly labels: readonly string[];
}

/**
 * Every metric, by what it is called in code; `docs/reference/metrics.md` is generated from here. controller-runtime's
 * and client-go's names are used where they mean the same, so that dashboards made for them work.
 */
export const METRIC_TABLE = {
  calls: {
    name: 'agora_reconciler_calls_total',
    type: 'counter',
    help: 'Calls to Agora that were answered or failed. result is ok or the kind of failure.',
    labels: ['project', 'service', 'call', 'result'],
  },
  callSeconds: {
    name: 'agora_reconciler_call_duration_seconds',
    type: 'histogram',
    help: 'Time from sending a call to its answer or failure; the wait for its turn is not in it.',
    labels: ['service', 'call'],
  },
  laneWaiting: {
    name: 'agora_reconciler_lane_waiting',
    type: 'gauge',
    help: 'Calls that wait for their turn under a limit of calls a second.',
    labels: ['project', 'lane'],
  },
  laneCap: {
    name: 'agora_reconciler_lane_cap',
    type: 'gauge',
    help: 'Calls a window that the lane lets through now; below the full cap after a 429.',
    labels: ['project', 'lane'],
  },
  laneFullCap: {
    name: 'agora_reconciler_lane_full_cap',
    type: 'gauge',
    help: 'Calls a window that the limits allow.',
    labels: ['project', 'lane'],
  },
  laneSent: {
    name: 'agora_reconciler_lane_sent_last_second',
    type: 'gauge',
    help: 'Calls that began in the second before the scrape.',
    labels: ['project', 'lane'],
  },
  slotsHeld: {
    name: 'agora_reconciler_slots_held',
    type: 'gauge',
    help: 'Slots in use. Better classes count against the limits of the lower ones too; all stands for a bound over all.',
    labels: ['project', 'service', 'region', 'class'],
  },
  slotsLimit: {
    name: 'agora_reconciler_slots_limit',
    type: 'gauge',
    help: 'Slots there are: the declared limit, or what Agora’s refusals taught where that is lower.',
    labels: ['project', 'service', 'region', 'class'],
  },
  slotsWaiting: {
    name: 'agora_reconciler_slots_waiting',
    type: 'gauge',
    help: 'Resources that wait for a slot of this bound.',
    labels: ['project', 'service', 'region', 'class'],
  },
  resources: {
    name: 'agora_reconciler_resources',
    type: 'gauge',
    help: 'Resources by the status and reason of Ready; progress is Reconciling, Stalled (a person must act) or Settled.',
    labels: ['kind', 'ready', 'progress', 'reason'],
  },
  tasks: {
    name: 'agora_reconciler_tasks',
    type: 'gauge',
    help: 'Tasks listed in statuses. Unknown: may live and be billed, and cannot be stopped for want of a handle.',
    labels: ['kind', 'phase'],
  },
  leftBehind: {
    name: 'agora_reconciler_left_behind_tasks',
    type: 'gauge',
    help: 'Tasks of deleted resources that could not be stopped and may still live.',
    labels: ['project'],
  },
  statusWrites: {
    name: 'agora_reconciler_status_writes_total',
    type: 'counter',
    help: 'Writes of a status. result is written, conflict, gone or failed.',
    labels: ['kind', 'result'],
  },
  notices: {
    name: 'agora_reconciler_notices_total',
    type: 'counter',
    help: 'Notifications of Agora that came. outcome is told, duplicate, unknown (of no task here, or a health check), bad-signature or unreadable.',
    labels: ['product', 'event', 'outcome'],
  },
  pageReports: {
    name: 'agora_reconciler_page_reports_total',
    type: 'counter',
    help: 'Reports of watched pages that came. outcome is told, same (as told a moment ago), refused (no report, or no good token) or limited.',
    labels: ['outcome'],
  },
  noticesRemembered: {
    name: 'agora_reconciler_notices_remembered',
    type: 'gauge',
    help: 'Notifications of which a repeat would be known.',
    labels: [],
  },
  forwards: {
    name: 'agora_reconciler_ingress_forwards_total',
    type: 'counter',
    help: 'Requests that came to a replica which stands by. result is forwarded, or why the sender was asked to send it again: failed, no-leader, looped or too-many.',
    labels: ['result'],
  },
  passes: {
    name: 'agora_reconciler_passes_total',
    type: 'counter',
    help: 'Passes that began: looks at one resource, most of which find nothing to do.',
    labels: [],
  },
  passesEnded: {
    name: 'controller_runtime_reconcile_total',
    type: 'counter',
    help: 'Passes that ended. result is success or error; an error is a defect, since failed calls are no errors here.',
    labels: ['controller', 'result'],
  },
  passErrors: {
    name: 'controller_runtime_reconcile_errors_total',
    type: 'counter',
    help: 'Passes that ended by an error.',
    labels: ['controller'],
  },
  activeWorkers: {
    name: 'controller_runtime_active_workers',
    type: 'gauge',
    help: 'Passes that hold a worker now.',
    labels: ['controller'],
  },
  maxWorkers: {
    name: 'controller_runtime_max_concurrent_reconciles',
    type: 'gauge',
    help: 'Workers there are.',
    labels: ['controller'],
  },
  queueDepth: {
    name: 'workqueue_depth',
    type: 'gauge',
    help: 'Resources that wait for a worker.',
    labels: ['name', 'priority'],
  },
  queueAdds: {
    name: 'workqueue_adds_total',
    type: 'counter',
    help: 'Resources that were queued; one that waits already is not counted again.',
    labels: ['name'],
  },
  queueLongestRun: {
    name: 'workqueue_longest_running_processor_seconds',
    type: 'gauge',
    help: 'How long the pass that runs longest has run, its wait for a turn included.',
    labels: ['name'],
  },
  queueLongestWait: {
    name: 'agora_reconciler_workqueue_longest_wait_seconds',
    type: 'gauge',
    help: 'How long the resource that waits longest has waited for a worker.',
    labels: [],
  },
  queueDelayed: {
    name: 'agora_reconciler_workqueue_delayed',
    type: 'gauge',
    help: 'Resources that wait for an instant: a retry, a query that is due, the start of a window.',
    labels: [],
  },
  queueParked: {
    name: 'agora_reconciler_workqueue_parked',
    type: 'gauge',
    help: 'Passes that wait for their turn to call, or for an answer, and hold no worker.',
    labels: [],
  },
  leader: {
    name: 'leader_election_master_status',
    type: 'gauge',
    help: '1 where this replica leads, 0 where it stands by.',
    labels: ['name'],
  },
  build: {
    name: 'agora_reconciler_build_info',
    type: 'gauge',
    help: 'Always 1; the version is a label.',
    labels: ['version'],
  },
  cpu: {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    help: 'User and system CPU time of the process.',
    labels: [],
  },
  residentMemory: {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    help: 'Resident memory of the process.',
    labels: [],
  },
  startedAt: {
    name: 'process_start_time_seconds',
    type: 'gauge',
    help: 'Start of the process, in seconds since the Unix epoch.',
    labels: [],
  },
} as const satisfies Readonly<Record<string, MetricRow>>;

export type MetricName = keyof typeof METRIC_TABLE;
