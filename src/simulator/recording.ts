import type { Instant } from '../core/time.ts';
import type { EndCause, Entry } from './ledger.ts';
import type { Project } from './projects.ts';
import type { Absence, Page, World } from './world.ts';

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

export interface RecordingSettings {
  readonly url: string;
  readonly maxRecordingMs: number;
  readonly readyTimeoutMs: number;
  readonly publishUrl: string | undefined;
  readonly onhold: boolean;
}

/** Event 71 (reference D.4). */
const STOP_MESSAGES = {
  0: 'ok',
  1: 'max_recording_hour',
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
  #page: Page;
  #planned = 0;
  #readyAt: Instant = Number.POSITIVE_INFINITY;
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
    this.#page = parts.world.page(parts.settings.url);
    this.#world.agenda.plan(this.#startedAt + parts.settings.maxRecordingMs, (at) =>
      this.finish(at, { code: 1, by: 'max-recording-hour' }),
    );
    this.#planOpening(this.#startedAt);
  }

  /** Undefined: `404 failed to find worker`. */
  status(now: Instant): number | undefined {
    if (this.isAbsent(now)) return undefined;
    if (this.#exit !== undefined)
      return now >= this.#exit.goneAt ? undefined : this.#exit.steps.findLast(({ at }) => at <= now)?.status;
    const { initialisedMs, startingMs } = this.#world.timings;
    if (now < this.#startedAt + initialisedMs) return 1;
    if (now < this.#startedAt + startingMs) return 2;
    if (now < this.#readyAt) return 3;
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
    return now < this.#readyAt ? 'init' : 'inProgress';
  }

  publishStatus(now: Instant): 'connecting' | 'publishing' | 'onhold' | 'disconnected' {
    if (this.#exit !== undefined || this.publish?.refused === true) return 'disconnected';
    if (now < Math.max(this.publish?.since ?? 0, this.#readyAt) + this.#world.timings.connectMs) return 'connecting';
    return this.onhold ? 'onhold' : 'publishing';
  }

  callsRefused(now: Instant): boolean {
    return now >= this.#startedAt + this.resource.callableMs;
  }

  setOnhold(onhold: boolean, at: Instant): void {
    const resumed = this.onhold && !onhold;
    this.onhold = onhold;
    if (resumed && at >= this.#readyAt) this.#planFirstSlice(at);
  }

  setPublish(url: string, at: Instant): void {
    const refused = this.#world.cdn(url) === 'refuses';
    this.publish = { url, since: at, refused };
    this.#recordPublish(at, 'connecting');
    const settled =
      Math.max(at, this.#readyAt === Number.POSITIVE_INFINITY ? at : this.#readyAt) + this.#world.timings.connectMs;
    this.#world.agenda.plan(settled, (due) => {
      if (this.publish?.since === at && this.#exit === undefined) this.#recordPublish(due, this.publishStatus(due));
    });
  }

  /** For the fault of a page: false where the page has loaded already. */
  replacePage(page: Page, at: Instant): boolean {
    if (this.#exit !== undefined || at > this.#startedAt) return false;
    if (page.status === undefined && this.settings.readyTimeoutMs === 0) return false;
    this.#page = page;
    this.#planOpening(at);
    return true;
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
    const { code } = end;
    const conclude = (at: Instant): void => {
      const { entry } = this;
      this.#project.vacate('recording', entry.identity.area, entry.class);
      this.#world.ledger.end(entry, at, end.by);
      this.#ended();
      entry.record(at, 71, { msgName: 'web_recorder_stopped', code, message: STOP_MESSAGES[code] });
      entry.record(at, 31, { msgName: 'uploaded', status: 0 });
      entry.record(at, 11, { msgName: 'session_exit', exitStatus: code <= 1 ? 0 : 1 });
    };
    if (end.stoppedAt <= this.#world.now()) conclude(end.stoppedAt);
    else this.#world.agenda.plan(end.stoppedAt, conclude);
  }

  /** Opens the page, at the start or when a fault replaces it; what an earlier plan would do is void. */
  #planOpening(at: Instant): void {
    const plan = ++this.#planned;
    const later = (due: Instant, run: (at: Instant) => void): void =>
      this.#world.agenda.plan(due, (when) => {
        if (this.#planned === plan && this.#exit === undefined) run(when);
      });
    const { readyMs, startingMs } = this.#world.timings;
    const { readyAfterMs = Number.POSITIVE_INFINITY, readyAfterReloadMs = readyAfterMs, status = 200 } = this.#page;
    const { readyTimeoutMs } = this.settings;
    this.#readyAt = at + readyMs;
    if (status >= 400) {
      this.#readyAt = Number.POSITIVE_INFINITY;
      later(at + startingMs, (when) => this.finish(when, { code: 5, by: 'page' }));
      return;
    }
    if (readyTimeoutMs > 0 && readyAfterMs > readyTimeoutMs) {
      later(at + readyTimeoutMs, (when) =>
        this.entry.record(when, 73, { msgName: 'web_recorder_reload', reason: 'page_load_timeout' }),
      );
      if (readyAfterReloadMs > readyTimeoutMs) {
        this.#readyAt = Number.POSITIVE_INFINITY;
        later(at + 2 * readyTimeoutMs, (when) => this.finish(when, { code: 4, by: 'page' }));
        return;
      }
      this.#readyAt = Math.max(this.#readyAt, at + readyTimeoutMs + readyAfterReloadMs);
    } else if (readyTimeoutMs > 0) {
      this.#readyAt = Math.max(this.#readyAt, at + readyAfterMs);
    }
    later(this.#readyAt, (when) => {
      this.entry.record(when, 70, { msgName: 'web_recorder_started', recorderStartTime: when });
      this.entry.record(when, 30, { msgName: 'uploader_started', status: 0 });
      this.#planFirstSlice(when);
    });
  }

  #planFirstSlice(at: Instant): void {
    this.#world.agenda.plan(at + this.#world.timings.firstSliceMs, (when) => {
      if (this.onhold || this.#exit !== undefined || this.firstSliceAt !== undefined) return;
      this.firstSliceAt = when;
      this.entry.record(when, 4, { msgName: 'cloud_recording_file_infos', fileList: `${this.entry.identity.id}.m3u8` });
    });
  }

  #recordPublish(at: Instant, status: string): void {
    this.entry.record(at, 100, { msgName: 'rtmp_publish_status', status });
  }
}
