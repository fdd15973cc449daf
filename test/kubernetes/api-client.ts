import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { parse } from 'yaml';
import type { ApiServer } from './api-server.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ApiClient {
  call(method: string, path: string, body?: unknown, type?: string): Promise<ApiAnswer>;
  close(): void;
}

/**
 * Speaks to the cluster of a kubeconfig, with its client certificate or as somebody else with a token; the tests must not
 * depend on our own client.
 */
export function createApiClient({ kubeconfig }: Pick<ApiServer, 'kubeconfig'>, token?: string): ApiClient {
  const { clusters, users } = parse(readFileSync(kubeconfig, 'utf8'));
  const { server, 'certificate-authority-data': ca } = clusters[0].cluster;
  const { 'client-certificate-data': cert, 'client-key-data': key } = users[0].user;
  const identity = token === undefined ? { cert: decode(cert), key: decode(key) } : {};
  const agent = new Agent({ keepAlive: true, ca: decode(ca), ...identity });
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return {
    call: (method, path, body, type = 'application/json') =>
      new Promise((resolve, reject) => {
        const outgoing = request(
          new URL(path, server),
          { method, agent, headers: { 'content-type': type, ...authorization } },
          (incoming) => {
            const chunks: Buffer[] = [];
            incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
            incoming.on('error', reject);
            incoming.on('end', () => {
              const text = Buffer.concat(chunks).toString();
              // A path that is not served (yet) is answered in plain text.
              const answer = text.startsWith('{') ? JSON.parse(text) : { message: text };
              resolve({ status: incoming.statusCode ?? 0, body: answer });
            });
          },
        );
        outgoing.on('error', reject);
        outgoing.end(body === undefined ? undefined : JSON.stringify(body));
      }),
    close: () => agent.destroy(),
  };
}

/** Runs kubectl; `input` goes to its standard input. */
export function kubectl(
  { kubectl: binary, kubeconfig }: ApiServer,
  args: readonly string[],
  input = '',
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(binary, ['--kubeconfig', kubeconfig, ...args], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : 1, stdout, stderr }),
    );
    child.stdin?.end(input);
  });
}

const decode = (text: string): Buffer => Buffer.from(text, 'base64');
