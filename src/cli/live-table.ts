import { createLogUpdate } from 'log-update';
import type { Clock } from '../core/clock.ts';
import { KIND_NAMES, type Resource } from '../core/resource.ts';
import type { ProjectSpec } from '../kinds/project/types.ts';
import { levelName } from '../limits/levels.ts';
import type { LevelUse } from '../limits/pool.ts';
import { cut, resourceLines } from './resource-table.ts';
import type { Runtime } from './runtime.ts';

export interface LiveTableOptions {
  readonly runtime: Runtime;
  readonly terminal: NodeJS.WriteStream;
  readonly colours: boolean;
  /** `examples/quickstart · a simulated cloud`. */
  readonly title: string;
  /** The latest notices, below the table. */
  readonly notices: () => readonly string[];
}

export interface LiveTable {
  /** Redraws until `signal` aborts, then leaves the last picture on the screen. */
  run(signal: AbortSignal): Promise<void>;
}

const REDRAW_REAL_MS = 250;

/** The table of `watch` on a terminal. */
export function createLiveTable({ runtime, terminal, colours, title, notices }: LiveTableOptions): LiveTable {
  const { clock } = runtime;
  const screen = createLogUpdate(terminal);
  const draw = (): void => {
    const { columns, rows } = terminal;
    screen(frame(runtime, { columns, rows, colours, title, notices: notices() }).join('\n'));
  };
  return {
    async run(signal) {
      try {
        while (!signal.aborted) {
          draw();
          await clock.sleep(REDRAW_REAL_MS / clock.real(1), signal);
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        draw();
        screen.done();
      }
    },
  };
}

interface FrameOptions {
  readonly columns: number;
  readonly rows: number;
  readonly colours: boolean;
  readonly title: string;
  readonly notices: readonly string[];
}

/** What is on the screen at one moment; never higher or wider than it. */
export function frame(runtime: Runtime, options: FrameOptions): readonly string[] {
  const { clock, host } = runtime;
  const { columns, rows, colours, title, notices } = options;
  const resources = KIND_NAMES.flatMap((kind) => host.list(kind));
  const foot = [...usageLines(runtime, resources, columns), ...notices.slice(-4)].map((line) => cut(line, columns));
  const table = resourceLines(resources, { columns, colours, now: clock.now() });
  const room = Math.max(3, rows - foot.length - 5);
  const shown = table.length <= room ? table : [...table.slice(0, room - 1), `  and ${table.length - room + 1} more`];
  return [cut(`${time(clock)}  ${title}`, columns), '', ...shown, '', ...foot];
}

const time = (clock: Clock): string => new Date(clock.now()).toISOString().slice(11, 19);

/** A level that counts no more than a narrower one does tells nothing new. */
function telling(usage: readonly LevelUse[]): readonly LevelUse[] {
  const used = usage.filter(({ held, waiting }) => held > 0 || waiting > 0);
  return used.filter(
    ({ held, waiting, level }) =>
      !used.some(
        (other) =>
          other.held === held &&
          other.waiting === waiting &&
          other.level.cells.length < level.cells.length &&
          other.level.cells.every((cell) => level.cells.includes(cell)),
      ),
  );
}

/** Queries and slots in use, of the limits that anything uses or waits for. */
export function usageLines(
  { lanes, ledger }: Runtime,
  resources: readonly Resource[],
  columns: number,
): readonly string[] {
  const appIds = [
    ...new Set(resources.flatMap(({ kind, spec }) => (kind === 'AgoraProject' ? [(spec as ProjectSpec).appId] : []))),
  ];
  const label = (appId: string): string => (appIds.length < 2 ? '' : `${appId.slice(0, 8)} `);
  const queries = lanes
    .stats()
    .filter(({ waiting, sentInLastSecond }) => waiting > 0 || sentInLastSecond > 0)
    .map(
      ({ appId, limit, sentInLastSecond, cap, waiting }) =>
        `${label(appId)}${limit} ${sentInLastSecond}/${cap}${waiting === 0 ? '' : ` (${waiting} wait)`}`,
    );
  const slots = appIds.flatMap((appId) =>
    telling(ledger.usage(appId)).map(
      ({ level, held, limit, waiting }) =>
        `${label(appId)}${levelName(level)} ${held}/${limit}${waiting === 0 ? '' : ` (${waiting} wait)`}`,
    ),
  );
  return [...listed('queries  ', queries, columns), ...listed('slots    ', slots, columns)];
}

/** Entries side by side; one is never broken over two lines. */
function listed(title: string, entries: readonly string[], columns: number): readonly string[] {
  const lines: string[] = [];
  let line = title;
  for (const entry of entries.length === 0 ? ['none now'] : entries) {
    const joined = line.trimEnd() === '' || line === title ? line + entry : `${line} · ${entry}`;
    if (joined.length <= columns || line === title) line = joined;
    else {
      lines.push(line);
      line = ' '.repeat(title.length) + entry;
    }
  }
  return [...lines, line];
}
