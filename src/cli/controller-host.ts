import { hostname } from 'node:os';
import { realClock } from '../engine/clock.ts';
import { AccessError } from '../hosts/kubernetes/credentials.ts';
import { type KubernetesHost, openKubernetesHost } from '../hosts/kubernetes/host.ts';
import type { ControllerParts } from './controller-parts.ts';
import { CommandError, type Io } from './io.ts';
import { packageVersion } from './version.ts';

export async function openControllerHost(options: ControllerParts, io: Io): Promise<KubernetesHost> {
  const { kubeconfig, context, watchNamespaces, log } = options;
  try {
    return await openKubernetesHost({
      namespaces: watchNamespaces.length === 0 ? 'all' : watchNamespaces,
      // Time-outs of the API server's side are in real time, however fast the run is.
      clock: realClock(),
      random: Math.random,
      log,
      instance: io.env['POD_NAME'] ?? hostname(),
      environment: io.env,
      userAgent: `agora-reconciler/${packageVersion()} controller`,
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(context === undefined ? {} : { context }),
    });
  } catch (error) {
    throw error instanceof AccessError ? new CommandError(error.message, { cause: error }) : error;
  }
}
