/** What is wrong now, in a few words without a secret; undefined: nothing. One that throws is wrong too. */
export type Check = () => string | undefined;

export type Checks = Readonly<Record<string, Check>>;

export interface Verdict {
  readonly healthy: boolean;
  /** As the API server's own endpoints write it: a line a check, then the sum. */
  readonly text: string;
}

/** Runs each check that is not excluded. `title` is the endpoint's name, as `readyz`. */
export function runChecks(
  title: string,
  checks: Checks,
  { excluded = [] }: { readonly excluded?: readonly string[] },
): Verdict {
  let healthy = true;
  const lines = Object.entries(checks).map(([name, check]) => {
    if (excluded.includes(name)) return `[+]${name} excluded: ok`;
    const wrong = resultOf(check);
    if (wrong === undefined) return `[+]${name} ok`;
    healthy = false;
    return `[-]${name} failed: ${wrong}`;
  });
  const unknown = excluded.filter((name) => !Object.hasOwn(checks, name));
  const warning = unknown.length === 0 ? [] : ['warn: some health checks cannot be excluded: no such check'];
  return { healthy, text: [...lines, ...warning, `${title} check ${healthy ? 'passed' : 'failed'}`, ''].join('\n') };
}

function resultOf(check: Check): string | undefined {
  try {
    return check();
  } catch {
    // Whatever it says may hold anything.
    return 'the check itself failed';
  }
}
