/** Our host and engine, in a process of its own, on the minimal kind or on the converters of the product. */
import { randomUUID } from 'node:crypto';
import { createAgoraApi } from '../../../src/agora/client.ts';
import { fixedEndpoint } from '../../../src/agora/domain-book.ts';
import { createTransport } from '../../../src/agora/transport.ts';
import { createRuntime } from '../../../src/cli/runtime.ts';
import { findCondition } from '../../../src/core/conditions.ts';
import { type Key, keyOf, type StatusBase } from '../../../src/core/resource.ts';
import { realClock } from '../../../src/engine/clock.ts';
import { createEngine, type Engine } from '../../../src/engine/engine.ts';
import type { ResourceHost } from '../../../src/hosts/host.ts';
import { openKubernetesHost } from '../../../src/hosts/kubernetes/host.ts';
import { KINDS } from '../../../src/kinds/index.ts';
import { createLanes } from '../../../src/limits/lanes.ts';
import { Ledger } from '../../../src/limits/ledger.ts';
import { limitsFor } from '../../../src/limits/tables.ts';
import type { Logger } from '../../../src/observability/log.ts';
import { finished, optionsOf } from './contender.ts';
import { minimalKind } from './minimal-kind.ts';

const { kubeconfig, namespace, endpoint, count, workers, kind } = optionsOf(process.argv);
const clock = realClock();
const log: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: ({ resource, error }, message) => console.error('warning', message, resource, String(error)),
  error: ({ resource, error }, message) => console.error('error', message, resource, String(error)),
};
const cluster = await openKubernetesHost({
  namespaces: [namespace],
  clock,
  random: Math.random,
  log,
  instance: 'bench',
  environment: {},
  kubeconfig,
});
const transport = createTransport();
const host = counted(cluster);
const engine = kind === 'minimal' ? minimal() : full();
process.on('disconnect', () => process.exit());
await engine.run(new AbortController().signal);

function minimal(): Engine {
  const limits = limitsFor({});
  // A thousand a second, which no limit of Agora's comes near to, in portions that a connection each is to be had for.
  const raised = { ...limits, rates: { ...limits.rates, 'converter-create': { cap: 100, perMs: 50 } } };
  return createEngine({
    host,
    kinds: { ...KINDS, RtmpConverter: minimalKind },
    api: createAgoraApi({ transport: transport.send, domains: fixedEndpoint(endpoint), clock }),
    lanes: createLanes({ clock, limitsFor: () => raised }),
    ledger: new Ledger({ limitsFor: () => raised }),
    clock,
    process: { holder: randomUUID(), startedAt: clock.now(), startedMonotonic: clock.monotonic() },
    log,
    requestId: randomUUID,
    workers,
  });
}

function full(): Engine {
  return createRuntime({ clock, host, transport: transport.send, endpoint, log, workers }).engine;
}

/** Says when the last resource was written Ready, and what that took. */
function counted(inner: ResourceHost): ResourceHost {
  const ready = new Set<Key>();
  const writes = new Map<Key, number>();
  let status = 0;
  let finalizer = 0;
  return {
    ...inner,
    async writeStatus(resource, next: StatusBase) {
      const result = await inner.writeStatus(resource, next);
      const key = keyOf(resource);
      if (result.result !== 'written' || resource.kind !== 'RtmpConverter' || ready.has(key)) return result;
      status += 1;
      writes.set(key, (writes.get(key) ?? 0) + 1);
      if (findCondition(next.conditions, 'Ready')?.status !== 'True') return result;
      ready.add(key);
      if (ready.size === count) finished({ status, mostStatus: Math.max(...writes.values()), finalizer });
      return result;
    },
    async setFinalizer(resource, next) {
      if (resource.kind === 'RtmpConverter') finalizer += 1;
      return inner.setFinalizer(resource, next);
    },
  };
}
