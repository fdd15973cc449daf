import { pino } from 'pino';
import type { Logger } from './log.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export const LOG_FORMATS = ['text', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly output: { write(text: string): unknown };
  /** Of the run, which may be scaled. */
  readonly now: () => number;
  readonly colours?: boolean;
}

/** JSON lines for machines, or one line of text for each. */
export function createLogger({ level, format, output, now, colours = false }: LogOptions): Logger {
  const destination = format === 'json' ? output : { write: (line: string) => output.write(asText(line, { colours })) };
  return pino(
    {
      level,
      base: null,
      messageKey: 'message',
      errorKey: 'error',
      timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
}

/** `12:00:05 warn  message key=value`; how a resource fares reads `12:00:05 info  Kind/namespace/name Running: why`. */
function asText(line: string, { colours }: { readonly colours: boolean }): string {
  const { level, time, message, error, ...fields } = JSON.parse(line) as Readonly<Record<string, unknown>>;
  const label = toned(String(level).padEnd(5), colours ? TONES[String(level)] : undefined);
  const stack = (error as { readonly stack?: string } | undefined)?.stack;
  const text = `${String(time).slice(11, 19)} ${label} ${said(String(message), fields)}\n`;
  return stack === undefined ? text : `${text}${stack}\n`;
}

function said(message: string, { resource, state, note, ...rest }: Readonly<Record<string, unknown>>): string {
  if (typeof state === 'string' && typeof note === 'string') return `${String(resource)} ${state}: ${note}`;
  const fields = { ...(resource === undefined ? {} : { resource }), ...rest };
  return [message, ...Object.entries(fields).map(([name, value]) => `${name}=${written(value)}`)].join(' ');
}

const toned = (text: string, tone: number | undefined): string =>
  tone === undefined ? text : `\u001B[${tone}m${text}\u001B[39m`;

const TONES: Readonly<Record<string, number>> = { warn: 33, error: 31 };

const written = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[\w./:@+-]+$/.test(text) ? text : JSON.stringify(text);
};
