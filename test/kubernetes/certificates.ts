import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Certificates {
  /** For the API server. */
  readonly flags: readonly string[];
  readonly serviceAccountPublicKey: string;
  /** Of an administrator. */
  kubeconfig(server: string): string;
}

/** A throw-away CA with a certificate for the server and one for an administrator; Node.js signs none itself. */
export async function createCertificates(folder: string): Promise<Certificates> {
  const at = (name: string): string => join(folder, name);
  const openssl = async (...args: readonly string[]): Promise<void> => {
    await promisify(execFile)('openssl', [...args]);
  };
  await openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.crt'),
    '-days',
    '2',
    '-subj',
    '/CN=test-ca',
  );
  const sign = async (name: string, subject: string, extensions: string): Promise<void> => {
    await writeFile(at(`${name}.ext`), extensions);
    await openssl(
      'req',
      '-new',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      at(`${name}.key`),
      '-out',
      at(`${name}.csr`),
      '-subj',
      subject,
    );
    await openssl(
      'x509',
      '-req',
      '-in',
      at(`${name}.csr`),
      '-CA',
      at('ca.crt'),
      '-CAkey',
      at('ca.key'),
      '-CAcreateserial',
      '-days',
      '2',
      '-out',
      at(`${name}.crt`),
      '-extfile',
      at(`${name}.ext`),
    );
  };
  await sign(
    'server',
    '/CN=apiserver',
    'extendedKeyUsage=serverAuth\nsubjectAltName=IP:127.0.0.1,IP:10.96.0.1,DNS:localhost\n',
  );
  await sign('admin', '/O=system:masters/CN=admin', 'extendedKeyUsage=clientAuth\n');
  await openssl('genrsa', '-traditional', '-out', at('sa.key'), '2048');
  await openssl('rsa', '-in', at('sa.key'), '-pubout', '-out', at('sa.pub'));
  const data = async (name: string): Promise<string> => (await readFile(at(name))).toString('base64');
  const [ca, crt, key] = [await data('ca.crt'), await data('admin.crt'), await data('admin.key')];
  return {
    flags: [
      `--tls-cert-file=${at('server.crt')}`,
      `--tls-private-key-file=${at('server.key')}`,
      `--client-ca-file=${at('ca.crt')}`,
      `--service-account-signing-key-file=${at('sa.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    ],
    serviceAccountPublicKey: at('sa.pub'),
    kubeconfig: (server) =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': ca } }],
        users: [{ name: 'admin', user: { 'client-certificate-data': crt, 'client-key-data': key } }],
        contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
        'current-context': 'test',
      }),
  };
}
