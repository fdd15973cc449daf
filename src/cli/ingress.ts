import type { Clock } from '../core/clock.ts';
import { realClock } from '../engine/clock.ts';
import type { Engine } from '../engine/engine.ts';
import type { ResourceHost } from '../hosts/host.ts';
import type { Forward } from '../ingress/forward.ts';
import { createIngress, type Ingress } from '../ingress/ingress.ts';
import type { Journal } from '../ingress/journal.ts';
import { pageWatch } from '../ingress/page-watch.ts';
import { type IngressServer, startIngressServer } from '../ingress/server.ts';
import type { IngressWorld } from '../ingress/world.ts';
import type { IngressView } from '../kinds/context.ts';
import type { BindAddress } from '../observability/bind-address.ts';
import type { Logger } from '../observability/log.ts';
import { CommandError } from './io.ts';

/** Where a controller listens for what it is told unasked. */
export interface IngressOptions {
  /** Absent: no socket; only a simulated cloud in this process reaches it. */
  readonly address?: BindAddress;
  /** Under which others reach it. */
  readonly publicUrl?: string;
}

export interface IngressParts {
  readonly host: Pick<ResourceHost, 'get' | 'secret'>;
  /** Undefined while this replica stands by. */
  readonly engine: () => Engine | undefined;
  /** Of the run. */
  readonly clock: Clock;
  readonly log: Logger;
  readonly journal?: Journal;
  readonly forward?: Forward;
}

export function openIngress(parts: IngressParts): Ingress {
  const { engine, log, journal, forward } = parts;
  const world = ingressWorld(parts);
  const pages = pageWatch({ world });
  return createIngress({
    world,
    log,
    page: pages.handle,
    pageCounts: pages.counts,
    ready: () => engine()?.hasListed() === true,
    ...(journal === undefined ? {} : { journal }),
    ...(forward === undefined ? {} : { forward }),
  });
}

/** The host's store, the engine's index and its ear. */
export const ingressWorld = ({
  host,
  engine,
  clock,
}: Pick<IngressParts, 'host' | 'engine' | 'clock'>): IngressWorld => ({
  get: (key) => host.get(key),
  membersOf(appId) {
    const memory = engine()?.memory;
    return (memory?.projectsWith(appId) ?? [])
      .flatMap((project) => [...(memory?.membersOf(project) ?? [])])
      .map((key) => host.get(key))
      .filter((resource) => resource !== undefined);
  },
  secret: (namespace, name, key) => host.secret(namespace, name, key),
  tell: (key, evidence) => engine()?.tell(key, evidence),
  now: () => clock.now(),
});

/** What `decide` may know of it. */
export const ingressView = (options: Pick<IngressOptions, 'publicUrl'> | undefined): IngressView =>
  options === undefined
    ? { listens: false }
    : { listens: true, ...(options.publicUrl === undefined ? {} : { publicUrl: options.publicUrl }) };

/** Listens, and says where. Throws a `CommandError` where the address cannot be had. */
export async function serveIngress(
  ingress: Ingress,
  address: BindAddress,
  { log, publicUrl }: { readonly log: Logger; readonly publicUrl?: string | undefined },
): Promise<IngressServer> {
  try {
    const server = await startIngressServer({ address, handle: ingress.handle, clock: realClock() });
    log.info(
      { port: server.port, ...(publicUrl === undefined ? {} : { publicUrl }) },
      'listening for notifications and for reports of pages',
    );
    return server;
  } catch (error) {
    const { code, port } = error as NodeJS.ErrnoException & { readonly port?: number };
    if (code === undefined) throw error;
    throw new CommandError(`cannot listen on port ${port ?? ''} (${code}); see --ingress-bind-address`, {
      cause: error,
    });
  }
}
