import { resolve } from 'node:path';
import { type Key, keyOf, type Resource } from '../core/resource.ts';
import { timestamp } from '../core/time.ts';
import { socketPath } from '../hosts/files/store.ts';
import { KINDS } from '../kinds/index.ts';
import { explanationOf } from '../plan/explanation.ts';
import { type Inspection, inspect } from '../plan/inspect.ts';
import { scrubOf } from '../plan/redact.ts';
import { shownResource } from '../plan/row.ts';
import { supportCaseOf } from '../plan/support.ts';
import type { Source } from './answering.ts';
import { askController } from './control/client.ts';
import { type Ask, type Asks, ControlError } from './control/protocol.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { CommandError, type Io, print } from './io.ts';
import type { Named } from './kind-names.ts';
import { createOffline, openState, stateResources } from './offline.ts';
import { controlFailure } from './source-error.ts';
import { STATE_DIRECTORY } from './state-directory.ts';
import { refuseClusterFlags, type WhereFlags, whereOf } from './where.ts';

/** Opens where the flags and the surroundings say, and closes it after the work. */
export async function withSource<Value>(
  flags: WhereFlags & { readonly selector?: string },
  io: Io,
  work: (source: Source) => Promise<Value>,
): Promise<Value> {
  const source = await sourceOf(flags, io);
  try {
    return await work(source);
  } finally {
    await source.close();
  }
}

async function sourceOf(flags: WhereFlags & { readonly selector?: string }, io: Io): Promise<Source> {
  if (whereOf(flags, io) === 'cluster') return (await import('./cluster/source.ts')).openClusterSource(flags, io);
  refuseClusterFlags(flags);
  // An empty variable names nothing.
  return openSource(flags.state === '' ? undefined : flags.state, io);
}

/** Asks the controller of a state directory; where none answers, says so and goes by the written status. */
export async function openSource(state: string | undefined, io: Io): Promise<Source> {
  const directory = resolve(state ?? STATE_DIRECTORY);
  const ask = async <Which extends Ask>(which: Which, request: Asks[Which]['request']) =>
    askRunning(directory, { ask: which, request }, io.signal);
  const first = await ask('stats', {});
  if (first === undefined) return written(directory, { isNamed: state !== undefined }, io);
  const must = async <Which extends Ask>(
    which: Which,
    request: Asks[Which]['request'],
  ): Promise<Asks[Which]['answer']> => {
    const answer = await ask(which, request);
    if (answer === undefined) throw new CommandError('the controller ended while it was asked; ask again');
    return answer;
  };
  return {
    list: (request) => must('get', request),
    explain: (key) => must('explain', { key }),
    support: (key) => must('support', { key }),
    close: async () => undefined,
  };
}

/** As `askController`, with what goes wrong as one line for the user. */
export async function askRunning<Which extends Ask>(
  directory: string,
  { ask, request }: { readonly ask: Which; readonly request: Asks[Which]['request'] },
  signal: AbortSignal,
): Promise<Asks[Which]['answer'] | undefined> {
  try {
    return await askController(socketPath(directory), ask, request, signal);
  } catch (error) {
    throw error instanceof ControlError ? controlFailure(error) : error;
  }
}

async function written(directory: string, { isNamed }: { readonly isNamed: boolean }, io: Io): Promise<Source> {
  const state = await openState(directory);
  if (state === undefined)
    throw new CommandError(
      `there is no state directory ${directory}; name the one of watch with --state${isNamed ? '' : ', or a cluster with --context'}`,
    );
  print(
    io.stderr,
    `no controller answered at ${socketPath(directory)}: this is what was last written, and what follows from it now`,
  );
  const now = Date.now();
  const resources = stateResources(state);
  const offline = createOffline({ resources, secrets: [], remembered: state.secrets, environment: io.env, now });
  const inspected = (resource: Resource): Inspection =>
    inspect(resource, {
      kind: KINDS[resource.kind],
      context: offline.contextOf(resource),
      now,
      source: 'state',
    });
  const found = (key: Key): Inspection => {
    const resource = resources.find((each) => keyOf(each) === key);
    if (resource === undefined) throw new CommandError(`there is no ${key}`, { exitCode: 1 });
    return inspected(resource);
  };
  return {
    list: async ({ kinds, namespace, name }) => ({
      at: timestamp(now),
      resources: resources
        .filter(({ kind }) => kinds.includes(kind))
        .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace)
        .filter(({ metadata }) => name === undefined || metadata.name === name)
        .map((resource) => shownResource(inspected(resource).resource, scrubOf(resource, offline.contextOf(resource)))),
    }),
    explain: async (key) => explanationOf(found(key)),
    support: async (key) => supportCaseOf(found(key), []),
    close: async () => undefined,
  };
}

/** The key of what was named; without a namespace the name has to be there only once. */
export async function keyIn(source: Source, { kind, name, namespace = source.namespace }: Named): Promise<Key> {
  const { resources } = await source.list({ kinds: [kind], name, ...(namespace === undefined ? {} : { namespace }) });
  const [first, ...others] = resources;
  if (first === undefined) {
    const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
    throw new CommandError(`there is no ${kind} ${name}${where}`, { exitCode: EXIT_CODES.explain.notFound.code });
  }
  if (others.length === 0) return keyOf(first);
  const namespaces = resources.map(({ metadata }) => metadata.namespace).join(', ');
  throw new CommandError(`${kind} ${name} is in several namespaces (${namespaces}); name one with -n`, {
    exitCode: 64,
  });
}
