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
  readonly missingSince: number;
  readonly missingUntil: number;
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
        const missed = status === 404 ? 1 : 0;
        rows.set(id, {
          bad: (row?.bad ?? 0) + 1,
          missing: (row?.missing ?? 0) + missed,
          missingSince: row?.missingSince ?? now(),
          missingUntil: missed === 1 ? now() : (row?.missingUntil ?? now()),
        });
      }
    },
    isStruck: (id) => (rows.get(id)?.bad ?? 0) >= STRIKES,
    isSilent(id) {
      const row = rows.get(id);
      return row !== undefined && row.missing >= SILENT_LOOKS && row.missingUntil >= row.missingSince + MIGRATION_MS;
    },
  };
}
