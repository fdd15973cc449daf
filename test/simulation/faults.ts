import type { ProjectSpec } from '../../src/kinds/project/types.ts';
import type { FaultRule } from '../../src/simulator/fault-rules.ts';
import type { LimitOverrides } from '../../src/simulator/limits.ts';
import { seededFaults } from '../../src/simulator/seeded-faults.ts';
import type { Switches } from '../../src/simulator/switches.ts';
import type { Dice } from './dice.ts';
import { SMALL_LIMITS } from './manifests.ts';
import type { Mode, Told } from './simulate.ts';

/** What goes wrong, from a calm day to a bad one. */
export function faultsOf(
  seed: string,
  dice: Dice,
  {
    from,
    until,
    mode,
    told,
  }: { readonly from: number; readonly until: number; readonly mode: Mode; readonly told: Told },
): readonly FaultRule[] {
  const storm = dice.pick(mode === 'api' ? [1, 3] : [0, 0.3, 1, 3]);
  const rates = {
    'lost-answer': 0.01 * storm,
    'lost-request': 0.005 * storm,
    'not-completed': 0.01 * storm,
    'request-timeout': 0.01 * storm,
    'gateway-timeout': 0.01 * storm,
    'server-error': 0.01 * storm,
    'no-worker': 0.005 * storm,
    'rate-limited': 0.005 * storm,
    'no-resources': 0.005 * storm,
    latency: 0.01 * storm,
    'dead-domain': 0.3 * storm,
    'dns-failure': 0.2 * storm,
    'revoked-credentials': 0.05 * storm,
    'list-refused': 0.05 * storm,
  } as const;
  const tasks = {
    migration: 0.5 * storm,
    'task-dies': 0.3 * storm,
    'page-never-loads': 0.1 * storm,
    'cdn-refuses': 0.1 * storm,
    'page-loads-late': 0.1 * storm,
    'page-not-found': 0.05 * storm,
    'page-too-heavy': 0.02 * storm,
    'page-reloads': 0.2 * storm,
    'page-loses-element': 0.2 * storm,
    'page-video-freezes': 0.2 * storm,
    'page-goes-silent': 0.1 * storm,
    'page-script-stops': 0.2 * storm,
  } as const;
  const notices = {
    'notice-lost': 0.1,
    'notice-doubled': 0.1,
    'notice-reordered': 0.1,
    'notice-late': 0.1,
    'wrong-signature': 0.05,
  } as const;
  // A page that cannot report is lost for all that anybody can tell.
  const reports = { 'report-lost': 0.1, 'ingress-outage': 0.3 } as const;
  return seededFaults(seed, {
    rates: {
      ...(mode === 'pages' ? {} : rates),
      ...(mode === 'all' ? tasks : {}),
      ...(told === 'badly' ? notices : {}),
      ...(told === 'badly' && mode === 'all' ? reports : {}),
    },
    from,
    until,
  });
}

/** The limits that the project declares, as Agora's own. */
export function cloudLimits(): LimitOverrides {
  const { recording, converter } = SMALL_LIMITS as {
    recording: ProjectSpec['limits']['recording'];
    converter: ProjectSpec['limits']['converter'];
  };
  return {
    recording: { eu: { ...recording?.eu }, na: { ...recording?.na } },
    recordingTotal: recording?.total ?? 200,
    converter: { eu: { ...converter?.eu }, na: { ...converter?.na } },
    converterTotal: converter?.total ?? 299,
  };
}

/** Where Agora's documents leave it open. */
export function randomSwitches(dice: Dice): Partial<Switches> {
  return {
    startAgain: dice.pick(['without-sid', 'with-sid'] as const),
    overLimitAtStart: dice.pick(['vendor-over-load', 'no-worker'] as const),
    expiredResource: dice.pick(['code-433', 'not-found'] as const),
    queryWhileExiting: dice.pick(['status', 'code-501'] as const),
    steadyStatus: dice.pick(['in-progress', 'all-ready'] as const),
    getShape: dice.pick(['documented', 'bare', 'wrapped'] as const),
    listTypes: dice.pick(['sample', 'table'] as const),
    listIds: dice.pick(['upper', 'lower'] as const),
    listDuringMigration: dice.pick(['hidden', 'shown'] as const),
    errorKey: dice.pick(['reason', 'message'] as const),
    lowSequence: dice.pick(['ignore', 'refuse'] as const),
  };
}
