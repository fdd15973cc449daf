import { API_VERSION, type KindName } from '../../core/resource.ts';

export const PLURALS: Readonly<Record<KindName, string>> = {
  AgoraProject: 'agoraprojects',
  WebPageRecording: 'webpagerecordings',
  RtmpConverter: 'rtmpconverters',
};

/** Of all namespaces where none is named. */
export function collectionPath(kind: KindName, namespace: string | undefined): string {
  const base = `/apis/${API_VERSION}`;
  return namespace === undefined ? `${base}/${PLURALS[kind]}` : `${base}/namespaces/${namespace}/${PLURALS[kind]}`;
}

export const objectPath = (kind: KindName, namespace: string, name: string): string =>
  `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`;

export const secretsPath = (namespace: string): string => `/api/v1/namespaces/${namespace}/secrets`;

/** Of the fields that are written by the controller. */
export const FIELD_MANAGER = 'agora-reconciler-controller';
