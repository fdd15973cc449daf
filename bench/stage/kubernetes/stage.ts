import type { Declared } from '../../../src/hosts/declared.ts';
import { type Cluster, startCluster } from '../../../test/kubernetes/cluster.ts';
import { revealedSecrets } from '../manifests.ts';

/** A cluster that begins anew, with the namespace of the manifests, their Secrets, and these projects. */
export async function stageCluster(projects: readonly Declared[]): Promise<Cluster> {
  const cluster = await startCluster(process.env);
  try {
    for (const { namespace, name, values } of revealedSecrets()) {
      await cluster.namespace(namespace);
      await cluster.setSecret(namespace, name, values);
    }
    for (const project of projects) await cluster.apply(project);
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Looks again and again until it is so. */
export async function until(what: string, isSo: () => Promise<boolean>, withinMs: number, everyMs = 50): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not within ${withinMs / 1_000} s: ${what}`);
    await pause(everyMs);
  }
}
