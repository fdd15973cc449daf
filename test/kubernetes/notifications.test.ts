import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCondition } from '../../src/core/conditions.ts';
import { post, recordingNotice } from '../ingress/builders.ts';
import { whyNoServer } from './api-server.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { readyOf } from './listed.ts';
import { quickstartIn, type Rehearsal, type Replica, rehearse, until } from './rehearsal.ts';

const reason = whyNoServer(process.env);
let cluster: Cluster;

const APP_ID = '0123456789abcdef0123456789abcdef';
const ADDRESS = 'agora-reconciler.dev/ingress-address';

const project = (namespace: string): string => `apiVersion: agora-reconciler.dev/v1alpha1
kind: AgoraProject
metadata: { name: live, namespace: ${namespace} }
spec:
  appId: ${APP_ID}
  credentialsSecretRef: { name: agora }
  notifications:
    recordingSecretRef: { name: hooks }
    mediaPushSecretRef: { name: hooks }
---
apiVersion: v1
kind: Secret
metadata: { name: hooks, namespace: ${namespace} }
stringData: { recordingNotificationSecret: first, mediaPushNotificationSecret: second }
`;

interface Listening extends Replica {
  readonly url: string;
}

async function listening(rehearsal: Rehearsal): Promise<Listening> {
  const replica = await rehearsal.controller('--ingress-bind-address', '127.0.0.1:0', '--log-level', 'debug');
  const [, port = ''] = await replica.child.says(/listening for notifications[^\n]* port=(\d+)/);
  return { ...replica, url: `http://127.0.0.1:${port}` };
}

async function sent(to: Listening, notice: object, namespace: string): Promise<readonly [number, unknown]> {
  const { headers, body } = post(notice, { secret: 'first' });
  const url = `${to.url}/notifications/${namespace}/live`;
  const answer = await fetch(url, { method: 'POST', headers, body: Buffer.from(body) });
  return [answer.status, await answer.json()];
}

describe.skipIf(reason !== undefined)('WR-11 MP-28 notifications in a cluster', () => {
  beforeAll(async () => {
    cluster = await startCluster(process.env);
  });
  afterAll(() => cluster?.stop());

  it('that come to the replica which stands by reach the leader; while nobody leads they are to be sent again', {
    timeout: 120_000,
  }, async () => {
    const rehearsal = await rehearse(cluster, 'told', 1);
    const { namespace } = rehearsal;
    const directory = await quickstartIn(namespace);
    await writeFile(join(directory, 'project.yaml'), project(namespace));
    await rehearsal.kubectl('apply', '-f', join(directory, 'secrets.yaml'), '-f', join(directory, 'project.yaml'));
    const leader = await listening(rehearsal);
    await leader.child.says(/became the leader/);
    const standby = await listening(rehearsal);
    const lease = async () => JSON.parse(await rehearsal.kubectl('get', 'lease', 'agora-reconciler', '-o', 'json'));
    expect((await lease()).metadata.annotations).toEqual({ [ADDRESS]: leader.url });
    await until(
      'known to the one that stands by',
      () => sent(standby, recordingNotice(70), namespace),
      ([status]) => status === 200,
    );

    const results = await rehearsal.subscribe({
      ...{ appId: APP_ID, recordingSecret: 'first', mediaPushSecret: 'second' },
      url: `${standby.url}/notifications/${namespace}/live`,
    });
    expect(results.length).toBeGreaterThan(10);
    expect(results.filter(({ status }) => status !== 200)).toEqual([]);
    await rehearsal.kubectl('apply', '-f', join(directory, 'recordings.yaml'));
    await leader.child.says(/notification [^\n]*product=recording[^\n]*outcome=told/);
    const told = await until(
      'said by the project',
      () => rehearsal.get('AgoraProject', 'live'),
      ({ status }) => findCondition(status?.conditions, 'NotificationsReady') !== undefined,
    );
    expect(readyOf(told)).toMatch(/^True/);
    expect(findCondition(told.status?.conditions, 'NotificationsReady')).toMatchObject({
      status: 'True',
      message: `accepted at /notifications/${namespace}/live`,
    });

    leader.child.process.kill('SIGKILL');
    await leader.child.ended();
    expect(await sent(standby, recordingNotice(33), namespace)).toEqual([
      503,
      { message: 'this replica stands by; send it again' },
    ]);
    await standby.child.says(/became the leader/);
    await until(
      'taken by the new leader',
      () => sent(standby, recordingNotice(33), namespace),
      ([status]) => status === 200,
    );
    expect((await lease()).metadata.annotations).toEqual({ [ADDRESS]: standby.url });
    standby.child.process.kill('SIGTERM');
    expect((await standby.child.ended()).code).toBe(0);
    expect((await lease()).metadata.annotations ?? {}).toEqual({});
  });
});
