import { resolve } from 'node:path';
import type { Key } from '../core/resource.ts';
import type { DeclaredSecret } from '../hosts/declared.ts';
import type { StateRecord } from '../hosts/files/record.ts';
import type { StoredState } from '../hosts/files/store.ts';
import type { Intake } from '../plan/judge.ts';
import type { Plan } from '../plan/planned.ts';
import type { PlanMemory } from './control/protocol.ts';
import { type Io, print } from './io.ts';
import { openState } from './offline.ts';
import { counted } from './output/text.ts';
import { type IntakeSources, type Intakes, intakesOf } from './plan-intakes.ts';
import { askRunning } from './source.ts';

/** What a plan is compared with. */
export interface PlanBasis {
  readonly comparedWith: Plan['comparedWith'];
  readonly records: ReadonlyMap<Key, StateRecord>;
  /** Of a running controller. */
  readonly memory: PlanMemory | undefined;
  /** Never read as manifests. */
  readonly stateDirectory: string | undefined;
  /** Of manifests that name none. */
  readonly namespace?: string;
  /** Where references are looked up that the manifests do not serve. */
  readonly environment: Io['env'];
  intakes(sources: Omit<IntakeSources, 'records'>): Intakes;
  /** Values of Secrets that the manifests do not hold. */
  secrets(intakes: readonly Intake[]): Promise<readonly DeclaredSecret[]>;
  notes(intakes: Intakes): readonly string[];
  close(): Promise<void>;
}

const NO_STATE: StoredState = { records: new Map(), secrets: [] };

/** A state directory, or nothing. */
export async function filesBasis(directory: string | undefined, io: Io): Promise<PlanBasis> {
  const found = directory === undefined ? NO_STATE : await openState(directory);
  if (found === undefined) print(io.stderr, `there is no state directory ${directory} yet: everything counts as new`);
  const { records, secrets } = found ?? NO_STATE;
  const isThere = directory !== undefined && found !== undefined;
  const memory = isThere ? await askForMemory(directory, io) : undefined;
  return {
    comparedWith: isThere ? (memory === undefined ? 'state' : 'controller') : 'nothing',
    records,
    memory,
    stateDirectory: directory,
    environment: io.env,
    intakes: (sources) => intakesOf({ ...sources, records }),
    secrets: async () => secrets,
    notes: notesOf,
    close: async () => undefined,
  };
}

async function askForMemory(directory: string, io: Io): Promise<PlanMemory | undefined> {
  const memory = await askRunning(resolve(directory), { ask: 'plan', request: {} }, io.signal);
  if (memory === undefined)
    print(io.stderr, `no controller answered for ${directory}: queues and limits are reckoned from what was written`);
  return memory;
}

function notesOf({ aside, held }: Intakes): readonly string[] {
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
