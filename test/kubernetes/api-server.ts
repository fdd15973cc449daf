import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createCertificates } from './certificates.ts';

/** A Kubernetes API and a kubectl for it. */
export interface ApiServer {
  readonly kubeconfig: string;
  readonly kubectl: string;
  stop(): Promise<void>;
}

/**
 * Why there is no server to test against, in words for the test's title. With CI set that is a failure, not a skip.
 */
export function whyNoServer(env: NodeJS.ProcessEnv): string | undefined {
  if (env.KUBECONFIG_FOR_TESTS || env.KUBEBUILDER_ASSETS) return undefined;
  return 'KUBEBUILDER_ASSETS is not set: it names the folder of etcd, kube-apiserver and kubectl';
}

/** Uses the cluster of KUBECONFIG_FOR_TESTS, else starts etcd and an API server from KUBEBUILDER_ASSETS on loopback. */
export async function startApiServer(
  env: NodeJS.ProcessEnv,
  { binary = 'kube-apiserver' }: { readonly binary?: string } = {},
): Promise<ApiServer> {
  const assets = env.KUBEBUILDER_ASSETS;
  const bundled = assets === undefined ? 'kubectl' : join(assets, 'kubectl');
  const kubectl = existsSync(bundled) ? bundled : 'kubectl';
  if (env.KUBECONFIG_FOR_TESTS) return { kubeconfig: env.KUBECONFIG_FOR_TESTS, kubectl, stop: async () => {} };
  if (assets === undefined) throw new Error(whyNoServer(env));
  const folder = await mkdtemp(join(tmpdir(), 'agora-kube-'));
  const processes: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const child of processes.toReversed()) await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [etcdPort, peerPort, port] = await freePorts();
    const run = (name: string, args: readonly string[]): void => {
      const log = openSync(join(folder, `${name}.log`), 'w');
      processes.push(spawn(join(assets, name), args, { stdio: ['ignore', log, log], cwd: folder }));
    };
    const etcd = `http://127.0.0.1:${etcdPort}`;
    const peer = `http://127.0.0.1:${peerPort}`;
    run('etcd', [
      '--name=default',
      `--data-dir=${folder}/etcd`,
      `--listen-client-urls=${etcd}`,
      `--advertise-client-urls=${etcd}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      '--unsafe-no-fsync',
      '--log-level=warn',
    ]);
    const kubeconfig = join(folder, 'admin.kubeconfig');
    const certificates = await createCertificates(folder);
    await writeFile(kubeconfig, certificates.kubeconfig(`https://127.0.0.1:${port}`), { mode: 0o600 });
    run(binary, [
      `--etcd-servers=${etcd}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      ...certificates.flags,
      ...(await furtherFlags(join(assets, binary), certificates.serviceAccountPublicKey)),
    ]);
    await ready(kubectl, kubeconfig, folder, { processes, binary });
    return { kubeconfig, kubectl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What a whole kube-apiserver needs, and a smaller one composed from its libraries does not know. */
async function furtherFlags(binary: string, serviceAccountPublicKey: string): Promise<readonly string[]> {
  const { stdout, stderr } = await promisify(execFile)(binary, ['--help']);
  const wanted = {
    'service-account-key-file': serviceAccountPublicKey,
    'service-cluster-ip-range': '10.96.0.0/16',
    'authorization-mode': 'RBAC',
    'disable-admission-plugins': 'ServiceAccount',
  };
  return Object.entries(wanted)
    .filter(([flag]) => `${stdout}${stderr}`.includes(`--${flag} `))
    .map(([flag, value]) => `--${flag}=${value}`);
}

async function ready(
  kubectl: string,
  kubeconfig: string,
  folder: string,
  { processes, binary }: { readonly processes: readonly ChildProcess[]; readonly binary: string },
): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const dead = processes.find((child) => child.exitCode !== null);
    if (dead !== undefined) break;
    const answered = await promisify(execFile)(kubectl, ['--kubeconfig', kubeconfig, 'get', '--raw', '/readyz']).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const logs = ['etcd', binary].map((name) => `${name}: ${tail(join(folder, `${name}.log`))}`);
  throw new Error(`the API server did not become ready\n${logs.join('\n')}`);
}

const tail = (file: string): string =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(-5).join('\n') : 'no log';

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(kill);
}

async function freePorts(): Promise<readonly [number, number, number]> {
  const servers = [createServer(), createServer(), createServer()];
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    ports.push(typeof address === 'object' && address !== null ? address.port : 0);
  }
  for (const server of servers) server.close();
  const [first = 0, second = 0, third = 0] = ports;
  return [first, second, third];
}
