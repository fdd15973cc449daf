import type { ConverterRow } from '../../agora/answer.ts';
import { instant, seconds } from '../../core/time.ts';
import { type Context, NO_SWEEP, type Sweep } from '../context.ts';
import { tasksOf } from '../task.ts';
import { hashOf } from './applied.ts';
import { CREATED_BEFORE_MS } from './timing.ts';
import type { ConverterStatus, ConverterTask } from './types.ts';

/** The sweep that speaks of an entry; one under another App ID than the project's is seen by Gets alone. */
export const sweepFor = (task: Pick<ConverterTask, 'appId'>, context: Context): Sweep =>
  context.project?.appId === task.appId ? context.sweep : { ...NO_SWEEP, refused: true };

export const rowOf = (
  task: Pick<ConverterTask, 'appId' | 'converterId'>,
  context: Context,
): ConverterRow | undefined =>
  task.converterId === undefined ? undefined : sweepFor(task, context).rows.get(task.converterId.toLowerCase());

export function rowsNamed(name: string, sweep: Sweep): readonly ConverterRow[] {
  const rows: ConverterRow[] = [];
  for (const row of sweep.rows.values()) if (row.name === name) rows.push(row);
  return rows;
}

/** The entry of this status in which a row's id stands. */
export const entryOf = (row: ConverterRow, status: ConverterStatus): ConverterTask | undefined =>
  tasksOf<ConverterTask>(status).find((task) => task.converterId?.toLowerCase() === row.id);

/**
 * The row that a create of this entry without an answer has made (design §5.4): of its name, not older than the intent
 * less 60 s, with the channel and the address that were sent, and of nobody else's status. A row whose id stands in our
 * own status is known already; one that was deleted is never adopted.
 */
export function rowMadeBy(
  task: ConverterTask,
  seen: { readonly uid: string; readonly status: ConverterStatus; readonly context: Context },
): ConverterRow | undefined {
  const { uid, status, context } = seen;
  if (task.converterId !== undefined || task.mayHaveEffect !== true) return undefined;
  const startedAt = instant(task.startedAt);
  if (startedAt === undefined) return undefined;
  const sent = (path: string, shown: string | undefined): boolean =>
    shown === undefined || hashOf(uid, path, shown) === task.applied[path];
  return rowsNamed(task.name, sweepFor(task, context)).find(
    (row) =>
      row.createTs !== undefined &&
      seconds(row.createTs) >= startedAt - CREATED_BEFORE_MS &&
      sent('transcodeOptions.rtcChannel', row.rtcChannel) &&
      sent('rtmpUrl', row.rtmpUrl) &&
      entryOf(row, status) === undefined &&
      context.ownerOf(row.id) === undefined,
  );
}
