import { isObject, type Json } from './json.ts';
import { type SizeClass, sizeClassOf } from './sizes.ts';

/** What a start asks for, as far as the cloud acts on it. */
export interface RecordingSettings {
  readonly url: string;
  readonly maxRecordingMs: number;
  readonly readyTimeoutMs: number;
  readonly publishUrl: string | undefined;
  readonly onhold: boolean;
}

export const HOUR_MS = 3_600_000;

function serviceParam(request: unknown, name: string): Json | undefined {
  const config = isObject(request) ? request['extensionServiceConfig'] : undefined;
  const services = isObject(config) ? config['extensionServices'] : undefined;
  const service = Array.isArray(services)
    ? services.find((each) => isObject(each) && each['serviceName'] === name)
    : undefined;
  const found: unknown = isObject(service) ? service['serviceParam'] : undefined;
  return isObject(found) ? found : undefined;
}

/** What the page recorder puts out; undefined where the request does not say. */
export function sizeOf(request: unknown): { readonly pixels: number; readonly class: SizeClass } | undefined {
  const web = serviceParam(request, 'web_recorder_service');
  if (web === undefined) return undefined;
  const pixels = Number(web['videoWidth']) * Number(web['videoHeight']);
  return Number.isFinite(pixels) ? { pixels, class: sizeClassOf(pixels) } : undefined;
}

export function settingsOf(request: Json): RecordingSettings | undefined {
  const web = serviceParam(request, 'web_recorder_service');
  if (web === undefined) return undefined;
  return {
    url: String(web['url']),
    maxRecordingMs: Number(web['maxRecordingHour']) * HOUR_MS,
    readyTimeoutMs: Number(web['readyTimeout'] ?? 0) * 1_000,
    publishUrl: addressIn(serviceParam(request, 'rtmp_publish_service')),
    onhold: web['onhold'] === true,
  };
}

/** The one address of an `outputs` list. */
export function addressIn(config: unknown): string | undefined {
  const outputs = isObject(config) ? config['outputs'] : undefined;
  const output: unknown = Array.isArray(outputs) ? outputs[0] : undefined;
  return isObject(output) ? String(output['rtmpUrl']) : undefined;
}
