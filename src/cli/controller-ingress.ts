import { isIP } from 'node:net';
import { realClock } from '../engine/clock.ts';
import type { ResourceHost } from '../hosts/host.ts';
import type { Elector } from '../hosts/kubernetes/lease.ts';
import { createForward, type Forward } from '../ingress/forward.ts';
import type { Ingress } from '../ingress/ingress.ts';
import type { IngressServer } from '../ingress/server.ts';
import type { BindAddress } from '../observability/bind-address.ts';
import type { ControllerParts } from './controller-parts.ts';
import { openIngress, serveIngress } from './ingress.ts';
import type { Replica } from './replica.ts';
import type { Surroundings } from './surroundings.ts';

/** On the Lease: where the leader takes what another replica sends on to it (ADR 0025). */
export const INGRESS_ADDRESS = 'agora-reconciler.dev/ingress-address';

/** What one replica listens for, leader or not. */
export interface ControllerIngress {
  /** Undefined where nothing is taken. */
  readonly ingress: Ingress | undefined;
  /** What the Lease says of this replica while it leads. */
  annotations(): Readonly<Record<string, string>>;
  /** Listens; before the replica stands for election, so that the Lease can say where. */
  listen(): Promise<void>;
  close(): Promise<void>;
}

export function controllerIngress(
  { clock }: Surroundings,
  { ingressBindAddress: address, publicUrl, log }: ControllerParts,
  parts: {
    readonly host: Pick<ResourceHost, 'get' | 'secret'>;
    readonly replica: () => Replica;
    /** Absent: there is no other replica. */
    readonly elector: () => Pick<Elector, 'leaderAnnotations'> | undefined;
    readonly environment: Readonly<Record<string, string | undefined>>;
  },
): ControllerIngress {
  const { host, replica, elector, environment } = parts;
  const standsAlone = elector() === undefined;
  let server: IngressServer | undefined;
  const forward: Forward | undefined =
    address === undefined || standsAlone
      ? undefined
      : createForward({
          leads: () => replica().leads(),
          leader: () => elector()?.leaderAnnotations()[INGRESS_ADDRESS],
          clock: realClock(),
        });
  const ingress =
    address === undefined
      ? undefined
      : openIngress({
          host,
          engine: () => replica().runtime()?.engine,
          clock,
          log,
          ...(forward === undefined ? {} : { forward }),
        });

  return {
    ingress,
    annotations() {
      const url = server === undefined || address === undefined ? undefined : ownUrl(environment, address, server.port);
      return url === undefined ? {} : { [INGRESS_ADDRESS]: url };
    },
    async listen() {
      if (ingress === undefined || address === undefined) return;
      server = await serveIngress(ingress, address, { log, publicUrl });
      if (forward !== undefined && ownUrl(environment, address, server.port) === undefined)
        log.warn({}, 'other replicas cannot send notifications on to this one: set POD_IP, or a host to listen on');
    },
    async close() {
      await server?.close();
      await forward?.close();
    },
  };
}

/** Where other replicas reach this one: the Pod's address, or that of the machine which was named to listen on. */
function ownUrl(
  environment: Readonly<Record<string, string | undefined>>,
  address: BindAddress,
  port: number,
): string | undefined {
  const host = environment['POD_IP'] ?? (ANY.has(address.host ?? '') ? undefined : address.host);
  if (host === undefined || host === '') return undefined;
  return `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

/** They stand for every address of the machine, and for none that others could use. */
const ANY: ReadonlySet<string> = new Set(['', '0.0.0.0', '::']);
