import { asArray, asNumber, asObject, asText, parseJson } from '../agora/json.ts';
import { type Key, KIND_NAMES } from '../core/resource.ts';
import type { ConverterNotice, RecordingNotice } from '../kinds/evidence.ts';
import type { JournalEntry } from './journal.ts';

const VERSION = 1;

export const entryLine = (entry: JournalEntry): string => `${JSON.stringify({ v: VERSION, ...entry })}\n`;

/** Undefined for what is no whole line of ours: torn by a crash, or of another version. */
export function parseEntry(line: string): JournalEntry | undefined {
  const entry = asObject(parseJson(line));
  const at = asNumber(entry?.['at']);
  if (entry === undefined || entry['v'] !== VERSION || at === undefined) return undefined;
  const marks = asArray(entry['marks']).filter((mark) => typeof mark === 'string');
  const told = toldOf(asObject(entry['told']));
  return { at, marks, ...(told === undefined ? {} : { told }) };
}

/** What we wrote is believed: nobody else may write into the state directory. */
function toldOf(told: Readonly<Record<string, unknown>> | undefined): JournalEntry['told'] {
  const key = asText(told?.['key']);
  const evidence = asObject(told?.['evidence']);
  const isEvidence = evidence?.['source'] === 'recording-notice' || evidence?.['source'] === 'converter-notice';
  if (key === undefined || !isKey(key) || !isEvidence) return undefined;
  return { key, evidence: evidence as unknown as RecordingNotice | ConverterNotice };
}

const isKey = (text: string): text is Key =>
  KIND_NAMES.some((kind) => text.startsWith(`${kind}/`)) && text.split('/').length === 3;
