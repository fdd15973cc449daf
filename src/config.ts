import { InvalidArgumentError } from 'commander';
import { isLoopback } from './core/loopback.ts';
import { hours, minutes, seconds } from './core/time.ts';

/** Parsers of what flags and environment variables say; a wrong value is named in one line before anything runs. */

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: seconds(1), m: minutes(1), h: hours(1) };

/** `90s`, `1m30s`, `500ms`; a number alone is seconds. In ms. */
export function duration(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * seconds(1);
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/gy)];
  if (text === '' || parts.map(([part]) => part).join('') !== text)
    throw new InvalidArgumentError('Write a duration as 90s, 10m, 1h30m or 500ms.');
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? ''] ?? 0), 0);
}

/** Design §8: faster than this, timers of the machine are too coarse. */
const MAX_SPEED = 20;

export function speed(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 1 && value <= MAX_SPEED))
    throw new InvalidArgumentError(`A speed is a number from 1 to ${MAX_SPEED}.`);
  return value;
}

export function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535)
    throw new InvalidArgumentError('A port is a whole number from 0 (any free one) to 65535.');
  return value;
}

/** A base URL. Elsewhere than on this machine only https: credentials go with every call. */
export function endpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.hash !== '')
    throw new InvalidArgumentError('Write a base URL, as http://127.0.0.1:8080.');
  if (url.username !== '' || url.password !== '')
    throw new InvalidArgumentError('Credentials belong into the Secret that the project names, not into the URL.');
  if (url.protocol === 'http:' && !isLoopback(url))
    throw new InvalidArgumentError('Use https: credentials would cross the network in clear text.');
  return text;
}

/** A base URL that doctor looks at: what is wrong with it otherwise is a finding. */
export function examinedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isBase =
    url !== undefined && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  if (!isBase || !['http:', 'https:'].includes(url.protocol))
    throw new InvalidArgumentError('Write a base URL, as https://recorder.example.com.');
  return text.replace(/\/+$/, '');
}

/** Where others reach us. Agora sends to https alone, and so should pages. */
export function publicUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isBase = url !== undefined && url.search === '' && url.hash === '' && url.username === '';
  if (!isBase || !['http:', 'https:'].includes(url.protocol))
    throw new InvalidArgumentError('Write a base URL, as https://recorder.example.com.');
  if (url.protocol === 'http:' && !isLoopback(url))
    throw new InvalidArgumentError('Use https: Agora sends its notifications to nothing else.');
  return text.replace(/\/+$/, '');
}
