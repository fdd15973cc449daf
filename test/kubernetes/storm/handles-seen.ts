import { realClock } from '../../../src/engine/clock.ts';
import { openAccess } from '../../../src/hosts/kubernetes/access.ts';
import { createApi } from '../../../src/hosts/kubernetes/api.ts';
import { PLURALS } from '../../../src/hosts/kubernetes/kinds.ts';
import { LineSplitter } from '../../../src/hosts/kubernetes/lines.ts';
import { idsIn, type Listed } from '../listed.ts';

export interface HandlesSeen {
  /** Handles that some version of a status listed. */
  readonly ids: ReadonlySet<string>;
  stop(): Promise<void>;
}

const LONGEST_LINE = 8 * 2 ** 20;

/** One version of an object, for whoever looks for what became of a handle. */
export interface SeenVersion {
  readonly type: string;
  readonly object: Listed;
}

/** Watches every version of every status, past all faults. */
export async function watchHandles(
  kubeconfig: string,
  namespace: string,
  told: (version: SeenVersion) => void = () => undefined,
): Promise<HandlesSeen> {
  const clock = realClock();
  const access = await openAccess({ clock, environment: {}, kubeconfig });
  const api = createApi({ access, clock, userAgent: 'observer' });
  const ids = new Set<string>();
  const end = new AbortController();
  const watching = (['WebPageRecording', 'RtmpConverter'] as const).map(async (kind) => {
    const path = `/apis/agora-reconciler.dev/v1alpha1/namespaces/${namespace}/${PLURALS[kind]}`;
    while (!end.signal.aborted) {
      try {
        const lines = new LineSplitter(LONGEST_LINE);
        const read = await api.stream(path, { watch: 'true', timeoutSeconds: '3600' }, end.signal);
        await read((chunk) => {
          for (const line of lines.push(chunk)) {
            const version = JSON.parse(line) as SeenVersion;
            told(version);
            for (const id of idsIn(version.object)) ids.add(id);
          }
          return undefined;
        });
      } catch (error) {
        if (!end.signal.aborted) throw error;
      }
    }
  });
  const all = Promise.all(watching);
  return {
    ids,
    async stop() {
      end.abort();
      await all;
      await api.close();
    },
  };
}
