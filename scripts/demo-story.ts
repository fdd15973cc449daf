import { isatty } from 'node:tty';
import { usageLines } from '../src/cli/live-table.ts';
import { resourceLines } from '../src/cli/resource-table.ts';
import { standingOf } from '../src/cli/settled.ts';
import { makeKey, type Resource, splitKey } from '../src/core/resource.ts';
import { seconds } from '../src/core/time.ts';
import type { Fields, Logger } from '../src/observability/log.ts';
import type { Stage } from './demo-stage.ts';

const COLUMNS = 80;
/** Of the machine's time: past this a chapter has failed. */
const PATIENCE_MS = 25_000;
const COLOURS = isatty(1) && (process.env['NO_COLOR'] ?? '') === '';

export const say = (...lines: readonly string[]): void => console.log(lines.join('\n'));
export const title = (text: string): void => say('', COLOURS ? `\u001B[1m${text}\u001B[22m` : text);

/** The controller's own log, as a story: one line when a resource fares differently. */
export function storyteller(elapsed: () => number): Logger {
  const tell = ({ resource, state, note, ...rest }: Fields, message: string): void => {
    if (message === 'state') {
      const { name } = splitKey(String(resource) as Parameters<typeof splitKey>[0]);
      const head = `  ${clockText(elapsed())}  ${name.padEnd(9)}  ${String(state).padEnd(15)}  `;
      say(`${head}${cut(String(note), COLUMNS - head.length)}`);
    }
    if (message !== 'state' && message !== 'event') say(`  ${message} ${JSON.stringify(rest)}`);
  };
  return { debug: () => undefined, info: tell, warn: tell, error: tell };
}

const clockText = (ms: number): string =>
  `${String(Math.floor(ms / 60_000)).padStart(2, '0')}:${String(Math.floor(ms / 1_000) % 60).padStart(2, '0')}`;
const cut = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, width - 1)}…`);

export function table(stage: Stage): void {
  const options = { columns: COLUMNS - 2, colours: COLOURS, now: stage.clock.now() };
  const lines = [
    ...resourceLines(stage.resources(), options),
    '',
    ...usageLines(stage.runtime, stage.resources(), COLUMNS - 2),
  ];
  say('', ...lines.map((line) => `  ${line}`.trimEnd()));
}

/** Fails where it takes longer than `patienceMs` of the machine's time. */
export async function until(
  stage: Stage,
  what: string,
  reached: () => boolean,
  patienceMs: number = PATIENCE_MS,
): Promise<void> {
  const began = performance.now();
  const never = new AbortController().signal;
  while (!reached()) {
    if (performance.now() - began > patienceMs) {
      table(stage);
      throw new Error(`waited ${patienceMs / seconds(1)} s in vain until ${what}`);
    }
    await stage.clock.sleep(50 / stage.clock.real(1), never);
  }
}

export const isRunning = ({ runtime }: Stage, kind: Resource['kind'], name: string): boolean => {
  const resource = runtime.host.get(makeKey(kind, 'media', name));
  return resource !== undefined && standingOf(resource).is === 'settled';
};
