import type { Declared } from '../../../src/hosts/declared.ts';
import { collectionPath } from '../../../src/hosts/kubernetes/kinds.ts';
import type { ApiClient } from '../../../test/kubernetes/api-client.ts';
import { machineMs } from './contender.ts';

const AT_ONCE = 16;

/** Creates all, some at a time. */
export async function declareAll(client: ApiClient, declared: readonly Declared[]): Promise<void> {
  const left = [...declared];
  const hands = Array.from({ length: AT_ONCE }, async () => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) await create(client, next);
  });
  await Promise.all(hands);
}

/** Creates one; when that was answered. */
export async function create(
  client: ApiClient,
  { apiVersion, kind, namespace, name, spec }: Declared,
): Promise<number> {
  const body = { apiVersion, kind, metadata: { namespace, name }, spec };
  const { status, body: answer } = await client.call('POST', collectionPath(kind, namespace), body);
  const answeredAt = machineMs();
  if (status !== 201) throw new Error(`${status} ${String(answer['message'])}`);
  return answeredAt;
}
