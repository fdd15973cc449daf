/** One named check, as hosts and the elector tell theirs. */
export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  /** In a few words, without a secret: whoever reaches the port reads it. */
  readonly message: string;
}

export type Checks = () => readonly CheckResult[];

export interface Health {
  readonly healthy: boolean;
  /** As the API server's own endpoints write it: a line a check, then the sum. */
  readonly text: string;
}

/** `title` is the endpoint's name, as `readyz`. Excluded checks are told, and do not count. */
export function healthOf(
  title: string,
  results: readonly CheckResult[],
  { excluded = [] }: { readonly excluded?: readonly string[] } = {},
): Health {
  const counted = results.filter(({ name }) => !excluded.includes(name));
  const healthy = counted.every(({ ok }) => ok);
  const lines = results.map(({ name, ok, message }) => {
    if (excluded.includes(name)) return `[+]${name} excluded: ok`;
    const told = message === '' ? '' : `: ${message}`;
    return ok ? `[+]${name} ok${told}` : `[-]${name} failed${told}`;
  });
  const unknown = excluded.filter((name) => results.every((result) => result.name !== name));
  const warning = unknown.length === 0 ? [] : ['warn: some health checks cannot be excluded: no such check'];
  return { healthy, text: [...lines, ...warning, `${title} check ${healthy ? 'passed' : 'failed'}`, ''].join('\n') };
}

/** A check that throws is a defect; what it says may hold anything, so it is not told. */
export function resultsOf(checks: Checks): readonly CheckResult[] {
  try {
    return checks();
  } catch {
    return [{ name: 'checks', ok: false, message: 'the checks themselves failed' }];
  }
}
