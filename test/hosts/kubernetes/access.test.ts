import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { openAccess } from '../../../src/hosts/kubernetes/access.ts';
import { ManualClock } from '../manual-clock.ts';

describe('access to an API server', () => {
  let folder: string;
  let clock: ManualClock;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'agora-access-'));
    clock = new ManualClock();
  });
  afterEach(() => rm(folder, { recursive: true }));

  const at = (name: string): string => join(folder, name);
  async function kubeconfig(user: object, cluster: object = {}, name = 'config'): Promise<string> {
    await writeFile(
      at(name),
      stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'c', cluster: { server: 'https://example.com:6443/', ...cluster } }],
        users: [{ name: 'u', user }],
        contexts: [
          { name: 'one', context: { cluster: 'c', user: 'u', namespace: 'media' } },
          { name: 'two', context: { cluster: 'c', user: 'u' } },
        ],
        'current-context': 'one',
      }),
    );
    return at(name);
  }
  const open = (given: Partial<Parameters<typeof openAccess>[0]>) => openAccess({ clock, environment: {}, ...given });
  const base64 = (text: string): string => Buffer.from(text).toString('base64');

  it('takes server, namespace and certificates from a kubeconfig, files beside it too', async () => {
    await writeFile(at('ca.crt'), 'the authority');
    const user = { 'client-certificate-data': base64('certificate'), 'client-key-data': base64('key') };
    const access = await open({ kubeconfig: await kubeconfig(user, { 'certificate-authority': 'ca.crt' }) });
    expect(access).toMatchObject({ server: 'https://example.com:6443', namespace: 'media' });
    expect(await access.credentials('cached')).toEqual({
      headers: {},
      tls: { ca: Buffer.from('the authority'), cert: Buffer.from('certificate'), key: Buffer.from('key') },
    });
  });

  it('takes another context where one is named', async () => {
    const access = await open({ kubeconfig: await kubeconfig({ token: 'secret' }), context: 'two' });
    expect(access.namespace).toBe('default');
    expect((await access.credentials('cached')).headers).toEqual({ authorization: 'Bearer secret' });
  });

  it('reads a token file anew after a minute, and at once after a refusal', async () => {
    await writeFile(at('token'), 'first\n');
    const access = await open({ kubeconfig: await kubeconfig({ tokenFile: 'token' }) });
    const token = async (how: 'cached' | 'renewed') => (await access.credentials(how)).headers['authorization'];
    expect(await token('cached')).toBe('Bearer first');
    await writeFile(at('token'), 'second\n');
    expect(await token('cached')).toBe('Bearer first');
    expect(await token('renewed')).toBe('Bearer second');
    await writeFile(at('token'), 'third\n');
    clock.advance(61_000);
    expect(await token('cached')).toBe('Bearer third');
  });

  it('keeps the identity of unchanged certificates, so that connections are kept', async () => {
    const access = await open({ kubeconfig: await kubeconfig({ 'client-key-data': base64('key') }) });
    const first = await access.credentials('renewed');
    expect((await access.credentials('renewed')).tls).toBe(first.tls);
  });

  it('is that of the Pod where nothing else is named', async () => {
    for (const [name, text] of Object.entries({ token: 'of the pod', 'ca.crt': 'authority', namespace: 'agora\n' })) {
      await writeFile(at(name), text);
    }
    const environment = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    const access = await open({ environment, serviceAccount: folder });
    expect(access).toMatchObject({ server: 'https://[fd00::1]:443', namespace: 'agora' });
    expect(await access.credentials('cached')).toEqual({
      headers: { authorization: 'Bearer of the pod' },
      tls: { ca: Buffer.from('authority') },
    });
    const named = await open({
      environment: { ...environment, KUBECONFIG: await kubeconfig({}) },
      serviceAccount: folder,
    });
    expect(named.server).toBe('https://example.com:6443');
  });

  it('runs a plug-in for credentials, and again after a refusal', async () => {
    const counter = at('count');
    const credential =
      '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"token-%s"}}';
    await writeFile(
      at('plugin'),
      `#!/bin/sh\necho x >> ${counter}\nprintf '${credential}' "$(wc -l < ${counter} | tr -d ' ')"\n`,
    );
    await chmod(at('plugin'), 0o755);
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: at('plugin'), interactiveMode: 'Never' };
    const access = await open({ kubeconfig: await kubeconfig({ exec }) });
    expect((await access.credentials('cached')).headers).toEqual({ authorization: 'Bearer token-1' });
    expect((await access.credentials('renewed')).headers).toEqual({ authorization: 'Bearer token-2' });
  });

  it('merges several files', async () => {
    const first = await kubeconfig({ token: 'secret' });
    await writeFile(at('other'), stringify({ clusters: [], users: [], contexts: [], 'current-context': 'two' }));
    const access = await open({ environment: { KUBECONFIG: `${first}:${at('other')}` } });
    expect(access).toMatchObject({ server: 'https://example.com:6443', namespace: 'media' });
    expect((await access.credentials('cached')).headers).toEqual({ authorization: 'Bearer secret' });
  });

  it.each([
    [
      'a file that is not there',
      () => Promise.resolve(at('nowhere')),
      'cannot be read; name another with --kubeconfig',
    ],
    ['a context that is not there', () => kubeconfig({}), 'has no context three'],
  ])('says what is wrong with %s', async (_, file, message) => {
    await expect(open({ kubeconfig: await file(), context: 'three' })).rejects.toThrow(message);
  });
});
