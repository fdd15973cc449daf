import { setConditions } from '../../../src/core/conditions.ts';
import { deletionRequested, type StatusBase } from '../../../src/core/resource.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { AnyKind } from '../../../src/kinds/index.ts';
import type { ActionBase } from '../../../src/kinds/kind.ts';
import { NO_CLAIMS } from '../../../src/limits/slot.ts';

const EMPTY: StatusBase = { observedGeneration: -1, conditions: [] };
const credentials = { customerId: new Secret('id'), customerSecret: new Secret('secret') };
const CREATE: ActionBase = { type: 'create', appId: 'bench', limit: 'converter-create', class: 'create' };

/**
 * As little as the baseline does: one create under a name that makes a second one harmless, so without an intent; its
 * answer is Ready; nothing is to be stopped. All else is the host and the engine as they are.
 */
export const minimalKind: AnyKind = {
  kind: 'RtmpConverter',
  unseen: () => undefined,
  decide(resource) {
    const status = resource.status ?? EMPTY;
    if (deletionRequested(resource)) return { do: 'release', status };
    if (status.observedGeneration === resource.metadata.generation) return { do: 'rest', status };
    return { do: 'call', action: CREATE, status };
  },
  refused: (resource, observation) => ({ status: resource.status ?? EMPTY, observation }),
  fold(resource, observation, _action, result, _context, now) {
    const status = resource.status ?? EMPTY;
    if (!result.sent || !result.answer.ok || result.answer.value.call !== 'create') return { status, observation };
    const { generation } = resource.metadata;
    const conditions = setConditions(
      status.conditions,
      { ready: 'True', reason: 'Running', message: `runs as ${result.answer.value.id}`, progress: 'Settled' },
      { generation, now },
    );
    return { status: { observedGeneration: generation, conditions }, observation };
  },
  needsFinalizer: () => false,
  held: () => NO_CLAIMS,
  perform: (resource, action, _context, api, call) =>
    api.create(
      { ...call, appId: action.appId, credentials },
      'eu',
      { converter: { name: resource.metadata.name } },
      {},
    ),
};
