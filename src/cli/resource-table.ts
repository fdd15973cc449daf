import { keyOf, type Resource, splitKey } from '../core/resource.ts';
import { instant } from '../core/time.ts';
import { type TaskStatus, tasksOf } from '../kinds/task.ts';
import { type Standing, standingOf } from './settled.ts';

const SHORT: Readonly<Record<Resource['kind'], string>> = {
  AgoraProject: 'project',
  WebPageRecording: 'recording',
  RtmpConverter: 'converter',
};

const MARKS: Readonly<Record<Standing['is'], string>> = { settled: '✓', waiting: '…', working: '↻', stalled: '✗' };
const TONES: Readonly<Record<Standing['is'], number>> = { settled: 32, waiting: 36, working: 33, stalled: 31 };

export interface TableOptions {
  readonly columns: number;
  readonly colours: boolean;
  readonly now: number;
}

/** One line a resource: what it is, how it fares, and what it waits for. Fits `columns`. */
export function resourceLines(resources: readonly Resource[], options: TableOptions): readonly string[] {
  const { columns, colours, now } = options;
  const rows = resources.map((resource) => rowOf(resource, now));
  const width = (pick: (row: Row) => string, title: string, most: number): number =>
    Math.min(most, Math.max(title.length, ...rows.map((row) => pick(row).length)));
  const kindWidth = width((row) => row.kind, 'KIND', 9);
  const nameWidth = width((row) => row.name, 'NAME', 30);
  const stateWidth = width((row) => row.state, 'STATE', 20);
  const line = (mark: string, kind: string, name: string, state: string, detail: string): string => {
    const head = `${mark} ${cell(kind, kindWidth)}  ${cell(name, nameWidth)}  ${cell(state, stateWidth)}  `;
    return (head + cut(detail, Math.max(0, columns - head.length))).trimEnd();
  };
  return [
    line(' ', 'KIND', 'NAME', 'STATE', 'DETAIL'),
    ...rows.map((row) => {
      const text = line(MARKS[row.is], row.kind, row.name, row.state, row.detail);
      return colours ? `\u001B[${TONES[row.is]}m${text.slice(0, 1)}\u001B[39m${text.slice(1)}` : text;
    }),
  ];
}

interface Row {
  readonly is: Standing['is'];
  readonly kind: string;
  readonly name: string;
  readonly state: string;
  readonly detail: string;
}

function rowOf(resource: Resource, now: number): Row {
  const { is, reason, message } = standingOf(resource);
  const { namespace, name } = splitKey(keyOf(resource));
  const status = resource.status as TaskStatus | undefined;
  return {
    is,
    kind: SHORT[resource.kind],
    name: `${namespace}/${name}`,
    state: reason,
    detail: detailOf(status, { is, message, now }),
  };
}

function detailOf(
  status: TaskStatus | undefined,
  { is, message, now }: { readonly is: Standing['is']; readonly message: string; readonly now: number },
): string {
  if (status?.queue !== undefined) return `place ${status.queue.position}, ${status.queue.limit}`;
  if (is !== 'settled') return message;
  const unknown = tasksOf(status).filter(({ phase }) => phase === 'Unknown').length;
  const restarts = status?.restarts?.count ?? 0;
  const since = instant(tasksOf(status).find(({ phase }) => phase === 'Running')?.runningSince);
  return [
    ...(since === undefined ? [] : [`for ${spanText(now - since)}`]),
    ...(restarts === 0 ? [] : [`restarts ${restarts}`]),
    ...(unknown === 0 ? [] : [`${unknown} more may live unseen`]),
  ].join(', ');
}

/** `45 s`, `12 min`, `3 h`. */
export function spanText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

export const cut = (text: string, width: number): string =>
  text.length <= width ? text : width <= 1 ? text.slice(0, width) : `${text.slice(0, width - 1)}…`;

const cell = (text: string, width: number): string => cut(text, width).padEnd(width);
