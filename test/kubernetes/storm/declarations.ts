import { type Key, makeKey, splitKey } from '../../../src/core/resource.ts';
import type { Die } from '../../../src/simulator/dice.ts';
import type { Cluster } from '../cluster.ts';

export const NAMESPACE = 'storm';

const NAMES = Array.from({ length: 6 }, (_, index) => index);
const RECORDINGS: readonly Key[] = NAMES.map((index) => makeKey('WebPageRecording', NAMESPACE, `r${index}`));
const CONVERTERS: readonly Key[] = NAMES.map((index) => makeKey('RtmpConverter', NAMESPACE, `c${index}`));
export const KEYS: readonly Key[] = [...RECORDINGS, ...CONVERTERS];

/** A user who works past all faults: declares, labels, edits, asks for a look, deletes and declares again. */
export interface User {
  readonly counts: Readonly<Record<string, number>>;
  declareAll(): Promise<void>;
  /** Something to one of the resources. */
  act(): Promise<void>;
  /** While a call about it is on the wire: a label, or an edit that Agora's update takes. */
  meddle(key: Key, how: 'label' | 'edit'): Promise<void>;
  isDeclared(key: Key): boolean;
  /** Asked for last, so that the answer is the last thing to come. */
  lastRequest(key: Key): string | undefined;
  declareMissing(): Promise<void>;
}

export function createUser(cluster: Cluster, die: Die): User {
  const declared = new Set<Key>();
  const requests = new Map<Key, string>();
  const counts: Record<string, number> = {};
  let turn = 0;

  const count = (what: string): void => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  const patch = async (key: Key, body: unknown): Promise<void> => {
    // One that is gone in the meantime cannot be changed.
    await cluster.patch(key, body).catch((error: unknown) => {
      if (!String(error).includes('404')) throw error;
    });
  };
  const label = (key: Key): Promise<void> => patch(key, { metadata: { labels: { touched: `t${turn}` } } });
  const editInPlace = (key: Key): Promise<void> =>
    patch(key, {
      spec:
        splitKey(key).kind === 'RtmpConverter'
          ? { transcodeOptions: { videoOptions: { bitrate: 1_500 + (turn % 400) } } }
          : { desiredState: turn % 2 === 0 ? 'Running' : 'OnHold' },
    });
  const editForGood = (key: Key): Promise<void> =>
    patch(key, {
      spec:
        splitKey(key).kind === 'RtmpConverter'
          ? { transcodeOptions: { rtcChannel: `show${turn}` } }
          : { url: `https://stage.example.com/${turn}` },
    });
  const request = async (key: Key): Promise<void> => {
    const at = `turn ${turn}`;
    requests.set(key, at);
    await patch(key, { metadata: { annotations: { 'agora-reconciler.dev/reconcile-requested-at': at } } });
  };
  const declare = async (key: Key): Promise<void> => {
    const { kind, namespace, name } = splitKey(key);
    const known = await cluster.read(key);
    // Still on its way out.
    if (known.status === 200) return;
    const spec = kind === 'RtmpConverter' ? converter(name) : recording(name);
    await cluster.apply({ apiVersion: 'agora-reconciler.dev/v1alpha1', kind, namespace, name, spec });
    requests.delete(key);
    declared.add(key);
  };

  return {
    counts,
    isDeclared: (key) => declared.has(key),
    lastRequest: (key) => requests.get(key),
    async declareAll() {
      await cluster.namespace(NAMESPACE);
      await cluster.setSecret(NAMESPACE, 'agora', { customerId: 'demo', customerSecret: 'demo' });
      await cluster.setSecret(NAMESPACE, 's3', { accessKey: 'demo', secretKey: 'demo' });
      const spec = { appId: '0123456789abcdef0123456789abcdef', credentialsSecretRef: { name: 'agora' } };
      const [apiVersion, kind] = ['agora-reconciler.dev/v1alpha1', 'AgoraProject'] as const;
      await cluster.apply({ apiVersion, kind, namespace: NAMESPACE, name: 'live', spec });
      for (const key of KEYS) await declare(key);
    },
    async act() {
      turn += 1;
      const key = KEYS[Math.floor(die() * KEYS.length)] ?? makeKey('RtmpConverter', NAMESPACE, 'c0');
      const what = die();
      if (!declared.has(key)) {
        count('declared');
        return declare(key);
      }
      if (what < 0.4) return (count('labels'), label(key));
      if (what < 0.65) return (count('edits in place'), editInPlace(key));
      if (what < 0.75) return (count('edits that re-create'), editForGood(key));
      if (what < 0.9) return (count('looks asked for'), request(key));
      count('deleted');
      declared.delete(key);
      await cluster.remove(key);
    },
    async meddle(key, how) {
      turn += 1;
      count(`${how} during a call`);
      await (how === 'label' ? label(key) : editInPlace(key));
    },
    async declareMissing() {
      for (const key of KEYS) if (!declared.has(key)) await declare(key);
    },
  };
}

const recording = (name: string): object => ({
  projectRef: { name: 'live' },
  cname: name,
  region: 'eu',
  url: 'https://stage.example.com/0',
  videoWidth: 360,
  videoHeight: 640,
  audioProfile: 0,
  maxRecordingHour: 8,
  storage: {
    vendor: 'AmazonS3',
    region: 'EU_CENTRAL_1',
    bucket: 'talks',
    fileNamePrefix: [name],
    credentialsSecretRef: { name: 's3' },
  },
});

const converter = (name: string): object => ({
  projectRef: { name: 'live' },
  name,
  region: 'eu',
  rtmpUrl: `rtmp://live.example.com/app/${name}`,
  transcodeOptions: {
    rtcChannel: 'show0',
    media: 'AudioVideo',
    videoOptions: {
      canvas: { width: 640, height: 360 },
      layout: [{ rtcStreamUid: 1001, region: { xPos: 0, yPos: 0, zIndex: 1, width: 640, height: 360 } }],
      bitrate: 1_000,
      frameRate: 15,
    },
  },
});
