import { AUDIT_MS } from '../kinds/converter/timing.ts';
import { SWEEP_MS } from '../kinds/project/timing.ts';
import { STEADY_QUERY_MS } from '../kinds/recording/timing.ts';
import type { RateLimit } from '../limits/slot.ts';
import type { Limits } from '../limits/tables.ts';
import type { PlanAction, PlannedRate } from './planned.ts';

/** What of a planned resource costs calls. */
export interface Caller {
  readonly appId: string;
  readonly service: 'recording' | 'converter';
  readonly action: PlanAction;
  /** Would a task run once all is done? */
  readonly runs: boolean;
  /** It has a task now. */
  readonly live: boolean;
  /** It cannot begin now, so it costs no rollout. */
  readonly waits: boolean;
}

/** WR-6, WR-7: acquire, start and the first query that sees it run. */
const RECORDING_START: Calls = { recording: 3 };
/** MP-22: create, and one Get unless a list shows it first. */
const CONVERTER_START: Calls = { 'converter-create': 1, 'converter-get': 1 };

type Calls = Partial<Record<RateLimit, number>>;

/** WR-2, MP-1: calls a second of the whole declaration when steady, and calls and time to get there, per lane. */
export function ratesOf(callers: readonly Caller[], limitsFor: (appId: string) => Limits): readonly PlannedRate[] {
  const appIds = [...new Set(callers.map(({ appId }) => appId))].sort();
  return appIds.flatMap((appId) => {
    const own = callers.filter((caller) => caller.appId === appId);
    const steady = steadyOf(own);
    const rollout = sum(own.map(rolloutOf));
    const { rates } = limitsFor(appId);
    return LANES.flatMap((limit): readonly PlannedRate[] => {
      const [perSecond, calls] = [steady[limit] ?? 0, rollout[limit] ?? 0];
      if (perSecond === 0 && calls === 0) return [];
      const { cap, perMs } = rates[limit];
      return [
        {
          appId,
          limit,
          allowed: cap,
          perSeconds: perMs / 1_000,
          steadyPerSecond: Number(perSecond.toFixed(3)),
          rolloutCalls: calls,
          // A window that is full lets the next call begin only when it is over.
          rolloutSeconds: Math.max(0, Math.ceil(calls / cap) - 1) * (perMs / 1_000),
        },
      ];
    });
  });
}

const LANES: readonly RateLimit[] = [
  'recording',
  'converter-create',
  'converter-delete',
  'converter-update',
  'converter-get',
  'converter-list',
];

/** One query in two minutes a recording (B.9); converters are seen by one list of all, and a Get an hour each. */
function steadyOf(callers: readonly Caller[]): Calls {
  const running = (service: Caller['service']): number =>
    callers.filter((caller) => caller.service === service && caller.runs).length;
  const converters = running('converter');
  return {
    recording: running('recording') / (STEADY_QUERY_MS / 1_000),
    'converter-get': converters / (AUDIT_MS / 1_000),
    'converter-list': converters > 0 ? 1 / (SWEEP_MS / 1_000) : 0,
  };
}

function rolloutOf({ service, action, live, waits }: Caller): Calls {
  const recording = service === 'recording';
  const start = recording ? RECORDING_START : CONVERTER_START;
  const stop: Calls = recording ? { recording: 1 } : { 'converter-delete': 1 };
  switch (action) {
    case 'create':
      return waits ? {} : start;
    case 'recreate':
      return waits ? {} : sum([stop, start]);
    case 'update':
      return !live ? {} : recording ? { recording: 1 } : { 'converter-update': 1 };
    case 'stop':
    case 'remove':
      return live ? stop : {};
    case 'nothing':
    case 'accept':
      return {};
  }
}

function sum(all: readonly Calls[]): Calls {
  const total: Partial<Record<RateLimit, number>> = {};
  for (const calls of all) for (const limit of LANES) total[limit] = (total[limit] ?? 0) + (calls[limit] ?? 0);
  return total;
}
