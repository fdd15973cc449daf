import { MIGRATION_MS, SILENT_LOOKS, STRIKES } from '../../src/kinds/converter/timing.ts';

/** What looks at converters were answered, as far as it makes a verdict: right by the rules, and yet wrong now and then. */
export interface Looks {
  /** `status`: undefined where there was no answer. */
  answered(call: string, status: number | undefined): void;
  /** Bad answers in a row, while others were answered: it has failed (MP-22, design §5.3). */
  isStruck(id: string): boolean;
  /** 404 to each look for long enough: it is gone (design §5.1), unless it was out of sight twice, and nobody looked in between. */
  isSilent(id: string): boolean;
}

interface Row {
  readonly bad: number;
  readonly missing: number;
  /** The first and the last of them. */
  readonly missingSince: number | undefined;
  readonly missingUntil: number | undefined;
}

export function createLooks(now: () => number): Looks {
  const rows = new Map<string, Row>();
  return {
    answered(call, status) {
      const [, id] = /^(?:GET|DELETE) rtmp-converters\/(.+)$/.exec(call) ?? [];
      if (id === undefined) return;
      const row = rows.get(id);
      if (status === 200) rows.delete(id);
      else {
        const missedAt = status === 404 ? now() : undefined;
        rows.set(id, {
          bad: (row?.bad ?? 0) + 1,
          missing: (row?.missing ?? 0) + (missedAt === undefined ? 0 : 1),
          missingSince: row?.missingSince ?? missedAt,
          missingUntil: missedAt ?? row?.missingUntil,
        });
      }
    },
    isStruck: (id) => (rows.get(id)?.bad ?? 0) >= STRIKES,
    isSilent(id) {
      const { missing = 0, missingSince = 0, missingUntil = 0 } = rows.get(id) ?? {};
      return missing >= SILENT_LOOKS && missingUntil >= missingSince + MIGRATION_MS;
    },
  };
}
