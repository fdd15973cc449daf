import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { post, recordingNotice } from '../ingress/builders.ts';
import { Child, scratch } from './child.ts';

const APP_ID = '0123456789abcdef0123456789abcdef';
const PATH = '/notifications/media/live';
const MANIFESTS = `apiVersion: agora-reconciler.dev/v1alpha1
kind: AgoraProject
metadata: { name: live, namespace: media }
spec:
  appId: ${APP_ID}
  credentialsSecretRef: { name: agora }
  notifications:
    recordingSecretRef: { name: hooks }
    mediaPushSecretRef: { name: hooks }
---
apiVersion: v1
kind: Secret
metadata: { name: agora, namespace: media }
stringData: { customerId: demo, customerSecret: demo, accessKey: demo, secretKey: demo }
---
apiVersion: v1
kind: Secret
metadata: { name: hooks, namespace: media }
stringData: { recordingNotificationSecret: first, mediaPushNotificationSecret: second }
---
apiVersion: agora-reconciler.dev/v1alpha1
kind: WebPageRecording
metadata: { name: keynote, namespace: media }
spec:
  projectRef: { name: live }
  region: eu
  url: https://stage.example.com/keynote
  audioProfile: 1
  videoWidth: 640
  videoHeight: 360
  videoFps: 15
  maxRecordingHour: 4
  storage:
    vendor: AmazonS3
    region: EU_CENTRAL_1
    bucket: talks
    credentialsSecretRef: { name: agora }
`;

async function watching(directory: string, endpoint: string): Promise<{ readonly child: Child; readonly url: string }> {
  const child = new Child(
    [
      ...['watch', join(directory, 'manifests'), '--state', join(directory, 'state'), '--endpoint', endpoint],
      ...['--ingress-bind-address', '127.0.0.1:0', '--log-format', 'json', '--log-level', 'debug'],
    ],
    { env: { AGORA_RECONCILER_PUBLIC_URL: 'https://recorder.example.com/' } },
  );
  const [, port = ''] = await child.says(/"port":(\d+)[^\n]*listening for notifications/);
  return { child, url: `http://127.0.0.1:${port}` };
}

/** Sends it as Agora does: again where the loop is not ready yet. */
const outcomeOf = async (url: string, notice: object): Promise<unknown> => {
  const { headers, body } = post(notice, { secret: 'first' });
  for (;;) {
    const answer = await fetch(`${url}${PATH}`, { method: 'POST', headers, body: Buffer.from(body) });
    const said: unknown = await answer.json();
    if (answer.status !== 503) return [answer.status, said];
  }
};

describe('watch --ingress-bind-address', () => {
  it('WR-11 takes what the cloud tells, and knows a repeat after kill -9', { timeout: 120_000 }, async () => {
    const directory = await scratch();
    await mkdir(join(directory, 'manifests'));
    await writeFile(join(directory, 'manifests/all.yaml'), MANIFESTS);
    const cloud = new Child(['simulate', '--port', '0', '--speed', '20']);
    const [endpoint = ''] = await cloud.says(/http:\/\/127\.0\.0\.1:\d+/);
    const admin = async (path: string, body: object): Promise<unknown> =>
      (await fetch(`${endpoint}/_simulator/${path}`, { method: 'POST', body: JSON.stringify(body) })).json();

    const first = await watching(directory, endpoint);
    const subscription = {
      appId: APP_ID,
      url: `${first.url}${PATH}`,
      recordingSecret: 'first',
      mediaPushSecret: 'second',
    };
    await admin('notifications', subscription);
    // Answered 200 only once the loop has listed its resources.
    expect(await outcomeOf(first.url, recordingNotice(70))).toEqual([200, { outcome: 'unknown' }]);
    const { results } = (await admin('notifications/test', { appId: APP_ID })) as {
      readonly results: readonly { readonly status: number }[];
    };
    expect(results.length).toBeGreaterThan(10);
    expect(results.filter(({ status }) => status !== 200)).toEqual([]);
    await first.child.says(/"product":"recording"[^\n]*"outcome":"told"/);
    expect(await outcomeOf(first.url, recordingNotice(71))).toEqual([200, { outcome: 'unknown' }]);
    first.child.process.kill('SIGKILL');
    await first.child.ended();

    const second = await watching(directory, endpoint);
    expect(await outcomeOf(second.url, recordingNotice(71))).toEqual([200, { outcome: 'duplicate' }]);
    second.child.process.kill('SIGTERM');
    const { code, stdout, stderr } = await second.child.ended();
    expect(code).toBe(0);
    expect(`${stdout}${stderr}`).not.toContain('"first"');
  });

  it('an address that is taken is one line, and 2', async () => {
    const directory = await scratch();
    await writeFile(join(directory, 'a.yaml'), MANIFESTS);
    const cloud = new Child(['simulate', '--port', '0']);
    const [, port = ''] = await cloud.says(/http:\/\/127\.0\.0\.1:(\d+)/);
    const { code, stderr } = await new Child([
      ...['watch', directory, '--state', join(directory, '.state'), '--simulate'],
      ...['--ingress-bind-address', `127.0.0.1:${port}`],
    ]).ended();
    expect(code).toBe(2);
    expect(stderr).toContain(`cannot listen on port ${port} (EADDRINUSE); see --ingress-bind-address`);
  });
});
