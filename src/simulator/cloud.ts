import type { Clock } from '../core/clock.ts';
import type { HttpRequest, Transport } from '../core/http.ts';
import { Agenda } from './agenda.ts';
import { type Audit, type AuditOptions, auditOf } from './audit.ts';
import { Channels } from './channels.ts';
import { Converters } from './converters.ts';
import { Deliveries, type TestResult } from './deliveries.ts';
import { createIds } from './dice.ts';
import { type Death, type FaultRule } from './fault-rules.ts';
import { Faults, type FaultView } from './faults.ts';
import { Gateway, type Outcome } from './gateway.ts';
import { type Hook, Ledger, type Task } from './ledger.ts';
import { type LimitOverrides, type Limits, withOverrides } from './limits.ts';
import { Outbox } from './outbox.ts';
import { PageReports } from './page-reports.ts';
import type { Post } from './post.ts';
import { type AnyProjectOptions, type ProjectOptions, Projects } from './projects.ts';
import { Recordings } from './recordings.ts';
import type { CallName } from './routes.ts';
import { strikeTask } from './strike.ts';
import { type Subscription, Subscriptions } from './subscriptions.ts';
import { DEFAULT_SWITCHES, type Switches } from './switches.ts';
import { DEFAULT_TIMINGS, type Timings } from './timings.ts';
import { createTransport } from './transport.ts';
import { DEFAULT_OUTSIDE, type Outside, type World } from './world.ts';

export interface CloudOptions {
  readonly clock: Clock;
  /** All that is left to chance, ids included, follows from it. */
  readonly seed: string | number;
  readonly projects?: readonly ProjectOptions[];
  /** Take App IDs that no project names. */
  readonly anyProject?: AnyProjectOptions;
  readonly switches?: Partial<Switches>;
  readonly timings?: Partial<Timings>;
  readonly outside?: Partial<Outside>;
  readonly faults?: readonly FaultRule[];
  /** Absent: it tells nobody anything. */
  readonly tells?: Listeners;
}

/** To whom the cloud, and the pages in it, speak unasked. */
export interface Listeners {
  readonly post: Post;
  /** Where the notifications of an App ID go that has no subscription of its own. */
  readonly subscription?: Subscription;
  /** The endpoint of the watch script, which watched pages have in them. */
  readonly pageWatchUrl?: string;
}

/** The simulated Agora cloud: both products, their limits and their failures, with a ledger of its own. */
export interface Cloud {
  /** In process: hosts are those of the domain table. */
  readonly transport: Transport;
  /** One request that arrived, for a server. `host` is what the caller believes to talk to. */
  handle(request: HttpRequest): Outcome;
  /** Whether a host of the domain table is out of reach; for a server that is addressed under that name. */
  hostFault(host: string): string | undefined;
  /** Lets everything happen by itself when it is due, and tells it, until `signal` aborts and nothing is on its way any more. */
  run(signal: AbortSignal): Promise<void>;
  /** Where the notifications of an App ID go; undefined: nowhere. */
  subscribe(appId: string, subscription: Subscription | undefined): void;
  /** One test event for each that the App ID has subscribed to, as Console sends them; what each was answered. */
  testSubscription(appId: string, signal: AbortSignal): Promise<readonly TestResult[]>;
  /** Requests that arrived so far, by call. */
  readonly calls: Readonly<Record<CallName, number>>;
  /** The same array until something begins or ends. */
  liveTasks(): readonly Task[];
  /** Every task ever. */
  tasks(): readonly Task[];
  task(id: string): Task | undefined;
  /** Returns a function that takes the hook away. */
  onTaskStart(hook: Hook): () => void;
  onTaskEnd(hook: Hook): () => void;
  audit(options?: AuditOptions): Audit;
  addFaults(rules: readonly FaultRule[]): readonly string[];
  clearFaults(id?: string): number;
  faults(): readonly FaultView[];
  /** False where no such task lives. */
  kill(id: string, how: Death): boolean;
  limits(appId: string): Limits | undefined;
  setLimits(appId: string, limits: LimitOverrides): boolean;
  switches(): Switches;
  setSwitches(switches: Partial<Switches>): void;
  /** Whether anybody is in a channel; everybody is, unless it is said. */
  setOccupied(channel: { readonly appId: string; readonly name: string }, occupied: boolean): void;
  appIds(): readonly string[];
}

export function createCloud(options: CloudOptions): Cloud {
  const { clock } = options;
  const seed = String(options.seed);
  const agenda = new Agenda();
  const ledger = new Ledger();
  const now = (): number => clock.now();
  const faults: Faults = new Faults({
    seed,
    agenda,
    now,
    liveTasks: () => ledger.live,
    strike: (fault, entry, at) => strikeTask({ fault, entry, at }, world, recordings, converters),
  });
  const outbox = new Outbox(clock, options.tells?.post);
  const pageReports = new PageReports(faults, outbox, options.tells?.pageWatchUrl);
  const world: World = {
    ...DEFAULT_OUTSIDE,
    ...options.outside,
    agenda,
    ids: createIds(seed),
    ledger,
    faults,
    channels: new Channels(),
    subscriptions: new Subscriptions(options.tells?.subscription),
    pageReports,
    timings: { ...DEFAULT_TIMINGS, ...options.timings },
    now,
    switches: { ...DEFAULT_SWITCHES, ...options.switches },
  };
  const projects = new Projects(options.projects ?? [], options.anyProject);
  const recordings = new Recordings(world);
  const converters = new Converters(world);
  const deliveries = new Deliveries(world, outbox);
  ledger.onEvent((...told) => deliveries.happened(...told));
  const gateway = new Gateway({ world, projects, recordings, converters });
  faults.add(options.faults ?? []);
  /** Everything that looks at the cloud sees it as it is now. */
  const upToDate = (): number => {
    const at = now();
    agenda.advance(at);
    return at;
  };
  return {
    transport: createTransport({ clock, gateway, faults, seed, latencyMs: world.timings.latencyMs, upToDate }),
    handle: (request) => gateway.handle(request, new URL(request.url), now()),
    hostFault(host) {
      upToDate();
      const fault = faults.forHost({ host });
      return fault?.code ?? fault?.kind;
    },
    run: (signal) => outbox.during((open) => agenda.run(clock, open), signal),
    subscribe: (appId, subscription) => world.subscriptions.set(appId, subscription),
    testSubscription: (appId, signal) => deliveries.test(appId, signal),
    calls: gateway.calls,
    liveTasks() {
      upToDate();
      return ledger.liveTasks();
    },
    tasks() {
      upToDate();
      return ledger.entries.map((entry) => entry.view());
    },
    task(id) {
      upToDate();
      return ledger.byId.get(id.toLowerCase())?.view();
    },
    onTaskStart: (hook) => ledger.onStart(hook),
    onTaskEnd: (hook) => ledger.onEnd(hook),
    audit(auditOptions = {}) {
      const at = upToDate();
      const parts = {
        ledger,
        projects: projects.all(),
        calls: gateway.calls,
        refusals: gateway.refusals,
        faults: faults.list(),
        told: { notices: deliveries.counts, reports: pageReports.counts },
      };
      return auditOf(parts, at, auditOptions);
    },
    addFaults(rules) {
      upToDate();
      return faults.add(rules);
    },
    clearFaults: (id) => faults.clear(id),
    faults() {
      upToDate();
      return faults.list();
    },
    kill(id, how) {
      const at = upToDate();
      const entry = ledger.byId.get(id.toLowerCase());
      return (
        entry !== undefined &&
        ledger.live.has(entry) &&
        strikeTask({ fault: { kind: 'task-dies', how }, entry, at }, world, recordings, converters, 'killed')
      );
    },
    limits: (appId) => projects.get(appId)?.limits,
    setLimits(appId, limits) {
      const project = projects.get(appId);
      if (project === undefined) return false;
      project.limits = withOverrides(project.limits, limits);
      return true;
    },
    switches: () => world.switches,
    setSwitches(switches) {
      world.switches = { ...world.switches, ...switches };
    },
    setOccupied(channel, occupied) {
      const at = upToDate();
      if (world.channels.setOccupied(channel, occupied, at)) converters.channelChanged(channel.appId, channel.name);
    },
    appIds: () => projects.all().map(({ appId }) => appId),
  };
}
