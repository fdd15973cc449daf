/*
 * plan -f PATH… [--state D] [-o json]
 *
 *   -f, --filename <path...>  files or directories (recursive); required, repeatable
 *   --state <dir>             compare with what is there; without it everything counts as new
 *   -o, --output <format>     json
 */
import { resolve } from 'node:path';
import type { Key } from '../core/resource.ts';
import type { Declared } from '../hosts/declared.ts';
import { formatFinding } from '../hosts/files/findings.ts';
import type { StoredState } from '../hosts/files/store.ts';
import { KINDS } from '../kinds/index.ts';
import type { Limits } from '../limits/tables.ts';
import { hasChanges, makePlan } from '../plan/plan.ts';
import type { Plan } from '../plan/planned.ts';
import type { PlanMemory } from './control/protocol.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { CommandError, type Io, print } from './io.ts';
import { readPaths } from './manifest-paths.ts';
import { createOffline, openState, stateKeys } from './offline.ts';
import { jsonDocument } from './output/json.ts';
import { counted } from './output/text.ts';
import { intakesOf } from './plan-intakes.ts';
import { planLines } from './plan-lines.ts';
import { createProjectLimits } from './project-limits.ts';
import { askRunning } from './source.ts';

export interface PlanOptions {
  readonly filename: readonly string[];
  readonly state?: string;
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
    throw new CommandError(error.message, { cause: error, exitCode: EXIT_CODES.plan.failed.code });
  }
}

const NO_STATE: StoredState = { records: new Map(), secrets: [] };

/** Undefined where a manifest is wrong, which was said. */
async function planFor({ filename, state: directory }: PlanOptions, io: Io): Promise<Plan | undefined> {
  const found = directory === undefined ? NO_STATE : await openState(directory);
  if (found === undefined) print(io.stderr, `there is no state directory ${directory} yet: everything counts as new`);
  const state = found ?? NO_STATE;
  const memory = directory === undefined || found === undefined ? undefined : await askForMemory(directory, io);
  const now = memory === undefined ? Date.now() : Date.parse(memory.at);
  const known = stateKeys(state);
  const old = (key: Key) => known.get(key);
  const read = await readPaths(filename, { stateDirectory: directory, old, now: () => now });
  print(io.stderr, ...read.findings.map(formatFinding));
  if (read.failed) {
    print(io.stderr, 'no plan is made of manifests with errors');
    return undefined;
  }
  const declared = new Map<Key, Declared>(
    [...read.manifests.resources].map(([key, { value }]) => [key, value.declared]),
  );
  const { intakes, aside, held } = intakesOf({
    declared,
    records: state.records,
    files: read.files,
    whole: read.whole,
    now,
  });
  const offline = createOffline({
    resources: intakes.map(({ after }) => after),
    secrets: [...read.manifests.secrets.values()].map(({ value }) => value),
    remembered: state.secrets,
    environment: io.env,
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
    comparedWith:
      directory === undefined || found === undefined ? 'nothing' : memory === undefined ? 'state' : 'controller',
    notes: notesOf({ aside, held }),
    now,
  });
}

async function askForMemory(directory: string, io: Io): Promise<PlanMemory | undefined> {
  const memory = await askRunning(resolve(directory), { ask: 'plan', request: {} }, io.signal);
  if (memory === undefined)
    print(io.stderr, `no controller answered for ${directory}: queues and limits are reckoned from what was written`);
  return memory;
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

function notesOf({ aside, held }: { readonly aside: number; readonly held: boolean }): readonly string[] {
  const notes: string[] = [];
  if (held)
    notes.push(
      'So much would be removed at once that watch holds the removals back (PruneHeld) until agora-reconciler prune --yes confirms them.',
    );
  if (aside > 0)
    notes.push(
      `${counted(aside, 'resource')} of the state ${aside === 1 ? 'is' : 'are'} declared in files that were not named, and left aside; name the directory to plan all.`,
    );
  return notes;
}
