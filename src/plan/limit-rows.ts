import type { Ledger } from '../limits/ledger.ts';
import { levelName } from '../limits/levels.ts';
import type { Candidate } from './admission.ts';
import type { PlannedLimit } from './planned.ts';

/** The bounds that the declaration comes near to: those of which something is held or waited for. */
export function limitRows(
  candidates: readonly Candidate[],
  { before, peak }: { readonly before: Ledger; readonly peak: Ledger },
): readonly PlannedLimit[] {
  const appIds = new Set(
    candidates.flatMap(({ context, resource, kind, ask }) => [
      ...(context.project === undefined ? [] : [context.project.appId]),
      ...kind.held(resource as Parameters<typeof kind.held>[0]).slots.map(({ appId }) => appId),
      ...(ask?.claims.slots ?? []).map(({ appId }) => appId),
    ]),
  );
  return [...appIds].sort().flatMap((appId) => {
    const now = new Map(before.usage(appId).map(({ level, held }) => [level.id, held]));
    return peak.usage(appId).flatMap(({ level, held, limit, waiting }): readonly PlannedLimit[] => {
      const heldNow = now.get(level.id) ?? 0;
      if (held === 0 && heldNow === 0 && waiting === 0) return [];
      return [{ appId, limit: levelName(level), allowed: limit, heldNow, heldAtPeak: held, waiting }];
    });
  });
}
