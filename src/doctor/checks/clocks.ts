import { CREATED_BEFORE_MS } from '../../kinds/converter/timing.ts';
import type { Facts } from '../facts.ts';
import { about, type Finding, judged, pass } from '../finding.ts';

export const NOTABLE_SKEW_MS = 10_000;
/** From here on a converter of our own looks older than the intent that made it (design §5.4). */
export const HARMFUL_SKEW_MS = CREATED_BEFORE_MS;

/** The clock of this machine against Agora's and the API server's, by the Date of their answers. */
export function clocks({ projects, cluster }: Facts): readonly Finding[] {
  const ofAgora = projects.flatMap(({ project, domains }) => {
    const seen = domains.flatMap(({ host, probe }) =>
      probe.outcome === 'answered' && probe.skewMs !== undefined ? [{ host, skewMs: probe.skewMs }] : [],
    );
    // One server may be wrong by itself: the one that agrees best is believed.
    const [best] = seen.toSorted((a, b) => Math.abs(a.skewMs) - Math.abs(b.skewMs));
    return best === undefined ? [] : [{ ...judge(`that of ${best.host}`, best.skewMs), ...about(project) }];
  });
  return cluster?.skewMs === undefined ? ofAgora : [judge('the API server’s', cluster.skewMs), ...ofAgora];
}

function judge(whose: string, skewMs: number): Finding {
  const off = Math.abs(skewMs);
  const seconds = `${Math.round(off / 1_000)} s ${skewMs > 0 ? 'behind' : 'ahead of'}`;
  if (off <= NOTABLE_SKEW_MS)
    return pass('clock', `agrees with ${whose}${off === 0 ? '' : ` within ${Math.ceil(off / 1_000)} s`}`);
  return judged('clock', off > HARMFUL_SKEW_MS ? 'fail' : 'warn', {
    fact: `this machine’s clock is ${seconds} ${whose}`,
    action:
      off > HARMFUL_SKEW_MS
        ? 'Synchronise the clock (NTP): converters of our own are taken for foreign, windows begin at the wrong time.'
        : 'Synchronise the clock (NTP) before it is off by a minute.',
  });
}
