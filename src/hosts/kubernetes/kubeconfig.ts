import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Access, AccessError, type Credentials, type TlsOptions } from './credentials.ts';

export interface PlainAccess extends Pick<Access, 'server' | 'namespace'> {
  read(): Promise<Credentials>;
}

type Entry = Readonly<Record<string, unknown>>;

/** What a plain entry may hold; anything else (exec plug-ins, auth providers, proxies, impersonation) is the library's. */
const PLAIN_USER: ReadonlySet<string> = new Set([
  'client-certificate',
  'client-certificate-data',
  'client-key',
  'client-key-data',
  'token',
  'tokenFile',
  'username',
  'password',
]);
const PLAIN_CLUSTER: ReadonlySet<string> = new Set([
  'server',
  'certificate-authority',
  'certificate-authority-data',
  'insecure-skip-tls-verify',
  'tls-server-name',
  'disable-compression',
  'extensions',
]);

/** The access of one context of one file; undefined where it needs more than this reads. */
export async function readKubeconfig(file: string, contextName: string | undefined): Promise<PlainAccess | undefined> {
  const { parse } = await import('yaml');
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new AccessError(`the kubeconfig ${file} cannot be read; name another with --kubeconfig`, { cause: error });
  });
  const config = entry(parse(text));
  const name = contextName ?? textOf(config['current-context']);
  if (name === undefined)
    throw new AccessError(`the kubeconfig ${file} has no current context; name one with --context`);
  const context = named(config['contexts'], name, 'context');
  if (context === undefined) throw new AccessError(`the kubeconfig ${file} has no context ${name}`);
  const cluster = named(config['clusters'], textOf(context['cluster']), 'cluster');
  const user = named(config['users'], textOf(context['user']), 'user') ?? {};
  const server = textOf(cluster?.['server'])?.replace(/\/+$/, '');
  if (cluster === undefined || server === undefined)
    throw new AccessError(`the context ${name} of ${file} names no server`);
  const isPlain =
    Object.keys(cluster).every((field) => PLAIN_CLUSTER.has(field)) &&
    Object.keys(user).every((field) => PLAIN_USER.has(field));
  if (!isPlain) return undefined;
  const folder = dirname(resolve(file));
  return {
    server,
    namespace: textOf(context['namespace']) ?? 'default',
    read: async () => ({ headers: await headersOf(user, folder), tls: await tlsOf(cluster, user, folder) }),
  };
}

async function headersOf(user: Entry, folder: string): Promise<Credentials['headers']> {
  const tokenFile = textOf(user['tokenFile']);
  const token = tokenFile === undefined ? textOf(user['token']) : await readFile(resolve(folder, tokenFile), 'utf8');
  if (token !== undefined) return { authorization: `Bearer ${token.trim()}` };
  const username = textOf(user['username']);
  if (username === undefined) return {};
  const pair = Buffer.from(`${username}:${textOf(user['password']) ?? ''}`).toString('base64');
  return { authorization: `Basic ${pair}` };
}

async function tlsOf(cluster: Entry, user: Entry, folder: string): Promise<TlsOptions> {
  const ca = await material(cluster, 'certificate-authority', folder);
  const cert = await material(user, 'client-certificate', folder);
  const key = await material(user, 'client-key', folder);
  const servername = textOf(cluster['tls-server-name']);
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(servername === undefined ? {} : { servername }),
    ...(cluster['insecure-skip-tls-verify'] === true ? { rejectUnauthorized: false } : {}),
  };
}

async function material(from: Entry, field: string, folder: string): Promise<Buffer | undefined> {
  const data = textOf(from[`${field}-data`]);
  if (data !== undefined) return Buffer.from(data, 'base64');
  const path = textOf(from[field]);
  return path === undefined ? undefined : readFile(resolve(folder, path));
}

/** `[{name, context: {…}}, …]` → the entry of that name. */
function named(list: unknown, name: string | undefined, member: string): Entry | undefined {
  if (!Array.isArray(list)) return undefined;
  const found = list.map(entry).find((each) => each['name'] === name);
  return found === undefined ? undefined : entry(found[member]);
}

const entry = (value: unknown): Entry =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
