import { createAgoraApi } from '../../src/agora/client.ts';
import { createDomains } from '../../src/agora/domain-book.ts';
import { ingressWorld } from '../../src/cli/ingress.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { Transport } from '../../src/core/http.ts';
import type { Inbound } from '../../src/core/inbound.ts';
import type { Resource } from '../../src/core/resource.ts';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import type { HostListener, ResourceHost } from '../../src/hosts/host.ts';
import { createIngress } from '../../src/ingress/ingress.ts';
import { pageWatch } from '../../src/ingress/page-watch.ts';
import type { IngressWorld } from '../../src/ingress/world.ts';
import type { AnyKind } from '../../src/kinds/index.ts';
import type { ProjectSpec } from '../../src/kinds/project/types.ts';
import { createLanes, type Lanes } from '../../src/limits/lanes.ts';
import { Ledger } from '../../src/limits/ledger.ts';
import { limitsFor, lowerOf } from '../../src/limits/tables.ts';
import { type Logger, SILENT } from '../../src/observability/log.ts';

/** One life of the controller: engine, ledger, lanes and client, over a host and a cloud that outlive it. */
export interface Incarnation {
  readonly engine: Engine;
  readonly number: number;
  /** Its ears: rejects once it is dead, as a closed port does. */
  readonly handle: Inbound;
  /** As `kill -9` does it: nothing that was under way comes back, nothing new leaves. */
  crash(): void;
  readonly crashed: boolean;
  /** As Ctrl-C does it. */
  stop(): Promise<void>;
  /** Resolves when it ended by itself, which only an error does. */
  readonly ended: Promise<void>;
}

export interface IncarnationParts {
  readonly clock: Clock;
  readonly host: ResourceHost;
  readonly transport: Transport;
  readonly kinds: Readonly<Record<Resource['kind'], AnyKind>>;
  readonly number: number;
  readonly mostRounds?: number;
  readonly log?: Logger;
  /** Asked before and after each host write and each transport call: does it die here? */
  readonly dies: (where: string) => boolean;
  readonly lanes?: (lanes: Lanes) => Lanes;
  readonly ingress?: (world: IngressWorld) => IngressWorld;
}

const NEVER = new Promise<never>(() => undefined);

export function incarnate(parts: IncarnationParts): Incarnation {
  const { clock, number, kinds } = parts;
  const life = { over: false };
  const stop = new AbortController();
  const crash = (): void => {
    life.over = true;
    lanes.close();
    stop.abort(new Error('crashed'));
  };
  /** Whatever is asked of the world around it goes through here, so that a dead one neither acts nor learns. */
  async function mortal<Value>(where: string, act: () => Promise<Value>): Promise<Value> {
    if (life.over) return NEVER;
    if (parts.dies(`before ${where}`)) {
      crash();
      return NEVER;
    }
    const value = await act().catch((error: unknown) => {
      if (life.over) return NEVER;
      throw error;
    });
    if (life.over) return NEVER;
    if (parts.dies(`after ${where}`)) {
      crash();
      return NEVER;
    }
    return value;
  }

  const host: ResourceHost = {
    run: (listener, signal) => parts.host.run(whileAlive(listener, life), signal),
    get: (key) => parts.host.get(key),
    list: (kind) => parts.host.list(kind),
    secret: (namespace, name, key) => parts.host.secret(namespace, name, key),
    writeStatus: (resource, status) => mortal('status write', () => parts.host.writeStatus(resource, status)),
    setFinalizer: (resource, finalizer) =>
      mortal('finalizer write', () => parts.host.setFinalizer(resource, finalizer)),
    refresh: (key) => mortal('refresh', () => parts.host.refresh(key)),
    event: (resource, event) => {
      if (!life.over) parts.host.event(resource, event);
    },
  };
  const projects = (appId: string): readonly ProjectSpec[] =>
    host
      .list('AgoraProject')
      .map((resource) => resource.spec as ProjectSpec)
      .filter((spec) => spec.appId === appId);
  const limits = (appId: string): ReturnType<typeof limitsFor> =>
    projects(appId)
      .map((spec) => limitsFor(spec.limits))
      .reduce(
        (a, b) => lowerOf(a, b),
        projects(appId).length === 0 ? limitsFor({}) : limitsFor(projects(appId)[0]?.limits ?? {}),
      );
  const inner = createLanes({ clock, limitsFor: limits });
  const lanes = parts.lanes?.(inner) ?? inner;
  const api = createAgoraApi({
    clock,
    domains: createDomains((appId) => projects(appId)[0]),
    transport: (request, signal) => mortal('call', () => parts.transport(request, signal)),
  });
  let requests = 0;
  const engine = createEngine({
    host,
    kinds,
    api,
    lanes,
    ledger: new Ledger({ limitsFor: limits }),
    clock,
    log: parts.log ?? SILENT,
    ...(parts.mostRounds === undefined ? {} : { mostRounds: parts.mostRounds }),
    process: {
      holder: `process-${number}`,
      startedAt: clock.now(),
      startedMonotonic: clock.monotonic(),
      ingress: { listens: true },
    },
    requestId: () => {
      requests += 1;
      return `request-${number}-${requests}`;
    },
  });
  const running = engine.run(stop.signal);
  const heard = ingressWorld({ host, engine: () => (life.over ? undefined : engine), clock });
  const world = parts.ingress?.(heard) ?? heard;
  const ingress = createIngress({ world, log: parts.log ?? SILENT, page: pageWatch({ world }).handle });
  return {
    engine,
    number,
    handle: (request) => mortal('notice', () => ingress.handle(request)),
    crash,
    get crashed() {
      return life.over;
    },
    async stop() {
      stop.abort(new Error('stopped'));
      await running;
    },
    ended: running,
  };
}

function whileAlive(listener: HostListener, life: { readonly over: boolean }): HostListener {
  return {
    changed: (key) => {
      if (!life.over) listener.changed(key);
    },
    secretChanged: (namespace, name) => {
      if (!life.over) listener.secretChanged(namespace, name);
    },
    synced: () => {
      if (!life.over) listener.synced();
    },
  };
}
