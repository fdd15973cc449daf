import { KIND_NAMES, keyOf, type Resource } from '../core/resource.ts';
import { EXIT } from './io.ts';
import type { Loop } from './loop.ts';
import { spanText } from './resource-table.ts';
import { judge, standingOf, type Verdict } from './settled.ts';

export interface Outcome {
  readonly exitCode: number;
  readonly lines: readonly string[];
}

const LOOK_EVERY_REAL_MS = 100;

/** What `watch --once` ends with; undefined where it was interrupted. */
export async function untilSettled(
  { runtime }: Loop,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const { clock } = runtime;
  const began = clock.monotonic();
  const pauseMs = LOOK_EVERY_REAL_MS / clock.real(1);
  try {
    for (;;) {
      const verdict = verdictOf(runtime);
      if (verdict?.working.length === 0) return settled(verdict);
      const left = timeoutMs - (clock.monotonic() - began);
      if (left <= 0) return notSettled(verdict, timeoutMs);
      await clock.sleep(Math.min(pauseMs, left), signal);
    }
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

/** Undefined before the first scan. */
function verdictOf({ host, engine }: Loop['runtime']): Verdict | undefined {
  const report = host.report();
  if (report.scannedAt === undefined) return undefined;
  const resources = KIND_NAMES.flatMap((kind) => host.list(kind));
  return judge(resources, report, (key) => (engine.memory.steps.get(key)?.do ?? 'call') !== 'call');
}

function settled({ stalled, waiting, blocked }: Verdict): Outcome {
  const bad = stalled.length > 0 || blocked;
  return {
    exitCode: bad ? EXIT.bad : EXIT.ok,
    lines: [
      ...stalled.map((resource) => `stalled: ${sentence(resource)}`),
      ...(blocked ? ['not everything that is declared could be taken over; see above'] : []),
      ...waiting.map((resource) => `waits for a limit: ${sentence(resource)}`),
      ...(bad ? [] : ['settled: everything is as declared, before its window, or waits for a limit']),
      'tasks go on running; nothing watches them until the next watch',
    ],
  };
}

function notSettled(verdict: Verdict | undefined, timeoutMs: number): Outcome {
  return {
    exitCode: EXIT.notSettled,
    lines: [
      ...(verdict?.working ?? []).map((resource) => `not settled: ${sentence(resource)}`),
      `not settled within ${spanText(timeoutMs)}; tasks that were started go on running`,
    ],
  };
}

function sentence(resource: Resource): string {
  const { reason, message } = standingOf(resource);
  return `${keyOf(resource)}: ${reason}${message === '' ? '' : `: ${message}`}`;
}
