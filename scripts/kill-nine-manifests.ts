import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Turns of everything that an edit changes; a resource whose turn grows is edited. */
export type Turns = Map<string, number>;

export const RECORDINGS = Array.from({ length: 10 }, (_, index) => `rec-${index}`);
export const CONVERTERS = Array.from({ length: 10 }, (_, index) => `conv-${index}`);

export const APP_ID = 'fedcba9876543210fedcba9876543210';

/** One file a resource, so that an edit touches one. */
export async function writeManifests(directory: string, turns: Turns): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'project.yaml'), PROJECT);
  for (const name of [...RECORDINGS, ...CONVERTERS]) await writeManifest(directory, name, turns);
}

export async function writeManifest(directory: string, name: string, turns: Turns): Promise<void> {
  const turn = turns.get(name) ?? 0;
  const text = RECORDINGS.includes(name) ? recording(name, turn) : converter(name, turn);
  await writeFile(join(directory, `${name}.yaml`), text);
}

const PROJECT = `apiVersion: agora-reconciler.dev/v1alpha1
kind: AgoraProject
metadata: { name: live, namespace: media }
spec:
  appId: ${APP_ID}
  credentialsSecretRef: { name: agora }
  limits:
    converter: { eu: { HD: 20 } }
---
apiVersion: v1
kind: Secret
metadata: { name: agora, namespace: media }
stringData: { customerId: demo, customerSecret: demo, accessKey: demo, secretKey: demo }
`;

/** Every edit re-creates it. */
const recording = (name: string, turn: number): string => `apiVersion: agora-reconciler.dev/v1alpha1
kind: WebPageRecording
metadata: { name: ${name}, namespace: media }
spec:
  projectRef: { name: live }
  region: eu
  url: https://stage.example.com/${name}?turn=${turn}
  videoWidth: 640
  videoHeight: 360
  audioProfile: 1
  maxRecordingHour: 24
  maxStartsPerHour: 60
  storage:
    vendor: AmazonS3
    region: EU_CENTRAL_1
    bucket: talks
    credentialsSecretRef: { name: agora }
`;

/** Odd turns are made in place, even ones re-create it. */
const converter = (name: string, turn: number): string => `apiVersion: agora-reconciler.dev/v1alpha1
kind: RtmpConverter
metadata: { name: ${name}, namespace: media }
spec:
  projectRef: { name: live }
  region: eu
  rtmpUrl: rtmp://live.example.com/app/${name}
  idleTimeout: ${300 + Math.floor(turn / 2)}
  maxStartsPerHour: 60
  transcodeOptions:
    rtcChannel: room-${name}
    media: AudioVideo
    videoOptions:
      canvas: { width: 640, height: 360 }
      layout: [{ rtcStreamUid: 1, region: { xPos: 0, yPos: 0, zIndex: 1, width: 640, height: 360 } }]
      bitrate: ${500 + turn}
`;
