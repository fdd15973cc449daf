import type { KubeConfig } from '@kubernetes/client-node';
import { type Access, AccessError, type Credentials, type TlsOptions } from './credentials.ts';

export interface LibraryAccess extends Pick<Access, 'server' | 'namespace' | 'proxy'> {
  read(how: 'cached' | 'renewed'): Promise<Credentials>;
}

/** Exec plug-ins, auth providers, proxies and merged files, as the library of the Kubernetes project reads them. */
export async function openLibraryAccess(files: readonly string[], context: string | undefined): Promise<LibraryAccess> {
  const library = await import('@kubernetes/client-node');
  const load = (): KubeConfig => {
    const [first, ...more] = files.map((file) => {
      const config = new library.KubeConfig();
      config.loadFromFile(file);
      return config;
    });
    if (first === undefined) throw new AccessError('KUBECONFIG names no file');
    for (const other of more) first.mergeConfig(other, true);
    if (context !== undefined) first.setCurrentContext(context);
    return first;
  };
  let config = load();
  const cluster = config.getCurrentCluster();
  if (cluster === null)
    throw new AccessError(`no context with a cluster in ${files.join(', ')}; name one with --context`);
  const proxy = cluster.proxyUrl;
  if (proxy?.startsWith('socks') === true) throw new AccessError('SOCKS proxies are not supported; use an HTTP proxy');
  return {
    server: cluster.server.replace(/\/+$/, ''),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? 'default',
    ...(proxy === undefined ? {} : { proxy }),
    async read(how) {
      // What was refused may be kept inside: a new configuration runs the plug-in anew.
      if (how === 'renewed') config = load();
      const options: Applied = {};
      await config.applyToHTTPSOptions(options);
      const { authorization, Authorization } = options.headers ?? {};
      const value = authorization ?? Authorization;
      return { headers: value === undefined ? {} : { authorization: value }, tls: tlsOf(options) };
    },
  };
}

interface Applied extends TlsOptions {
  headers?: Readonly<Record<string, string>>;
}

function tlsOf(options: Applied): TlsOptions {
  const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } = options;
  const given = { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null));
}
