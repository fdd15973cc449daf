/*
 * plan -f PATH… [--state D | --context C [-n NS]] [-o json]
 *
 *   -f, --filename <path...>  files or directories (recursive); required, repeatable
 *   --state <dir>             compare with what is there; without it everything counts as new
 *   --kubeconfig, --context, --address   compare with a cluster
 *   -o, --output <format>     json
 */
import type { Key } from '../core/resource.ts';
import type { Declared } from '../hosts/declared.ts';
import { formatFinding } from '../hosts/files/findings.ts';
import { KINDS } from '../kinds/index.ts';
import type { Limits } from '../limits/tables.ts';
import { hasChanges, makePlan } from '../plan/plan.ts';
import type { Plan } from '../plan/planned.ts';
import type { PlanMemory } from './control/protocol.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { CommandError, EXIT, type Io, print } from './io.ts';
import { readPaths } from './manifest-paths.ts';
import { createOffline } from './offline.ts';
import { jsonDocument } from './output/json.ts';
import { filesBasis, type PlanBasis } from './plan-basis.ts';
import { planLines } from './plan-lines.ts';
import { createProjectLimits } from './project-limits.ts';
import { type WhereFlags, whereOf } from './where.ts';

export interface PlanOptions extends WhereFlags {
  readonly filename: readonly string[];
  /** In a cluster: of manifests that name none. */
  readonly namespace?: string;
  readonly output?: 'json';
}

/** Says what would be done to make Agora match, and does nothing: no call, no write. */
export async function planCommand(options: PlanOptions, io: Io): Promise<number> {
  try {
    const plan = await planFor(options, io);
    if (plan === undefined) return EXIT_CODES.plan.failed.code;
    if (options.output === 'json') io.stdout.write(jsonDocument('Plan', { ...plan }));
    else print(io.stdout, ...planLines(plan, io));
    return hasChanges(plan) ? EXIT_CODES.plan.changes.code : EXIT_CODES.plan.nothing.code;
  } catch (error) {
    // 2 says that there are changes.
    if (!(error instanceof CommandError)) throw error;
    const exitCode = error.exitCode === EXIT.usage ? EXIT.usage : EXIT_CODES.plan.failed.code;
    throw new CommandError(error.message, { cause: error, exitCode });
  }
}

async function basisOf(options: PlanOptions, io: Io): Promise<PlanBasis> {
  if (whereOf(options, io) === 'cluster') return (await import('./cluster/plan-basis.ts')).clusterBasis(options, io);
  if (options.namespace !== undefined)
    throw new CommandError('-n is for a cluster; name one with --context or --kubeconfig', { exitCode: EXIT.usage });
  return filesBasis(options.state, io);
}

/** Undefined where a manifest is wrong, which was said. */
async function planFor(options: PlanOptions, io: Io): Promise<Plan | undefined> {
  const basis = await basisOf(options, io);
  try {
    return await planOn(basis, options, io);
  } finally {
    await basis.close();
  }
}

async function planOn(basis: PlanBasis, { filename }: PlanOptions, io: Io): Promise<Plan | undefined> {
  const { memory, stateDirectory, namespace } = basis;
  const now = memory === undefined ? Date.now() : Date.parse(memory.at);
  const read = await readPaths(filename, {
    stateDirectory,
    ...(namespace === undefined ? {} : { namespace }),
    old: (key) => basis.records.get(key)?.resource,
    now: () => now,
  });
  print(io.stderr, ...read.findings.map(formatFinding));
  if (read.failed) {
    print(io.stderr, 'no plan is made of manifests with errors');
    return undefined;
  }
  const declared = new Map<Key, Declared>(
    [...read.manifests.resources].map(([key, { value }]) => [key, value.declared]),
  );
  const taken = basis.intakes({ declared, files: read.files, whole: read.whole, now });
  const { intakes } = taken;
  const offline = createOffline({
    resources: intakes.map(({ after }) => after),
    secrets: [...read.manifests.secrets.values()].map(({ value }) => value),
    remembered: await basis.secrets(intakes),
    environment: basis.environment,
    now,
  });
  for (const { appId, health } of memory?.appIds ?? []) {
    offline.memory.setHealth(appId, 'recording', health.recording);
    offline.memory.setHealth(appId, 'converter', health.converter);
  }
  const { limitsFor } = createProjectLimits({
    host: offline.host,
    projectsWith: (appId) => offline.memory.projectsWith(appId),
  });
  return makePlan({
    intakes,
    kinds: KINDS,
    contextOf: offline.contextOf,
    limitsFor: (appId) =>
      believed(
        limitsFor(appId),
        memory?.appIds.find((each) => each.appId === appId),
      ),
    foreign: (memory?.appIds ?? []).map(({ appId, foreign }) => ({ appId, count: foreign })),
    comparedWith: basis.comparedWith,
    notes: basis.notes(taken),
    now,
  });
}

/**
 * What Agora's refusals taught the running controller where that is lower than the table, but for a limit of nothing:
 * that one passes, while a limit of 0 in the table excludes for good.
 */
function believed(limits: Limits, memory: PlanMemory['appIds'][number] | undefined): Limits {
  const learned = new Map((memory?.slots ?? []).map(({ id, limit }) => [id, limit]));
  if (learned.size === 0) return limits;
  const lowered = (service: 'recording' | 'converter'): Limits['recording'] => {
    const { perRegion, total } = limits[service];
    const regions = Object.entries(perRegion).map(([region, classes]) => [
      region,
      Object.fromEntries(
        Object.entries(classes).map(([of, limit]) => {
          const known = learned.get(`${service}/${region}/${of}`);
          return [of, known === undefined || known >= limit ? limit : Math.max(1, known)];
        }),
      ),
    ]);
    return { perRegion: Object.fromEntries(regions) as Limits['recording']['perRegion'], total };
  };
  return { ...limits, recording: lowered('recording'), converter: lowered('converter') };
}
