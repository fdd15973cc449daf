import { type HealthServer, startHealthServer } from '../observability/health.ts';
import type { Metrics } from '../observability/metrics.ts';
import { liveAnswers } from './control/answers.ts';
import { controlOverHttp } from './control/http-server.ts';
import type { ControlAnswers } from './control/server.ts';
import type { ControllerParts } from './controller-parts.ts';
import { CommandError } from './io.ts';
import type { Replica } from './replica.ts';
import type { Runtime } from './runtime.ts';

/** Serves health, metrics and what other commands ask. */
export async function serveProbes(
  { healthProbeBindAddress: health, metricsBindAddress: metricsAddress, watchNamespaces, log }: ControllerParts,
  { replica, metrics }: { readonly replica: Replica; readonly metrics: Metrics },
): Promise<HealthServer> {
  let known: { readonly runtime: Runtime; readonly answers: ControlAnswers } | undefined;
  const answers = (): ControlAnswers | undefined => {
    const runtime = replica.leads() ? replica.runtime() : undefined;
    if (runtime === undefined) return undefined;
    if (known?.runtime !== runtime) known = { runtime, answers: answersOf(runtime, watchNamespaces) };
    return known.answers;
  };
  try {
    return await startHealthServer({
      health,
      metrics: metricsAddress,
      // It answers, so the event loop runs; a leader that loses its lease ends by itself.
      live: () => [{ name: 'ping', ok: true, message: '' }],
      ready: () => replica.checks(),
      exposition: metrics,
      further: controlOverHttp(answers, log),
    });
  } catch (error) {
    const { code, port } = error as NodeJS.ErrnoException & { readonly port?: number };
    if (code === undefined) throw error;
    const flags = '--health-probe-bind-address and --metrics-bind-address';
    throw new CommandError(`cannot listen on port ${port ?? ''} (${code}); see ${flags}`, { cause: error });
  }
}

function answersOf(runtime: Runtime, namespaces: readonly string[]): ControlAnswers {
  const answers = liveAnswers(runtime);
  if (namespaces.length === 0) return answers;
  return { ...answers, stats: async (request) => ({ ...(await answers.stats(request)), namespaces }) };
}
