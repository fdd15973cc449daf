import type { Instant } from '../core/time.ts';

/**
 * What was told unasked, by Agora or by a recorded page. It is evidence with a time: a kind's `told` keeps it in the
 * observation, `decide` weighs it, and a query stays the truth (WR-11, MP-28, design §5.6). Losing it costs a later look.
 */
export type Evidence = RecordingNotice | ConverterNotice | PageReport;

interface NoticeBase {
  readonly noticeId: string;
  /** When what it tells happened, by Agora's clock; `receivedAt` where the notice names no time that can be read. */
  readonly at: Instant;
  /** By our clock. */
  readonly receivedAt: Instant;
}

/** A notification of Cloud Recording (reference D.4). */
export interface RecordingNotice extends NoticeBase {
  readonly source: 'recording-notice';
  readonly sid: string;
  readonly cname: string;
  readonly uid: string;
  /** From 0, one more with each notice of a `sid`: a gap tells of a lost one. */
  readonly sequence?: number;
  readonly event: RecordingEvent;
}

export type RecordingEvent =
  /** 70 `web_recorder_started`. */
  | { readonly type: 'started' }
  /** 71 `web_recorder_stopped`: 0 by a stop, 1 planned end, 2 page beyond Agora's capability, 3 to 6 failures. */
  | { readonly type: 'stopped'; readonly code: number; readonly message: string }
  /** 11 `session_exit`: the last one of a `sid`; 0 normal, 1 abnormal. */
  | { readonly type: 'exited'; readonly exitStatus: number }
  /** 12 `session_failover`: it goes on under another uid. */
  | { readonly type: 'failover'; readonly newUid: string }
  /** 72 `web_recorder_capability_limit`: resolution, WebGL or bandwidth. */
  | { readonly type: 'capability-limit'; readonly limitType: string }
  /** 73 `web_recorder_reload`: audio_silence or page_load_timeout. */
  | { readonly type: 'reloaded'; readonly reason: string }
  /** 100 `rtmp_publish_status`: connecting, publishing, onhold, disconnected. */
  | { readonly type: 'publish'; readonly status: string }
  /** 1 `cloud_recording_error`; level 5 is fatal: look at once. */
  | { readonly type: 'error'; readonly code: number; readonly level: number }
  /** Understood as an event of this sid, of no further meaning here. */
  | { readonly type: 'other'; readonly eventType: number };

/** A notification of Media Push (reference D.5). */
export interface ConverterNotice extends NoticeBase {
  readonly source: 'converter-notice';
  readonly converterId: string;
  /** Only some events carry it. */
  readonly name?: string;
  /** The X-Request-ID of the call that caused it: it resolves a create whose answer was lost. */
  readonly requestId?: string;
  readonly createTs?: number;
  readonly updateTs?: number;
  readonly event: ConverterEvent;
}

export type ConverterEvent =
  | { readonly type: 'created' }
  | { readonly type: 'updated' }
  /** `state` as Agora names it. */
  | { readonly type: 'state'; readonly state: string }
  /** `reason` as Agora names it: Delete Request, Idle Timeout, Internal Error. */
  | { readonly type: 'destroyed'; readonly reason: string }
  | { readonly type: 'other'; readonly eventType: number };

/** A report of the recorded page, its token checked: it concerns this attempt of this resource (WR-8, WR-12). */
export interface PageReport {
  readonly source: 'page';
  readonly attempt: number;
  readonly receivedAt: Instant;
  /** The first report after a load whose elements and media are as declared says ready. */
  readonly state: 'loading' | 'ready';
  /** What is not as declared now: bounded in number and length, named after the declaration. Empty: all is well. */
  readonly faults: readonly string[];
  /** Differs after a reload of the page. */
  readonly load: string;
}
