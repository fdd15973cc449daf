/** One measured value beside what it is compared with. */
export interface Row {
  readonly what: string;
  readonly measured: number;
  /** `bound`: the value promised, met at a ratio of at most 1. `baseline`: something else measured in the same run. */
  readonly against: { readonly kind: 'bound' | 'baseline'; readonly value: number; readonly what: string };
  readonly unit: string;
}

/** Prints a scenario: what was run, a line for each row with its ratio, and what else a reader should know. */
export function report(title: string, rows: readonly Row[], notes: readonly string[]): void {
  console.log(title);
  for (const row of rows) console.log(`  ${line(row)}`);
  for (const note of notes) console.log(`  · ${note}`);
  console.log('');
}

function line({ what, measured, against, unit }: Row): string {
  const ratio = measured / against.value;
  const verdict = against.kind === 'baseline' ? '' : ratio <= 1 ? '  met' : '  MISSED';
  const values = `${show(measured)} ${unit}, ${against.kind} ${show(against.value)} ${unit} (${against.what})`;
  return `${what}: ${values}, ratio ${ratio.toFixed(3)}${verdict}`;
}

/** Three or four digits that tell something. */
export function show(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

/** The smallest value that at least `share` of all values do not exceed; not a number where there are none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);
export const largest = (values: readonly number[]): number => quantile(values, 1);
export const smallest = (values: readonly number[]): number => quantile(values, 0);
