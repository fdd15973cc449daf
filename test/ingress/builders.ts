import { createHmac } from 'node:crypto';
import type { InboundRequest } from '../../src/core/inbound.ts';
import { type Key, keyOf, makeKey, type Resource } from '../../src/core/resource.ts';
import { Secret } from '../../src/core/secret.ts';
import type { Instant } from '../../src/core/time.ts';
import type { IngressWorld } from '../../src/ingress/world.ts';
import type { Evidence } from '../../src/kinds/evidence.ts';
import type { Notifications } from '../../src/kinds/project/types.ts';
import { converter } from '../kinds/converter/builders.ts';
import { APP_ID, projectSpec, recording, T0 } from '../kinds/recording/builders.ts';

export { APP_ID, T0 };

export const RECORDING_SECRET = 'canary-recording';
export const PUSH_SECRET = 'canary-push';
export const BOTH: Notifications = { recordingSecretRef: { name: 'hooks' }, mediaPushSecretRef: { name: 'hooks' } };

export interface Place {
  readonly namespace?: string;
  readonly name?: string;
  readonly project?: string;
}

export function project({
  namespace = 'media',
  name = 'live',
  appId = APP_ID,
  notifications = BOTH,
  leftBehind = [],
}: Place & {
  readonly appId?: string;
  readonly notifications?: Notifications | 'none';
  readonly leftBehind?: readonly object[];
} = {}): Resource {
  const { status: _none, ...rest } = recording();
  return {
    ...rest,
    kind: 'AgoraProject',
    metadata: { ...rest.metadata, namespace, name, uid: `uid-${namespace}-${name}` },
    spec: projectSpec({ appId, ...(notifications === 'none' ? {} : { notifications }) }),
    ...(leftBehind.length === 0 ? {} : { status: { observedGeneration: 1, conditions: [], leftBehind } }),
  };
}

function withTasks(base: Resource, place: Place, tasks: readonly object[], status: object = {}): Resource {
  const { namespace = 'media', name = base.metadata.name, project: of = 'live' } = place;
  return {
    ...base,
    metadata: { ...base.metadata, namespace, name, uid: `uid-${namespace}-${name}` },
    spec: { ...(base.spec as object), projectRef: { name: of } },
    status: { observedGeneration: 1, conditions: [], tasks, ...status },
  };
}

const ENTRY = {
  attempt: 1,
  member: 'main',
  phase: 'Running',
  appId: APP_ID,
  region: 'eu',
  class: 'SD',
  generation: 1,
  applied: {},
};

export const recordingWith = (task: object, place: Place = {}): Resource =>
  withTasks(recording(), place, [{ ...ENTRY, cname: 'keynote', uid: '527841', ...task }]);

export const converterWith = (task: object, place: Place = {}, status: object = {}): Resource =>
  withTasks(converter(), place, [{ ...ENTRY, name: 'vertical', sequence: 0, ...task }], status);

export interface FakeWorld extends IngressWorld {
  readonly told: { readonly key: Key; readonly evidence: Evidence }[];
  /** By `namespace/name/key`. */
  readonly secrets: Map<string, string>;
  readonly resources: Map<Key, Resource>;
  at: Instant;
}

export const SECRETS: Readonly<Record<string, string>> = {
  'media/hooks/recordingNotificationSecret': RECORDING_SECRET,
  'media/hooks/mediaPushNotificationSecret': PUSH_SECRET,
};

/** A host's store with these resources, and an engine that only listens. */
export function worldOf(
  resources: readonly Resource[],
  secrets: Readonly<Record<string, string>> = SECRETS,
): FakeWorld {
  const byKey = new Map(resources.map((resource) => [keyOf(resource), resource]));
  const values = new Map(Object.entries(secrets));
  const told: FakeWorld['told'] = [];
  const world: FakeWorld = {
    told,
    secrets: values,
    resources: byKey,
    at: T0,
    get: (key) => byKey.get(key),
    membersOf: (appId) =>
      [...byKey.values()].filter((resource) => {
        const { projectRef } = resource.spec as { readonly projectRef?: { readonly name: string } };
        if (projectRef === undefined) return false;
        const of = byKey.get(makeKey('AgoraProject', resource.metadata.namespace, projectRef.name));
        return (of?.spec as { readonly appId: string } | undefined)?.appId === appId;
      }),
    secret(namespace, name, key) {
      const value = values.get(`${namespace}/${name}/${key}`);
      return value === undefined ? undefined : new Secret(value);
    },
    tell: (key, evidence) => told.push({ key, evidence }),
    now: () => world.at,
  };
  return world;
}

export const bytes = (value: unknown): Uint8Array =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

export const hmac = (algorithm: 'sha1' | 'sha256', secret: string, body: Uint8Array): string =>
  createHmac(algorithm, secret).update(body).digest('hex');

export const ADDRESS = '/notifications/media/live';

/** As Agora sends it, signed both ways. */
export function post(
  value: unknown,
  { secret = RECORDING_SECRET, ...more }: { readonly secret?: string } & Partial<InboundRequest> = {},
): InboundRequest {
  const body = bytes(value);
  return {
    method: 'POST',
    target: ADDRESS,
    headers: {
      'content-type': 'application/json',
      'agora-signature': hmac('sha1', secret, body),
      'agora-signature-v2': hmac('sha256', secret, body),
    },
    body,
    from: '192.0.2.1',
    ...more,
  };
}

export const SID = '38f8e3cfdc474cd56fc1ceba380d7e1a';
export const CONVERTER_ID = '4c014467d647bb87b60b719f6fa57686';

/** A notice of Cloud Recording (reference D.4). */
export const recordingNotice = (eventType: number, details: object = {}, payload: object = {}, more: object = {}) => ({
  noticeId: `2000001428:${eventType}:107`,
  productId: 3,
  eventType,
  notifyMs: T0 + 123,
  payload: {
    cname: 'keynote',
    uid: '527841',
    sid: SID,
    sequence: 9,
    sendts: T0 - 1_000,
    serviceType: 6,
    details,
    ...payload,
  },
  ...more,
});

/** A notice of Media Push (reference D.5). */
export const pushNotice = (eventType: number, converterPart: object = {}, payload: object = {}, more: object = {}) => ({
  noticeId: `push:${eventType}:1`,
  productId: 5,
  eventType,
  notifyMs: T0 + 456,
  payload: {
    converter: { id: CONVERTER_ID, createTs: 1_790_000_000, updateTs: 1_790_000_150, ...converterPart },
    lts: T0 / 1_000 - 1,
    ...payload,
  },
  ...more,
});
