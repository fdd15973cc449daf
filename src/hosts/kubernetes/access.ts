import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { seconds } from '../../core/time.ts';
import { type Access, AccessError, type Credentials, type TlsOptions } from './credentials.ts';
import { readKubeconfig } from './kubeconfig.ts';

export interface AccessOptions {
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `--kubeconfig`. Absent: KUBECONFIG, else the Pod's service account, else `~/.kube/config`. */
  readonly kubeconfig?: string;
  /** `--context`. Absent: the current one. */
  readonly context?: string;
  /** Where a Pod finds its token. */
  readonly serviceAccount?: string;
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** In the order of controller-runtime: the flag, KUBECONFIG, the Pod's service account, the file in the home directory. */
export async function openAccess(options: AccessOptions): Promise<Access> {
  const { environment, kubeconfig } = options;
  const named = kubeconfig ?? environment['KUBECONFIG'];
  if (named !== undefined && named !== '') return fromKubeconfig(named.split(delimiter).filter(Boolean), options);
  const host = environment['KUBERNETES_SERVICE_HOST'];
  const port = environment['KUBERNETES_SERVICE_PORT'];
  if (host !== undefined && port !== undefined) return inCluster(host, port, options);
  return fromKubeconfig([join(environment['HOME'] ?? homedir(), '.kube', 'config')], options);
}

/** What one user of a plain file needs is read here; plug-ins, proxies and several files are the library's. */
async function fromKubeconfig(files: readonly string[], { clock, context }: AccessOptions): Promise<Access> {
  const [file, ...more] = files;
  if (file === undefined) throw new AccessError('KUBECONFIG names no file');
  const plain = more.length > 0 ? undefined : await readKubeconfig(file, context);
  if (plain !== undefined) {
    const { server, namespace, read } = plain;
    return { server, namespace, credentials: kept(clock, read) };
  }
  // Half a second and 85 MiB: only where it is needed.
  const { openLibraryAccess } = await import('./access-library.ts');
  const { server, namespace, proxy, read } = await openLibraryAccess(files, context);
  return { server, namespace, ...(proxy === undefined ? {} : { proxy }), credentials: kept(clock, read) };
}

/** The kubelet replaces the files of a service account while the Pod runs. */
async function inCluster(host: string, port: string, options: AccessOptions): Promise<Access> {
  const { clock, serviceAccount = SERVICE_ACCOUNT } = options;
  const read = async (): Promise<Credentials> => {
    const ca = await readFile(join(serviceAccount, 'ca.crt'));
    const token = await readFile(join(serviceAccount, 'token'), 'utf8');
    return { headers: { authorization: `Bearer ${token.trim()}` }, tls: { ca } };
  };
  const namespace = await readFile(join(serviceAccount, 'namespace'), 'utf8').catch(() => 'default');
  const name = host.includes(':') ? `[${host}]` : host;
  return { server: `https://${name}:${port}`, namespace: namespace.trim(), credentials: kept(clock, read) };
}

const KEPT_MS = seconds(60);

/** Reads at most once a minute unless what it gave was refused; keeps the `tls` object while nothing in it changed. */
export function kept(clock: Clock, read: (how: 'cached' | 'renewed') => Promise<Credentials>): Access['credentials'] {
  let latest: { readonly credentials: Credentials; readonly at: number } | undefined;
  let reading: Promise<Credentials> | undefined;
  const renew = async (how: 'cached' | 'renewed'): Promise<Credentials> => {
    const next = await read(how);
    const same = latest !== undefined && sameTls(latest.credentials.tls, next.tls);
    const credentials = same && latest !== undefined ? { ...next, tls: latest.credentials.tls } : next;
    latest = { credentials, at: clock.monotonic() };
    return credentials;
  };
  return (how) => {
    if (how === 'cached' && latest !== undefined && clock.monotonic() < latest.at + KEPT_MS) {
      return Promise.resolve(latest.credentials);
    }
    reading ??= renew(how).finally(() => {
      reading = undefined;
    });
    return reading;
  };
}

function sameTls(a: TlsOptions, b: TlsOptions): boolean {
  const text = (value: unknown): string => (Buffer.isBuffer(value) ? value.toString('latin1') : String(value));
  const names = ['ca', 'cert', 'key', 'pfx', 'passphrase', 'servername', 'rejectUnauthorized'] as const;
  return names.every((name) => text(a[name]) === text(b[name]));
}
