import type { Instant } from '../core/time.ts';
import { BrowserVisit } from './browser-visit.ts';
import type { LimitType } from './fault-rules.ts';
import type { EndCause, Entry } from './ledger.ts';
import { PageVisit, type Visit } from './page-visit.ts';
import type { Project } from './projects.ts';
import type { RecordingSettings } from './start-request.ts';
import type { Absence, World } from './world.ts';

/** What a resourceId stands for; it serves for one start, within its time. */
export interface Resource {
  readonly id: string;
  readonly appId: string;
  readonly cname: string;
  readonly uid: string;
  readonly expiresAt: Instant;
  /** How long after the start query, update and stop may be called. */
  readonly callableMs: number;
  /** Canonical text of what start has to repeat. */
  readonly startParameter: string | undefined;
  sid: string | undefined;
}

/** Event 71 (reference D.4). */
const STOP_MESSAGES = {
  0: 'ok',
  1: 'max_recording_hour',
  2: 'capability_limit',
  4: 'page_load_timeout',
  5: 'access_url_failed',
  6: 'recorder_error',
} as const;
export type StopCode = keyof typeof STOP_MESSAGES;

interface Exit {
  /** Status from each instant on, until `goneAt`. */
  readonly steps: readonly { readonly at: Instant; readonly status: number }[];
  readonly goneAt: Instant;
  readonly exitedAt: Instant;
}

/**
 * One recording from start to end:
 *
 *   1 → 2 → 3 → 4 → 5            page ready (or 5 s without detection), first slice
 *   any → 6 → 7 → 8 → 404        stop
 *   any → 7 → 8 → 404            maxRecordingHour
 *   any → 20 → 404               page does not load, recorder dies
 *
 * It counts against the limits, and is billed, until 7 or 20.
 */
export class Recording {
  readonly entry: Entry;
  readonly resource: Resource;
  readonly settings: RecordingSettings;
  readonly #world: World;
  readonly #project: Project;
  readonly #ended: () => void;
  readonly #startedAt: Instant;
  readonly #visit: Visit;
  #exit: Exit | undefined;
  firstSliceAt: Instant | undefined;
  onhold: boolean;
  publish: { readonly url: string; readonly since: Instant; readonly refused: boolean } | undefined;
  absence: Absence | undefined;

  constructor(parts: {
    readonly entry: Entry;
    readonly resource: Resource;
    readonly settings: RecordingSettings;
    readonly world: World;
    readonly project: Project;
    /** Called once, when it no longer counts. */
    readonly ended: () => void;
  }) {
    this.entry = parts.entry;
    this.resource = parts.resource;
    this.settings = parts.settings;
    this.#world = parts.world;
    this.#project = parts.project;
    this.#ended = parts.ended;
    this.#startedAt = parts.entry.createdAt;
    this.onhold = parts.settings.onhold;
    this.#world.agenda.plan(this.#startedAt + parts.settings.maxRecordingMs, (at) =>
      this.finish(at, { code: 1, by: 'max-recording-hour' }),
    );
    const visit = {
      ...parts,
      told: {
        ready: (at: Instant) => this.#began(at),
        reloaded: (at: Instant, reason: string) =>
          this.entry.record(at, 73, { msgName: 'web_recorder_reload', reason }),
        failed: (at: Instant, code: 4 | 5) => this.finish(at, { code, by: 'page' }),
      },
    };
    const { browser } = parts.world;
    this.#visit = browser === undefined ? new PageVisit(visit) : new BrowserVisit(visit, browser);
  }

  /** Undefined: `404 failed to find worker`. */
  status(now: Instant): number | undefined {
    if (this.isAbsent(now)) return undefined;
    if (this.#exit !== undefined)
      return now >= this.#exit.goneAt ? undefined : this.#exit.steps.findLast(({ at }) => at <= now)?.status;
    const { initialisedMs, startingMs } = this.#world.timings;
    if (now < this.#startedAt + initialisedMs) return 1;
    if (now < this.#startedAt + startingMs) return 2;
    if (now < this.#visit.readyAt) return 3;
    return this.firstSliceAt !== undefined && this.#world.switches.steadyStatus === 'in-progress' ? 5 : 4;
  }

  get isLeaving(): boolean {
    return this.#exit !== undefined;
  }

  isAbsent(now: Instant): boolean {
    return this.absence !== undefined && now < this.absence.until;
  }

  recorderState(now: Instant): 'init' | 'inProgress' | 'exit' {
    if (this.#exit !== undefined && now >= this.#exit.exitedAt) return 'exit';
    return now < this.#visit.readyAt ? 'init' : 'inProgress';
  }

  publishStatus(now: Instant): 'connecting' | 'publishing' | 'onhold' | 'disconnected' {
    if (this.#exit !== undefined || this.publish?.refused === true) return 'disconnected';
    if (now < Math.max(this.publish?.since ?? 0, this.#visit.readyAt) + this.#world.timings.connectMs)
      return 'connecting';
    return this.onhold ? 'onhold' : 'publishing';
  }

  /** The CDN takes the stream no longer. */
  losePublishing(at: Instant): boolean {
    if (this.publish === undefined || this.#exit !== undefined) return false;
    this.publish = { ...this.publish, refused: true };
    this.#recordPublish(at, 'disconnected');
    return true;
  }

  callsRefused(now: Instant): boolean {
    return now >= this.#startedAt + this.resource.callableMs;
  }

  setOnhold(onhold: boolean, at: Instant): void {
    const resumed = this.onhold && !onhold;
    this.onhold = onhold;
    if (resumed && at >= this.#visit.readyAt) this.#planFirstSlice(at);
  }

  setPublish(url: string, at: Instant): void {
    const refused = this.#world.cdn(url) === 'refuses';
    this.publish = { url, since: at, refused };
    this.#recordPublish(at, 'connecting');
    const settled =
      Math.max(at, this.#visit.readyAt === Number.POSITIVE_INFINITY ? at : this.#visit.readyAt) +
      this.#world.timings.connectMs;
    this.#world.agenda.plan(settled, (due) => {
      if (this.publish?.since === at && this.#exit === undefined) this.#recordPublish(due, this.publishStatus(due));
    });
  }

  /** Its server fails, and another one opens the page anew; meanwhile nobody finds it. False where it is leaving. */
  migrate(absence: Absence, at: Instant): boolean {
    if (this.#exit !== undefined) return false;
    this.absence = absence;
    this.#visit.interrupt();
    const failover = (when: Instant): void => {
      // Generations are told apart by the uid, which is a random one from here on.
      const newUid = 1 + (Number.parseInt(this.#world.ids.request().slice(0, 8), 16) % (2 ** 31 - 1));
      this.entry.record(when, 12, { msgName: 'session_failover', newUid });
      this.entry.noticeUid = String(newUid);
    };
    const early = this.#world.switches.failoverNotice === 'at-failure';
    if (early) failover(at);
    this.#world.agenda.plan(absence.until, (when) => {
      if (this.#exit !== undefined || this.absence !== absence) return;
      if (!early) failover(when);
      this.#visit.reopen(when);
    });
    return true;
  }

  /** The page asks for more than a recorder can give: it stops at once (events 72 and 71, code 2). */
  overwhelm(limitType: LimitType, at: Instant): boolean {
    if (this.#exit !== undefined) return false;
    this.entry.record(at, 72, { msgName: 'web_recorder_capability_limit', limitType });
    return this.finish(at, { code: 2, by: 'page' });
  }

  /** For the faults of a page. */
  get visit(): Visit | undefined {
    return this.#exit === undefined ? this.#visit : undefined;
  }

  /** A user's stop: files are uploaded first, and only then is a waiting stop answered; without files it ends at once. */
  stop(at: Instant, by: EndCause): { readonly uploadedMs: number } {
    const { uploadMs, exitShownMs } = this.#world.timings;
    const uploadedMs = this.firstSliceAt === undefined ? 0 : uploadMs;
    const stoppedAt = at + uploadedMs / 2;
    const exitedAt = at + uploadedMs;
    const steps = [
      { at, status: 6 },
      { at: stoppedAt, status: 7 },
      { at: exitedAt, status: 8 },
    ];
    this.#leave({ steps, exitedAt, goneAt: exitedAt + exitShownMs }, { stoppedAt, code: 0, by });
    return { uploadedMs };
  }

  /** Any other end. `silent`: 404 from then on, as if it had never been. False where it is leaving already. */
  finish(at: Instant, end: { readonly code: StopCode; readonly by: EndCause; readonly silent?: boolean }): boolean {
    if (this.#exit !== undefined) return false;
    const shownUntil = at + this.#world.timings.exitShownMs;
    const exit: Exit =
      end.silent === true
        ? { steps: [], exitedAt: at, goneAt: at }
        : end.code === 1
          ? {
              steps: [
                { at, status: 7 },
                { at: at + 1_000, status: 8 },
              ],
              exitedAt: at,
              goneAt: shownUntil,
            }
          : { steps: [{ at, status: 20 }], exitedAt: at, goneAt: shownUntil };
    this.#leave(exit, { stoppedAt: at, code: end.code, by: end.by });
    return true;
  }

  #leave(exit: Exit, end: { readonly stoppedAt: Instant; readonly code: StopCode; readonly by: EndCause }): void {
    this.#exit = exit;
    this.#visit.close();
    const { code } = end;
    const conclude = (at: Instant): void => {
      const { entry } = this;
      this.#project.vacate('recording', entry.identity.area, entry.class);
      this.#world.ledger.end(entry, at, end.by);
      this.#ended();
      const message = STOP_MESSAGES[code];
      // Of the recorder's own failures the service tells as well, as of a fatal error.
      if (code === 6)
        entry.record(at, 1, {
          msgName: 'cloud_recording_error',
          module: 6,
          errorLevel: 5,
          errorCode: 1,
          stat: 0,
          errorMsg: message,
        });
      entry.record(
        at,
        71,
        { msgName: 'web_recorder_stopped', code, message },
        { details: message, fileList: this.#files() },
      );
      const backuped = this.#world.switches.uploadNotice === 'backuped';
      entry.record(at, backuped ? 32 : 31, { msgName: backuped ? 'backuped' : 'uploaded', status: 0 });
      entry.record(at, 11, { msgName: 'session_exit', exitStatus: code <= 1 ? 0 : 1 });
    };
    if (end.stoppedAt <= this.#world.now()) conclude(end.stoppedAt);
    else this.#world.agenda.plan(end.stoppedAt, conclude);
  }

  #began(at: Instant): void {
    this.entry.record(at, 70, { msgName: 'web_recorder_started', recorderStartTime: at });
    this.entry.record(at, 30, { msgName: 'uploader_started', status: 0 });
    this.#planFirstSlice(at);
  }

  #planFirstSlice(at: Instant): void {
    this.#world.agenda.plan(at + this.#world.timings.firstSliceMs, (when) => {
      if (this.onhold || this.#exit !== undefined || this.firstSliceAt !== undefined) return;
      this.firstSliceAt = when;
      this.entry.record(when, 4, { msgName: 'cloud_recording_file_infos', fileList: `${this.entry.identity.id}.m3u8` });
      this.#planProgress(when);
    });
  }

  /** Once a minute, where anybody listens; how much of what was recorded is uploaded, of 10,000. */
  #planProgress(at: Instant): void {
    const { subscriptions, agenda } = this.#world;
    const { appId, product } = this.entry.identity;
    if (subscriptions.get(appId, product) === undefined) return;
    agenda.plan(at + 60_000, (when) => {
      if (this.#exit !== undefined) return;
      if (!this.onhold && !this.isAbsent(when))
        this.entry.record(when, 33, { msgName: 'uploading_progress', progress: 9_900 });
      this.#planProgress(when);
    });
  }

  #files(): readonly { readonly filename: string; readonly sliceStartTime: number }[] {
    return this.firstSliceAt === undefined
      ? []
      : [{ filename: `${this.entry.identity.id}_${this.resource.cname}.m3u8`, sliceStartTime: this.firstSliceAt }];
  }

  #recordPublish(at: Instant, status: string): void {
    this.entry.record(at, 100, { msgName: 'rtmp_publish_status', status }, { rtmpUrl: this.publish?.url });
  }
}
