import type { Instant } from '../../core/time.ts';
import type { PageReport } from '../evidence.ts';
import { currentOf } from './current.ts';
import type { RecordingObservation } from './observation.ts';
import { type PageSeen, SCRIPT_ERROR, silentAfterMs } from './page-observed.ts';
import type { RecordingResource } from './situation.ts';

/** Keeps a report of the current attempt; any other concerns nobody (WR-8, WR-12). */
export function pageSeen(
  { spec, status }: RecordingResource,
  observation: RecordingObservation,
  report: PageReport,
): RecordingObservation {
  const watch = spec.pageWatch;
  if (watch === undefined || status === undefined || currentOf(status)?.attempt !== report.attempt) return observation;
  const before = observation.page?.attempt === report.attempt ? observation.page : undefined;
  const wasSilent = before !== undefined && report.receivedAt >= before.reportedAt + silentAfterMs(watch);
  return { ...observation, page: seenAfter(wasSilent ? withoutRow(before) : before, report) };
}

/** A row of reports, good or bad, is broken by silence. */
function withoutRow(page: PageSeen): PageSeen {
  const { goodSince: _good, badSince: _bad, ...rest } = page;
  return rest;
}

function seenAfter(before: PageSeen | undefined, report: PageReport): PageSeen {
  const { attempt, load, receivedAt, state } = report;
  const faults = report.faults.filter((fault) => fault !== SCRIPT_ERROR);
  const base = { attempt, load, reportedAt: receivedAt, faults, scriptErrors: faults.length < report.faults.length };
  const readyAt = before?.readyAt ?? (state === 'ready' ? receivedAt : undefined);
  const ready = readyAt === undefined ? {} : { readyAt };
  if (state === 'ready' && faults.length === 0)
    return { ...base, ...ready, goodAt: receivedAt, goodSince: before?.goodSince ?? receivedAt };
  const reloadedAt = before?.reloadedAt ?? (before !== undefined && before.load !== load ? receivedAt : undefined);
  return {
    ...base,
    ...ready,
    ...(before?.goodAt === undefined ? {} : { goodAt: before.goodAt }),
    ...(reloadedAt === undefined ? {} : { reloadedAt }),
    ...(state === 'ready' ? { badSince: before?.badSince ?? receivedAt } : {}),
  };
}

/** Its page has to load anew, though no report said so: the task was out of sight and is back. */
export function pageReloads(observation: RecordingObservation, attempt: number, now: Instant): RecordingObservation {
  const { page } = observation;
  if (page?.attempt !== attempt) return observation;
  return { ...observation, page: { ...withoutRow(page), reloadedAt: page.reloadedAt ?? now } };
}
