import { randomUUID } from 'node:crypto';
import type { AgoraAnswer } from '../agora/answer.ts';
import { createAgoraApi } from '../agora/client.ts';
import { createDomains, type Domains, fixedEndpoint } from '../agora/domain-book.ts';
import type { DomainSettings } from '../agora/domains.ts';
import type { Clock } from '../core/clock.ts';
import type { Transport } from '../core/http.ts';
import type { Key } from '../core/resource.ts';
import { createEngine, type Engine } from '../engine/engine.ts';
import type { ResourceHost } from '../hosts/host.ts';
import type { IngressView } from '../kinds/context.ts';
import type { Probe } from '../kinds/endpoint.ts';
import { KINDS } from '../kinds/index.ts';
import type { ActionBase } from '../kinds/kind.ts';
import type { ProjectSpec } from '../kinds/project/types.ts';
import { createLanes, type Lanes } from '../limits/lanes.ts';
import { Ledger } from '../limits/ledger.ts';
import type { Logger } from '../observability/log.ts';
import { createProjectLimits, type ProjectLimits, specsOf } from './project-limits.ts';

/** The parts of a running loop that commands and the control socket look into. */
export interface Runtime extends ProjectLimits {
  readonly clock: Clock;
  readonly host: ResourceHost;
  readonly engine: Engine;
  readonly ledger: Ledger;
  readonly lanes: Lanes;
  readonly domains: Domains;
}

export interface RuntimeOptions {
  readonly clock: Clock;
  readonly host: ResourceHost;
  readonly transport: Transport;
  /** One base URL for every call, instead of Agora's domains. */
  readonly endpoint?: string;
  readonly log: Logger;
  readonly counted?: (action: ActionBase, answer: AgoraAnswer) => void;
  /** Absent against a simulated cloud: its CDNs have no addresses. */
  readonly probe?: Probe;
  /** The fence of a leader; absent where nobody else works on the same resources. */
  readonly mayCall?: () => boolean;
  readonly workers?: number;
  /** Whether notices and page reports can reach this process. */
  readonly ingress?: IngressView;
  /** How long running calls may go on after the end was asked for, on the run's clock; asked when it begins. */
  readonly graceMs?: () => number;
}

/** Puts host, limits, client and engine together: the same for files, for the demo and for benchmarks. */
export function createRuntime(options: RuntimeOptions): Runtime {
  const { clock, host, transport, endpoint, log, counted, probe, mayCall, workers, graceMs, ingress } = options;
  /** The engine keeps the index; nothing is asked of it before it exists. */
  const projectsWith = (appId: string): readonly Key[] => engine.memory.projectsWith(appId);
  const { limitsFor } = createProjectLimits({ host, projectsWith });
  const ledger = new Ledger({ limitsFor });
  const lanes = createLanes({
    clock,
    limitsFor,
    capChanged: (appId, limit, cap) => log.debug({ appId, limit, cap }, 'a limit of calls a second changed'),
  });
  const domains =
    endpoint === undefined
      ? createDomains((appId) => specsOf(projectsWith(appId), host).map(domainSettings)[0])
      : fixedEndpoint(endpoint);
  const engine: Engine = createEngine({
    host,
    kinds: KINDS,
    api: createAgoraApi({ transport, domains, clock }),
    lanes,
    ledger,
    clock,
    process: {
      holder: randomUUID(),
      startedAt: clock.now(),
      startedMonotonic: clock.monotonic(),
      ...(ingress === undefined ? {} : { ingress }),
    },
    log,
    requestId: randomUUID,
    ...(counted === undefined ? {} : { counted }),
    ...(probe === undefined ? {} : { probe }),
    ...(mayCall === undefined ? {} : { mayCall }),
    ...(workers === undefined ? {} : { workers }),
    ...(graceMs === undefined ? {} : { graceMs }),
  });
  return { clock, host, engine, ledger, lanes, domains, limitsFor };
}

/** Only these: another edit of the project must not start its domains anew. */
const domainSettings = ({ location, homeRegion, adjacentDomains }: ProjectSpec): DomainSettings => ({
  location,
  ...(homeRegion === undefined ? {} : { homeRegion }),
  ...(adjacentDomains === undefined ? {} : { adjacentDomains }),
});
