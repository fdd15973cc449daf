import { type Condition, findCondition, type Verdict } from '../../core/conditions.ts';
import type { Reason } from '../../core/reasons.ts';
import { type Instant, instant, seconds, timestamp } from '../../core/time.ts';
import { withTask } from '../task.ts';
import { hashOf } from './changes.ts';
import { currentOf } from './current.ts';
import type { RecordingObservation } from './observation.ts';
import { heldBack } from './page-held-back.ts';
import { heartbeatMs, type Judged, lasts, silentAfterMs, staleAfterMs } from './page-observed.ts';
import type { RecordingResource, Situation } from './situation.ts';
import type { PageWatch, RecordingStatus, RecordingTask } from './types.ts';

/**
 * What is made of a page (WR-8, WR-9, WR-12; ADR 0029):
 *
 *   Loading ─ready─► Ready ─two good heartbeats─► Alive ─faults or silence that last─► Stale ─► Ended, begun anew
 *      │ ▲             │                            │ ▲                                 │
 *      │ └─loaded anew─┴────────────────────────────┘ └──────two good heartbeats────────┘
 *      └─not ready in time─► Ended, begun anew
 */
export type PageState = 'Loading' | 'Ready' | 'Alive' | 'Stale' | 'Ended';

export interface PageView {
  readonly state: PageState;
  /** `PageAlive`; undefined where nothing was observed that would change it. */
  readonly condition: PageCondition | undefined;
  /** Why the recording is to be made anew now; absent while it is not. */
  readonly lost?: string;
  /** What is said of the recording instead of what the condition says. */
  readonly verdict?: Verdict;
  /** When time alone changes any of this. */
  readonly until: Instant;
}

type PageCondition = Pick<Condition, 'status' | 'message'> & { readonly reason: Reason };

const NEVER = Number.POSITIVE_INFINITY;

/** The entry whose page reports count: the current one, where it was started with a token (WR-8). */
export function watchedTask(resource: RecordingResource | undefined): RecordingTask | undefined {
  if (resource?.spec.pageWatch === undefined || resource.status === undefined) return undefined;
  const task = currentOf(resource.status);
  return task?.pageToken === undefined ? undefined : task;
}

/** The page of a recording that is wanted and has a current entry; undefined where no page is watched. */
export function pageView(situation: Situation): PageView | undefined {
  const { resource, status, observation, context, wish } = situation;
  const watch = resource.spec.pageWatch;
  if (watch === undefined || wish.want !== 'running') return undefined;
  const task = currentOf(status);
  if (task === undefined) return { state: 'Ended', condition: undefined, until: NEVER };
  if (task.phase === 'Acquired' || task.phase === 'Starting') return loading(watch, NEVER);
  const unjudged = (state: PageState, reason: Reason, message: string): PageView => ({
    state,
    condition: { status: 'Unknown', reason, message },
    until: NEVER,
  });
  if (task.pageToken === undefined)
    return unjudged(
      'Ended',
      'PageNotWatched',
      'it was started without a token for its page; the next start carries one',
    );
  if (context.ingress === undefined) return { state: 'Loading', condition: undefined, until: NEVER };
  if (!context.ingress.listens)
    return unjudged(
      'Loading',
      'NotListening',
      'nothing listens for reports of pages: start the controller with --ingress-bind-address; nothing is made anew for their silence',
    );
  const seen = observation.page?.attempt === task.attempt ? observation.page : undefined;
  const readyAt = instant(task.pageReadyAt) ?? seen?.readyAt;
  if (wish.onHold || isOnHold(resource, task))
    return unjudged(readyAt === undefined ? 'Loading' : 'Alive', 'OnHold', 'not judged while on hold');
  return readyAt === undefined ? notReady(situation, { task, watch, seen }) : ready(situation, { task, watch, seen });
}

/** The update that ends the hold was not answered yet. */
const isOnHold = ({ metadata }: RecordingResource, { applied }: RecordingTask): boolean =>
  applied['onhold'] !== undefined && applied['onhold'] !== hashOf(metadata.uid, 'onhold', false);

const loading = (watch: PageWatch, until: Instant): PageView => ({
  state: 'Loading',
  condition: {
    status: 'False',
    reason: 'PageNotReady',
    message: `the page has not reported that it is ready; it has ${watch.readyWithinSeconds} s from the start`,
  },
  until,
});

/** WR-9: the ready call has to come within `readyWithinSeconds` of the start. */
function notReady(situation: Situation, judged: Judged): PageView {
  const { task, watch } = judged;
  const lostAt = Math.max(
    (instant(task.sidAt) ?? 0) + seconds(watch.readyWithinSeconds),
    unheardSince(situation) + staleAfterMs(watch),
  );
  return concluded(situation, judged, loading(watch, lostAt), {
    at: lostAt,
    why: `the page was not ready within ${watch.readyWithinSeconds} s`,
  });
}

/** WR-9, WR-12: once ready it has to go on, without faults that last. */
function ready(situation: Situation, judged: Judged): PageView {
  const { status, now } = situation;
  const { task, watch, seen } = judged;
  const staleMs = staleAfterMs(watch);
  const goodAt = Math.max(seen?.goodAt ?? 0, instant(task.pageReadyAt) ?? 0, unheardSince(situation));
  const staleAt = goodAt + staleMs;
  const reloadedAt = loadedAnewAt(judged, { goodAt, now });
  const lostAt = reloadedAt === undefined ? staleAt : Math.max(staleAt, reloadedAt + seconds(watch.readyWithinSeconds));

  if (
    seen !== undefined &&
    lasts(seen.badSince, seen.reportedAt, watch) &&
    now < seen.reportedAt + silentAfterMs(watch)
  ) {
    const faults = seen.faults.join(', ');
    const condition: PageCondition = { status: 'False', reason: 'PageFaulty', message: `the page reports: ${faults}` };
    const why = `the page had faults for ${staleMs / 1_000} s: ${faults}`;
    return concluded(situation, judged, { state: 'Stale', condition, until: lostAt }, { at: lostAt, why });
  }
  // What this process has never heard it cannot miss before a whole window is over.
  const silentAt = seen?.goodAt === undefined ? staleAt : Math.min(goodAt + silentAfterMs(watch), staleAt);
  if (now >= silentAt) {
    const silent = reloadedAt === undefined ? stale(goodAt, watch) : loadedAnew(watch);
    return concluded(situation, judged, { ...silent, until: lostAt }, { at: lostAt, why: silent.why });
  }
  const isGood = seen?.goodAt !== undefined && seen.goodAt === seen.reportedAt;
  const kept = { condition: undefined, until: silentAt };
  if (!isGood) return { state: reloadedAt === undefined ? 'Alive' : 'Loading', ...kept };
  const steady = lasts(seen.goodSince, seen.reportedAt, watch);
  const before = findCondition(status.conditions, 'PageAlive');
  const wasDown = before?.status === 'False' && (before.reason === 'PageStale' || before.reason === 'PageFaulty');
  if (wasDown && !steady) return { state: 'Stale', ...kept };
  const message = 'the page reports that all is as declared';
  return { ...kept, state: steady ? 'Alive' : 'Ready', condition: { status: 'True', reason: 'PageAlive', message } };
}

/**
 * When it was first loaded anew since it was last good: by its own reports, by Agora's notice of the reload, or because
 * Agora moved the recording (events 73 and 12).
 */
function loadedAnewAt(
  { task, seen }: Judged,
  since: { readonly goodAt: Instant; readonly now: Instant },
): Instant | undefined {
  const told = [seen?.reloadedAt, instant(task.reloaded?.at), instant(task.failover?.at)];
  const loads = told.filter((at) => at !== undefined && at > since.goodAt).map((at) => Math.min(at ?? 0, since.now));
  return loads.length === 0 ? undefined : Math.min(...loads);
}

type Silent = Pick<PageView, 'state' | 'condition'> & { readonly why: string };

const stale = (goodAt: Instant, watch: PageWatch): Silent => ({
  state: 'Stale',
  condition: { status: 'False', reason: 'PageStale', message: `no good report since ${timestamp(goodAt)}` },
  why: `no good report of the page for ${staleAfterMs(watch) / 1_000} s`,
});

const loadedAnew = (watch: PageWatch): Silent => ({
  state: 'Loading',
  condition: { status: 'False', reason: 'PageNotReady', message: 'the page was loaded anew and is not ready yet' },
  why: `the page was loaded anew and was not ready within ${watch.readyWithinSeconds} s`,
});

interface Lost {
  readonly at: Instant;
  readonly why: string;
}

/** Its time is over: it is made anew, unless something holds that back; then it is looked at again. */
function concluded(situation: Situation, judged: Judged, view: PageView, lost: Lost): PageView {
  const { now } = situation;
  if (now < lost.at) return view;
  const back = heldBack(situation, judged);
  if (back === undefined) return { ...view, lost: lost.why };
  return {
    ...view,
    condition: back.condition ?? view.condition,
    until: back.until ?? now + heartbeatMs(judged.watch),
    ...(back.verdict === undefined ? {} : { verdict: back.verdict }),
  };
}

/**
 * From when on silence counts: after a restart the heartbeats are forgotten, and a page on hold is not judged, so that a
 * whole window has to pass from there.
 */
const unheardSince = ({ observation }: Situation): Instant =>
  Math.max(observation.knownSince, observation.updatedAt ?? 0);

/** Keeps for good that the page was ready: after a restart it is owed no second time to load (one write an attempt). */
export function withPageReady(status: RecordingStatus, { page }: RecordingObservation): RecordingStatus {
  const task = currentOf(status);
  if (page?.readyAt === undefined || task?.attempt !== page.attempt || task.pageReadyAt !== undefined) return status;
  return withTask<RecordingTask, RecordingStatus>(status, task.attempt, {
    ...task,
    pageReadyAt: timestamp(page.readyAt),
  });
}
