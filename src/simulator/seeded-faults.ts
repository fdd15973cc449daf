import type { Instant } from '../core/time.ts';
import { createDie, type Die } from './dice.ts';
import { HOSTS } from './domains.ts';
import {
  type CallFault,
  type FaultRule,
  HOST_FAULTS,
  type HostFault,
  LIMIT_TYPES,
  type NoticeFault,
  type ReceiverFault,
  TASK_FAULTS,
  type TaskFault,
} from './fault-rules.ts';

/** Faults that belong to a project as a whole come in stretches, as those of domains and tasks do. */
const STRETCHES = ['revoked-credentials', 'not-enabled', 'suspended', 'list-refused', 'ingress-outage'] as const;
type StretchKind = HostFault['kind'] | TaskFault['kind'] | (typeof STRETCHES)[number];

export interface SeededFaults {
  /**
   * For faults of single calls, notifications and page reports: the probability of each. For those of tasks, of domains,
   * of the receiver, and for refusals of a whole project: how many an hour.
   */
  readonly rates: { readonly [Kind in FaultRule['kind']]?: number };
  readonly from: Instant;
  readonly until: Instant;
}

/** Rules that follow from a seed alone, all of them over by `until`. Migrations end by then, too. */
export function seededFaults(seed: string | number, { rates, from, until }: SeededFaults): readonly FaultRule[] {
  const rules: FaultRule[] = [];
  for (const [kind, rate] of Object.entries(rates) as [FaultRule['kind'], number][]) {
    const die = createDie(`${seed}/faults/${kind}`);
    if (!isStretch(kind)) {
      for (const fault of variants(kind, die))
        rules.push({ ...fault, id: `seeded-${rules.length + 1}`, probability: rate, fromAt: from, untilAt: until });
      continue;
    }
    for (let at = from + gap(rate, die); at < until; at += gap(rate, die)) {
      rules.push({ ...stretch(kind, die, { at, until }), id: `seeded-${rules.length + 1}`, fromAt: Math.round(at) });
    }
  }
  return rules;
}

const isStretch = (kind: FaultRule['kind']): kind is StretchKind =>
  [...HOST_FAULTS, ...TASK_FAULTS, ...STRETCHES].some((each) => each === kind);

/** Time to the next of `rate` an hour, as arrivals that know nothing of each other have it. */
const gap = (rate: number, die: Die): number =>
  rate > 0 ? (-Math.log(1 - die()) * 3_600_000) / rate : Number.POSITIVE_INFINITY;

/** A kind that can happen with and without side effect, or in two ways, happens in both, half as often each. */
function variants(
  kind: Exclude<FaultRule['kind'], StretchKind>,
  die: Die,
): readonly (CallFault | NoticeFault | ReceiverFault)[] {
  switch (kind) {
    case 'lost-answer':
    case 'lost-request':
      return [{ kind, as: die() < 0.5 ? 'hang' : 'reset' }];
    case 'not-completed':
    case 'request-timeout':
    case 'gateway-timeout':
      return [
        { kind, sideEffect: true },
        { kind, sideEffect: false },
      ];
    case 'server-error':
      return [
        { kind, status: 500, sideEffect: true },
        { kind, status: 503 },
      ];
    case 'latency':
      return [{ kind, ms: 500 + Math.floor(die() * 20_000) }];
    case 'notice-late':
      return [{ kind, seconds: 30 + Math.floor(die() * 600) }];
    case 'notice-doubled':
      return [{ kind, seconds: Math.floor(die() * 120) }];
    default:
      return [{ kind }];
  }
}

function stretch(
  kind: StretchKind,
  die: Die,
  { at, until }: { readonly at: Instant; readonly until: Instant },
): FaultRule {
  const lastMs = Math.min(20_000 + die() * 160_000, until - at);
  const untilAt = Math.round(at + lastMs);
  switch (kind) {
    case 'dead-domain':
      return { kind: 'dead-domain', code: die() < 0.5 ? 'ECONNREFUSED' : 'hang', match: { host: aHost(die) }, untilAt };
    case 'dns-failure':
      return { kind: 'dns-failure', match: { host: aHost(die) }, untilAt };
    case 'migration':
      return {
        kind: 'migration',
        seconds: Math.min(Math.round(lastMs / 1_000), 80),
        listed: die() < 0.5,
        count: 1,
        untilAt: until,
      };
    case 'task-dies':
      return { kind: 'task-dies', how: die() < 0.5 ? 'failed' : 'gone', count: 1, untilAt: until };
    case 'page-never-loads':
    case 'page-reloads':
    case 'cdn-refuses':
      return { kind, count: 1, untilAt: until };
    case 'page-not-found':
      return { kind, status: die() < 0.5 ? 404 : 503, count: 1, untilAt: until };
    case 'page-loads-late':
      return { kind, seconds: 5 + Math.floor(die() * 90), count: 1, untilAt: until };
    case 'page-too-heavy':
      return { kind, limitType: LIMIT_TYPES[Math.floor(die() * 3)] ?? 'WebGL', count: 1, untilAt: until };
    case 'page-loses-element':
    case 'page-video-freezes':
    case 'page-goes-silent':
    case 'page-script-stops':
      // Half of them pass, some of them before anybody should have acted.
      return { kind, ...(die() < 0.5 ? { forSeconds: Math.ceil(die() * 120) } : {}), count: 1, untilAt: until };
    case 'ingress-outage':
      return { kind, ...(die() < 0.3 ? { only: 'reports' } : {}), untilAt };
    default:
      return { kind, untilAt };
  }
}

/** Primary names carry the traffic, so they fail most. */
const aHost = (die: Die): string =>
  die() < 0.7
    ? die() < 0.7
      ? 'api.agora.io'
      : 'api.sd-rtn.com'
    : (HOSTS[Math.floor(die() * HOSTS.length)] ?? 'api.agora.io');
