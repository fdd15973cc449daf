import type { PageReport } from '../kinds/evidence.ts';
import type { PageWatch } from '../kinds/recording/types.ts';

/** What a page posts, before its token is checked (WR-8). */
export interface PostedReport {
  readonly token: string;
  readonly load: string;
  readonly state: PageReport['state'];
  readonly faults: readonly string[];
}

export const MOST_BODY_BYTES = 8 * 1_024;
const MOST_FAULTS = 24;
const LONGEST_FAULT = 280;
const LOAD = /^[A-Za-z0-9_-]{1,64}$/;
const MEDIA_FAULTS: readonly string[] = ['video: frozen', 'audio: silent', 'media: failed'];

/** Undefined for anything that is no report, whatever is wrong with it. Members that are not known are passed over. */
export function parseReport(body: Uint8Array): PostedReport | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { token, load, state, faults } = value as Readonly<Record<string, unknown>>;
  if (typeof token !== 'string' || typeof load !== 'string' || !LOAD.test(load)) return undefined;
  if (state !== 'loading' && state !== 'ready') return undefined;
  if (!Array.isArray(faults) || faults.length > MOST_FAULTS) return undefined;
  const texts = faults.filter((fault): fault is string => typeof fault === 'string' && fault.length <= LONGEST_FAULT);
  return texts.length === faults.length ? { token, load, state, faults: texts } : undefined;
}

/**
 * The faults that the declaration asks about, in its order and its words (WR-12): whoever holds a token can write nothing
 * of his own into a status, and a page that was asked under an earlier declaration is taken at what still counts.
 */
export function declaredFaults(faults: readonly string[], watch: PageWatch): readonly string[] {
  const asked = [
    ...(watch.elements ?? []).map((selector) => `element: ${selector}`),
    ...(watch.media ? MEDIA_FAULTS : []),
    'script: error',
  ];
  return asked.filter((fault) => faults.includes(fault));
}
