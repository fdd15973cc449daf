import type { Instant } from '../core/time.ts';
import type { NoticeCounts } from './deliveries.ts';
import type { FaultView } from './faults.ts';
import type { Refusals } from './gateway.ts';
import type { Entry, Ledger, SeenExcess, Task } from './ledger.ts';
import { type Product, QPS_LIMITS, type QpsLimit } from './limits.ts';
import type { ReportCounts } from './page-reports.ts';
import type { Peak, Project } from './projects.ts';
import type { CallName } from './routes.ts';
import type { BillingClass } from './sizes.ts';
import { type PriorityClash, priorityClashes } from './standby.ts';

export interface AuditOptions {
  /** sids and converter ids that the user's statuses list; `unlisted` is then what lives beside them. */
  readonly listed?: readonly string[];
  /** What two names of one task have in common. Default: without `-r<n>`, which replacements add. */
  readonly stem?: (name: string) => string;
  /** Of Standby sets: the query parameter of their addresses that is the priority; `priorities` is then what clashed. */
  readonly priorityParameter?: string;
}

/** Two tasks that did the same thing at the same time: both are billed. */
export interface Double {
  readonly product: Product;
  readonly appId: string;
  readonly name: string;
  readonly ids: readonly [string, string];
  readonly from: Instant;
  /** Absent while both live. */
  readonly until?: Instant;
}

export interface Audit {
  readonly at: Instant;
  readonly limits: {
    /** Every time a task began, or grew, beyond a limit. */
    readonly exceeded: readonly SeenExcess[];
    readonly peaks: readonly (Peak & { readonly appId: string })[];
  };
  readonly queries: {
    readonly exceeded: readonly QueryRate[];
    readonly rates: readonly QueryRate[];
  };
  readonly refusals: { readonly enforced: Refusals; readonly injected: Refusals };
  readonly live: readonly Task[];
  readonly unlisted?: readonly Task[];
  readonly doubles: readonly Double[];
  readonly priorities?: readonly PriorityClash[];
  readonly sequences: readonly {
    readonly id: string;
    readonly name: string;
    readonly sent: readonly number[];
    readonly grows: boolean;
  }[];
  readonly minutes: Readonly<Record<Product, Readonly<Record<BillingClass, number>>>>;
  readonly started: Readonly<Record<Product, number>>;
  readonly calls: Readonly<Record<CallName, number>>;
  readonly faults: readonly FaultView[];
  /** What the cloud and its pages told unasked. */
  readonly told: { readonly notices: NoticeCounts; readonly reports: ReportCounts };
}

export interface QueryRate {
  readonly appId: string;
  readonly limit: QpsLimit;
  /** For a limit of one converter: which. */
  readonly taskId?: string;
  readonly allowed: number;
  /** Most calls that arrived in any second. */
  readonly peak: number;
  /** How many calls were one too many. */
  readonly above: number;
}

export interface AuditParts {
  readonly ledger: Ledger;
  readonly projects: readonly Project[];
  readonly calls: Readonly<Record<CallName, number>>;
  readonly refusals: Audit['refusals'];
  readonly faults: readonly FaultView[];
  readonly told: Audit['told'];
}

export function auditOf(parts: AuditParts, now: Instant, options: AuditOptions): Audit {
  const { listed, stem = withoutReplacement, priorityParameter } = options;
  const { ledger, projects } = parts;
  const rates = projects.flatMap(queryRates);
  const live = ledger.liveTasks();
  const known = listed === undefined ? undefined : new Set(listed.map((id) => id.toLowerCase()));
  return {
    at: now,
    limits: {
      exceeded: [...ledger.excess],
      peaks: projects.flatMap((project) => project.peaks().map((peak) => ({ ...peak, appId: project.appId }))),
    },
    queries: { exceeded: rates.filter(({ above }) => above > 0), rates },
    refusals: { enforced: { ...parts.refusals.enforced }, injected: { ...parts.refusals.injected } },
    live,
    ...(known === undefined ? {} : { unlisted: live.filter(({ id }) => !known.has(id)) }),
    doubles: doubles(ledger.entries, stem),
    ...(priorityParameter === undefined ? {} : { priorities: priorityClashes(ledger.entries, priorityParameter) }),
    sequences: ledger.entries.filter((entry) => entry.sequences.length > 0).map(sequenceOf),
    minutes: { recording: minutesOf(ledger, 'recording', now), converter: minutesOf(ledger, 'converter', now) },
    started: { recording: startsOf(ledger, 'recording'), converter: startsOf(ledger, 'converter') },
    calls: { ...parts.calls },
    faults: parts.faults,
    told: parts.told,
  };
}

/** `show_vertical-r2-agora-isolate-1` → `show_vertical-agora-isolate-1`: isolated twins are meant to run side by side. */
export const withoutReplacement = (name: string): string => name.replace(/-r[0-9]+(?=$|-agora-isolate-[123]$)/, '');

/** Pairs of one identity whose lives overlap; sorted by start, so that each is compared with those still alive. */
function doubles(entries: readonly Entry[], stem: (name: string) => string): readonly Double[] {
  const groups = Map.groupBy(entries, (entry) => {
    const { product, appId, name, channel, address } = entry.identity;
    return JSON.stringify([
      product,
      appId,
      name === '' ? [channel, address] : product === 'recording' ? name : stem(name),
    ]);
  });
  const found: Double[] = [];
  for (const group of groups.values()) {
    let alive: Entry[] = [];
    for (const entry of group) {
      alive = alive.filter((earlier) => (earlier.endedAt ?? Number.POSITIVE_INFINITY) > entry.createdAt);
      for (const earlier of alive) {
        const until = Math.min(earlier.endedAt ?? Number.POSITIVE_INFINITY, entry.endedAt ?? Number.POSITIVE_INFINITY);
        const { product, appId, name } = entry.identity;
        found.push({
          product,
          appId,
          name,
          ids: [earlier.identity.id, entry.identity.id],
          from: entry.createdAt,
          ...(Number.isFinite(until) ? { until } : {}),
        });
      }
      alive.push(entry);
    }
  }
  return found;
}

function sequenceOf({ identity, sequences }: Entry): Audit['sequences'][number] {
  const grows = sequences.every((sequence, index) => index === 0 || sequence > (sequences[index - 1] ?? -1));
  return { id: identity.id, name: identity.name, sent: [...sequences], grows };
}

function queryRates(project: Project): QueryRate[] {
  return [...project.windows].flatMap(([key, window]) => {
    const [name, taskId] = key.split('/');
    const limit = QPS_LIMITS.find((each) => each === name);
    if (limit === undefined) return [];
    const allowed = project.limits.qps[limit];
    return [
      {
        appId: project.appId,
        limit,
        ...(taskId === undefined ? {} : { taskId }),
        allowed,
        peak: window.peak,
        above: window.above,
      },
    ];
  });
}

function minutesOf(ledger: Ledger, product: Product, now: Instant): Record<BillingClass, number> {
  const sum = { HD: 0, FHD: 0 };
  for (const entry of ledger.entries) {
    if (entry.identity.product !== product) continue;
    const minutes = entry.minutes(now);
    sum.HD += minutes.HD;
    sum.FHD += minutes.FHD;
  }
  return sum;
}

const startsOf = (ledger: Ledger, product: Product): number =>
  ledger.entries.filter((entry) => entry.identity.product === product).length;
