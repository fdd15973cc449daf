import type { Turns } from '../../doctor/gather/turns.ts';
import { ApiError } from '../../hosts/kubernetes/api-error.ts';
import type { Connection } from './connection.ts';

/** The answer, or the status of a refusal; undefined where none came (in time). */
export async function look(
  cluster: Connection,
  path: string,
  turns: Turns,
  query: Readonly<Record<string, string>> = {},
): Promise<{ readonly body: unknown } | { readonly status: number } | undefined> {
  return turns.take(async (signal) => {
    try {
      return { body: await cluster.api.call({ method: 'GET', path, query }, signal) };
    } catch (error) {
      return error instanceof ApiError ? { status: error.status } : undefined;
    }
  });
}
