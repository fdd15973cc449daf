import { type Key, KIND_NAMES, keyOf, type Resource, splitKey } from '../../core/resource.ts';
import { timestamp } from '../../core/time.ts';
import { KINDS } from '../../kinds/index.ts';
import { explanationOf } from '../../plan/explanation.ts';
import { type Inspection, inspect } from '../../plan/inspect.ts';
import { scrubOf } from '../../plan/redact.ts';
import { shownResource } from '../../plan/row.ts';
import { supportCaseOf } from '../../plan/support.ts';
import type { Source } from '../answering.ts';
import { exchangeWith } from '../control/address.ts';
import { askBy, type Exchange } from '../control/http-client.ts';
import { type Ask, type Asks, ControlError } from '../control/protocol.ts';
import { CommandError, type Io, print } from '../io.ts';
import { createOffline, type Offline } from '../offline.ts';
import { controlFailure } from '../source-error.ts';
import type { WhereFlags } from '../where.ts';
import { type Connection, connect } from './connection.ts';
import { findController } from './controller-pods.ts';
import { eventsOf } from './events.ts';
import { listObjects } from './objects.ts';

/**
 * Answers from a cluster: lists as the API server has them; reasons from the controller that leads, through the Pod proxy,
 * else from `decide` on the written status. With an address, everything from the controller there.
 */
export async function openClusterSource(flags: WhereFlags, io: Io): Promise<Source> {
  if (flags.address !== undefined) return fromController(exchangeWith(flags.address, io), io.signal);
  return fromCluster(await connect(flags, io), io);
}

function fromController(exchange: Exchange, signal: AbortSignal): Source {
  return {
    list: ({ selector, ...request }) => {
      if (selector !== undefined) throw new CommandError('-l needs a cluster instead of --address', { exitCode: 64 });
      return asked(exchange, { ask: 'get', request }, signal);
    },
    explain: (key) => asked(exchange, { ask: 'explain', request: { key } }, signal),
    support: (key) => asked(exchange, { ask: 'support', request: { key } }, signal),
    close: async () => undefined,
  };
}

function fromCluster(cluster: Connection, io: Io): Source {
  /** The controller's answer; undefined, with a word to the user, where none can be asked. */
  async function fromLeader<Which extends 'explain' | 'support'>(
    ask: Which,
    key: Key,
  ): Promise<Asks[Which]['answer'] | undefined> {
    const found = await findController(cluster, splitKey(key).namespace, io.signal);
    if ('exchange' in found) return asked(found.exchange, { ask, request: { key } }, io.signal);
    print(
      io.stderr,
      `no controller answered (${found.why}): this is what was last written, and what follows from it now`,
    );
    return undefined;
  }

  async function written(key: Key): Promise<Inspection> {
    const { namespace } = splitKey(key);
    const lists = await Promise.all(KIND_NAMES.map((kind) => listObjects(cluster, { kind, namespace })));
    const resources = lists.flat();
    const resource = resources.find((each) => keyOf(each) === key);
    if (resource === undefined) throw new CommandError(`there is no ${key}`, { exitCode: 1 });
    const now = Date.now();
    const context = offlineOf(resources, now).contextOf(resource);
    return inspect(resource, { kind: KINDS[resource.kind], context, now, source: 'state' });
  }

  return {
    namespace: cluster.namespace,
    async list({ kinds, namespace, name, selector }) {
      const lists = await Promise.all(
        kinds.map((kind) =>
          listObjects(cluster, {
            kind,
            ...(namespace === undefined ? {} : { namespace }),
            ...(name === undefined ? {} : { name }),
            ...(selector === undefined ? {} : { selector }),
          }),
        ),
      );
      const now = Date.now();
      const resources = lists.flat();
      const offline = offlineOf(resources, now);
      const shown = resources.map((each) => shownResource(each, scrubOf(each, offline.contextOf(each))));
      return { at: timestamp(now), resources: shown };
    },
    explain: async (key) => (await fromLeader('explain', key)) ?? explanationOf(await written(key)),
    async support(key) {
      const found = (await fromLeader('support', key)) ?? supportCaseOf(await written(key), []);
      return { ...found, events: await eventsOf(cluster, key) };
    },
    close: () => cluster.close(),
  };
}

/** Without Secrets: whoever asks why has no need to read them, and may not be allowed to. */
const offlineOf = (resources: readonly Resource[], now: number): Offline =>
  createOffline({ resources, secrets: [], remembered: [], environment: {}, now });

async function asked<Which extends Ask>(
  exchange: Exchange,
  what: { readonly ask: Which; readonly request: Asks[Which]['request'] },
  signal: AbortSignal,
): Promise<Asks[Which]['answer']> {
  try {
    return await askBy(exchange, what, signal);
  } catch (error) {
    throw error instanceof ControlError ? controlFailure(error) : error;
  }
}
