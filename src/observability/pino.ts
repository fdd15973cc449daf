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

/** `12:00:05 warn  message  key=value`; the stack of a programmer's error on lines of its own. */
function asText(line: string, { colours }: { readonly colours: boolean }): string {
  const { level, time, message, error, ...fields } = JSON.parse(line) as Readonly<Record<string, unknown>>;
  const clock = String(time).slice(11, 19);
  const tone = colours ? TONES[String(level)] : undefined;
  const label = tone === undefined ? String(level).padEnd(5) : `\u001B[${tone}m${String(level).padEnd(5)}\u001B[39m`;
  const details = Object.entries(fields).map(([name, value]) => `${name}=${written(value)}`);
  const stack = (error as { readonly stack?: string } | undefined)?.stack;
  return `${[clock, label, String(message), ...details].join(' ')}\n${stack === undefined ? '' : `${stack}\n`}`;
}

const TONES: Readonly<Record<string, number>> = { warn: 33, error: 31 };

const written = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[\w./:@+-]+$/.test(text) ? text : JSON.stringify(text);
};
