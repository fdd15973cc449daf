import { sha256 } from '../../core/hash.ts';
import { type Key, KIND_NAMES, type Resource } from '../../core/resource.ts';
import { timestamp } from '../../core/time.ts';
import { contextOf, type Process } from '../../engine/context.ts';
import type { FilesHost } from '../../hosts/files/host.ts';
import { KINDS } from '../../kinds/index.ts';
import type { ProjectSpec } from '../../kinds/project/types.ts';
import { explanationOf } from '../../plan/explanation.ts';
import { type Inspection, inspect } from '../../plan/inspect.ts';
import { scrubOf } from '../../plan/redact.ts';
import { shownResource } from '../../plan/row.ts';
import { supportCaseOf } from '../../plan/support.ts';
import type { Runtime } from '../runtime.ts';
import { ControlError, type PlanMemory, type PruneAnswer, type SlotUse } from './protocol.ts';
import type { ControlAnswers } from './server.ts';

/**
 * What a running loop knows, read at the moment of the question; nothing of it is kept and nothing is changed but by
 * `prune`. `files`: the host of a loop over a directory, which keeps events and holds removals back; a cluster keeps its
 * events itself.
 */
export function liveAnswers(runtime: Runtime, files?: FilesHost): ControlAnswers {
  const { host, engine, ledger, lanes, clock } = runtime;
  // Only the ages of intents depend on it; those of the engine itself are open while it asks.
  const process_: Process = { holder: 'control', startedAt: clock.now(), startedMonotonic: clock.monotonic() };
  const context = (resource: Resource) =>
    contextOf(resource, { host, memory: engine.memory, clock, process: process_ });

  function inspection(key: Key): Inspection {
    const resource = host.get(key);
    if (resource === undefined) throw new ControlError('not-found', `there is no ${key}`);
    const now = clock.now();
    const refusal = ledger.waiting(key, now);
    const observation = engine.memory.observations.get(key);
    return inspect(resource, {
      kind: KINDS[resource.kind],
      context: context(resource),
      now,
      source: 'controller',
      ...(observation === undefined ? {} : { observation }),
      ...(refusal === undefined ? {} : { refusal }),
    });
  }

  const appIds = (): readonly string[] =>
    [...new Set(host.list('AgoraProject').map(({ spec }) => (spec as ProjectSpec).appId))].sort();
  const slotsOf = (appId: string): readonly Omit<SlotUse, 'appId'>[] =>
    ledger.usage(appId).map(({ level, held, limit, waiting }) => ({ id: level.id, held, limit, waiting }));
  const memoryOf = (appId: string): PlanMemory['appIds'][number] => ({
    appId,
    foreign: [...engine.memory.sweep(appId).rows.keys()].filter((id) => isForeign(id)).length,
    slots: slotsOf(appId),
    health: engine.memory.health(appId),
  });
  // A project lists no converters of its own, so no resource is left out by asking for it.
  const isForeign = (id: string): boolean => engine.memory.ownerOf(id, 'AgoraProject//') === undefined;

  return {
    get({ kinds, namespace, name }) {
      const chosen = KIND_NAMES.filter((kind) => kinds.includes(kind))
        .flatMap((kind) => host.list(kind))
        .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace)
        .filter(({ metadata }) => name === undefined || metadata.name === name);
      return {
        at: timestamp(clock.now()),
        resources: chosen.map((resource) => shownResource(resource, scrubOf(resource, context(resource)))),
      };
    },
    explain: ({ key }) => explanationOf(inspection(key)),
    support: ({ key }) =>
      supportCaseOf(
        inspection(key),
        (files?.events() ?? []).flatMap(({ key: of, at, type, reason, note }) =>
          of === key ? [{ at, type, reason, note }] : [],
        ),
      ),
    prune({ confirm }) {
      if (files === undefined)
        throw new ControlError('bad-request', 'a controller in a cluster holds no removals back');
      const held = files.pruneHeld() ?? [];
      const digest = digestOf(held);
      const answer = (result: PruneAnswer['result']): PruneAnswer => ({ result, held, digest });
      if (confirm === undefined) return answer('listed');
      if (confirm !== digest || held.length === 0) return answer('differs');
      return answer(files.confirmPrune(held));
    },
    stats() {
      const { passes, depth } = engine.stats();
      return {
        at: timestamp(clock.now()),
        pid: process.pid,
        passes,
        waiting: Object.values(depth).reduce((sum, count) => sum + count, 0),
        lanes: lanes.stats(),
        slots: appIds().flatMap((appId) => slotsOf(appId).map((use) => ({ appId, ...use }))),
      };
    },
    plan: () => ({ at: timestamp(clock.now()), appIds: appIds().map(memoryOf) }),
  };
}

/** Names a list of removals: who confirms it has seen this one. */
export const digestOf = (keys: readonly Key[]): string => sha256([...keys].sort().join('\n'), 16);
