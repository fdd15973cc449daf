// Generated from crds/rtmpconverters.yaml; run `npm run generate`.
import type { Condition } from '../../core/conditions.ts';

/** What is declared. */
export interface ConverterSpec {
  /** The AgoraProject, in the same namespace, under whose App ID the task runs. Immutable. */
  readonly projectRef: ProjectRef;
  /**
   * Name of the converter at Agora, unique in the project (MP-18); at most 44 characters with redundancy or
   * updateStrategy Overlap, which add to it. Default: derived from rtcChannel and metadata.name (MP-19).
   */
  readonly name?: string;
  /**
   * Area that the converter runs in, best that of the CDN’s origin (MP-15): mainland China, Asia without it, Europe
   * or America.
   */
  readonly region: 'cn' | 'ap' | 'eu' | 'na';
  /** IPv4 address of the CDN’s origin. */
  readonly regionHintIp?: string;
  /** Area of the CDN’s origin; a warning is given where it differs from region (MP-15). */
  readonly cdnArea?: 'cn' | 'ap' | 'eu' | 'na';
  /** RTMP or RTMPS address of the CDN. Use rtmpUrlFrom where it holds a stream key. */
  readonly rtmpUrl?: string;
  /** Secret that holds the address of the CDN. */
  readonly rtmpUrlFrom?: SecretSource;
  /** Seconds without a stream after which Agora destroys the converter (MP-21). */
  readonly idleTimeout: number;
  /** Jitter buffer in milliseconds; Agora rounds it up to hundreds. Absent: 1000. */
  readonly jitterBufferSizeMs?: number;
  /**
   * The converter’s user in the channel, its own there (MP-17). Sent only where the project’s
   * compatibility.sendConverterUser says so. With redundancy Standby it is that of priority 1, and the further ones
   * count up from it.
   */
  readonly user?: ConverterUser;
  /** Streams are mixed and encoded anew. */
  readonly transcodeOptions?: TranscodeOptions;
  /** One stream is pushed as it is. */
  readonly rawOptions?: RawOptions;
  /** The class that a raw converter is counted in, since its size is not declared. */
  readonly capacityClass?: 'SD' | 'HD' | 'FHD';
  /**
   * What is done with a foreign converter of the same name (MP-18): Fail leaves it and reports, Adopt takes it
   * over, Replace deletes it.
   */
  readonly conflictPolicy: 'Fail' | 'Adopt' | 'Replace';
  /**
   * When a converter that does not answer is replaced: after three Strikes, or only when the MigrationWindow of 120
   * s is over (MP-6).
   */
  readonly replaceAfter: 'Strikes' | 'MigrationWindow';
  /**
   * What a change that cannot be made in place does: StopFirst ends the old converter before the new one begins,
   * Overlap after it runs.
   */
  readonly updateStrategy: 'StopFirst' | 'Overlap';
  /** Several converters for one critical stream (MP-8 to MP-10). */
  readonly redundancy?: Redundancy;
  /** Running pushes; Stopped runs nothing. */
  readonly desiredState: 'Running' | 'Stopped';
  /** When the converter is wanted; outside of it nothing runs. Absent ends are open. */
  readonly schedule?: Schedule;
  /**
   * What follows an end that was not asked for: Always starts again, OnFailure only where it was not the planned
   * end, Never leaves it.
   */
  readonly restartPolicy: 'Always' | 'OnFailure' | 'Never';
  /**
   * Most starts within an hour, those by an edit of this resource not counted. Beyond it the resource is Stalled
   * with StartBudgetExhausted.
   */
  readonly maxStartsPerHour: number;
  /** Who is served first where a limit makes resources wait: the larger number, then the older resource. */
  readonly priority: number;
  /** What deleting this resource does: Stop ends the converter, Orphan leaves it running and unwatched. */
  readonly deletionPolicy: 'Stop' | 'Orphan';
  /** While true no call is made for this resource; a running converter goes on unwatched. */
  readonly suspend: boolean;
}

/** The AgoraProject, in the same namespace, under whose App ID the task runs. Immutable. */
export interface ProjectRef {
  /** Name of the AgoraProject. */
  readonly name: string;
}

/** Secret that holds the address of the CDN. */
export interface SecretSource {
  /** One key of a Secret in the namespace of this resource. */
  readonly secretKeyRef: SecretKeyRef;
}

/** One key of a Secret in the namespace of this resource. */
export interface SecretKeyRef {
  /** Name of the Secret. */
  readonly name: string;
  /** Key in the Secret. */
  readonly key: string;
}

export interface ConverterUser {
  /** Numeric user. */
  readonly uid?: number;
  /** User account. */
  readonly account?: string;
}

/** Streams are mixed and encoded anew. */
export interface TranscodeOptions {
  /** Name of the RTC channel. */
  readonly rtcChannel: string;
  /** What is pushed (MP-20). */
  readonly media: ConverterMedia;
  /** How audio is mixed and encoded. Absent: Agora’s defaults. */
  readonly audioOptions?: AudioOptions;
  /** How video is laid out and encoded. */
  readonly videoOptions?: VideoOptions;
  /** SEI data beside audio alone: the encoder adds the small video that carries it (MP-23). */
  readonly sei?: AudioOnlySei;
}

/** What is pushed (MP-20). */
export type ConverterMedia = 'AudioVideo' | 'AudioOnly' | 'VideoOnly';

/** How audio is mixed and encoded. Absent: Agora’s defaults. */
export interface AudioOptions {
  /** Codec. Absent: LC-AAC. */
  readonly codecProfile?: 'LC-AAC' | 'HE-AAC';
  /** Samples a second. Absent: 48000. */
  readonly sampleRate?: 32000 | 44100 | 48000;
  /** Bit rate in kbps. Absent: 48. */
  readonly bitrate?: number;
  /** 1 mono, 2 stereo. Absent: 1. */
  readonly audioChannels?: 1 | 2;
  /** Users whose audio is mixed. Absent: everybody; empty: nobody. */
  readonly rtcStreamUids?: readonly number[];
  /** Volumes of single users, who are in rtcStreamUids. */
  readonly volumes?: readonly StreamVolume[];
}

/** Volume of one user. */
export interface StreamVolume {
  /** The user. */
  readonly rtcStreamUid: number;
  /** Volume in per cent. Absent: 100. */
  readonly volume?: number;
}

/** How video is laid out and encoded. */
export interface VideoOptions {
  /** The picture; width × height is at most 1920 × 1080 (MP-3). */
  readonly canvas: Canvas;
  /** 0: layout says where each stream is; 1: vertical. Absent: 0. */
  readonly layoutType?: 0 | 1;
  /** Streams and images on the canvas. */
  readonly layout?: readonly LayoutView[];
  /** One large stream above the others. */
  readonly vertical?: VerticalLayout;
  /** Image shown for users who send no video. */
  readonly defaultPlaceholderImageUrl?: string;
  /** Bit rate in kbps. */
  readonly bitrate: number;
  /** Frames a second (MP-3). Absent: 15. */
  readonly frameRate?: number;
  /** Frames between two key frames. Absent: twice the frame rate. */
  readonly gop?: number;
  /** Codec. Absent: H.264. */
  readonly codec?: 'H.264' | 'H.265';
  /** Profile of the codec. Absent: high, or main for H.265. */
  readonly codecProfile?: 'high' | 'main' | 'baseline';
  /** SEI data in the video. */
  readonly seiOptions?: SeiOptions;
}

/** The picture; width × height is at most 1920 × 1080 (MP-3). */
export interface Canvas {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** Background as an RGB number. Absent: 0, black. */
  readonly color?: number;
}

/** A user’s stream or an image. */
export interface LayoutView {
  /** The user whose video it is. */
  readonly rtcStreamUid?: number;
  /** Address of a JPG, PNG or GIF image. */
  readonly imageUrl?: string;
  /** Where it is; what hangs over the canvas is cropped. */
  readonly region: LayoutRegion;
  /** fill crops, fit keeps everything. Absent: fill. */
  readonly fillMode?: 'fill' | 'fit';
  /** Image shown while the user sends no video. */
  readonly placeholderImageUrl?: string;
}

/** Where it is; what hangs over the canvas is cropped. */
export interface LayoutRegion {
  /** Pixels from the left. */
  readonly xPos: number;
  /** Pixels from the top. */
  readonly yPos: number;
  /** The larger lies above. */
  readonly zIndex: number;
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
}

/** One large stream above the others. */
export interface VerticalLayout {
  /** User whose stream is the large one. Absent: the loudest speaker. */
  readonly maxResolutionUid?: number;
  /** fill crops, fit keeps everything. Absent: fill. */
  readonly fillMode?: 'fill' | 'fit';
  /** Seconds between two looks for the loudest speaker. */
  readonly refreshIntervalSec?: number;
}

/** SEI data in the video. */
export interface SeiOptions {
  /** What the SEI data is made of. */
  readonly source?: SeiSource;
  /** How the SEI data is written. */
  readonly sink?: SeiSink;
}

/** What the SEI data is made of. */
export interface SeiSource {
  /** Whether stream metadata is sent. Absent: false. */
  readonly metadata?: boolean;
  /** Whether data streams are sent. Absent: false. */
  readonly datastream?: boolean;
  /** A payload of one’s own. */
  readonly customized?: SeiCustomized;
}

/** A payload of one’s own. */
export interface SeiCustomized {
  /** Prefix of Agora’s SEI. */
  readonly prefixForAgoraSei?: string;
  /** The payload. */
  readonly payload?: string;
}

/** How the SEI data is written. */
export interface SeiSink {
  /** SEI type. Absent: 100. */
  readonly type?: number;
}

/** SEI data beside audio alone: the encoder adds the small video that carries it (MP-23). */
export interface AudioOnlySei {
  /** The user whose SEI data is sent. */
  readonly userUid: number;
  /** What the SEI data is made of. */
  readonly source?: SeiSource;
  /** How the SEI data is written. */
  readonly sink?: SeiSink;
}

/** One stream is pushed as it is. */
export interface RawOptions {
  /** Name of the RTC channel. */
  readonly rtcChannel: string;
  /** The user whose stream it is. */
  readonly rtcStreamUid: number;
}

/** Several converters for one critical stream (MP-8 to MP-10). */
export interface Redundancy {
  /**
   * Parallel runs all outputs at once, each to its own address; Standby runs one at a time, the next priority when
   * the current one fails.
   */
  readonly mode: 'Parallel' | 'Standby';
  /** Whether the members are placed on separate resources, at most three (MP-10). */
  readonly isolation: boolean;
  /** Standby: name of the query parameter by which the CDN takes the priority (MP-9). */
  readonly priorityParameter?: string;
  /** Standby: how many priorities there are. Absent: 2. */
  readonly priorities?: number;
  /** Parallel: how many outputs must run for the resource to be Ready. Absent: all. */
  readonly minReady?: number;
  /** Parallel: the addresses. */
  readonly outputs?: readonly RedundantOutput[];
}

/** One address. */
export interface RedundantOutput {
  /** Name of the member, which its converter’s name ends in. */
  readonly name: string;
  /**
   * The converter’s user in the channel, its own there (MP-17). Sent only where the project’s
   * compatibility.sendConverterUser says so.
   */
  readonly user?: ConverterUser;
  /** RTMP or RTMPS address of the CDN. Use rtmpUrlFrom where it holds a stream key. */
  readonly rtmpUrl?: string;
  /** Secret that holds the address of the CDN. */
  readonly rtmpUrlFrom?: SecretSource;
}

/** When the converter is wanted; outside of it nothing runs. Absent ends are open. */
export interface Schedule {
  /** The converter claims its slot and starts at this instant, not before. */
  readonly startAt?: string;
  /** The converter is stopped at this instant. */
  readonly stopAt?: string;
}

/** What the controller last saw and did: its whole durable memory. Written by the controller only. */
export interface ConverterStatus {
  /** The generation that this status speaks of; -1 before the controller has seen the resource. */
  readonly observedGeneration: number;
  /** Ready, Reconciling and Stalled (kstatus), and further ones. */
  readonly conditions: readonly Condition[];
  /** The value of the reconcile-requested-at annotation that was last acted upon. */
  readonly lastHandledReconcileAt?: string;
  /** The class of the limits that the task is counted in. */
  readonly resolutionClass?: 'SD' | 'HD' | 'FHD';
  /** The slots that are held, each a stream and a worker of its class. */
  readonly admission?: readonly Admission[];
  /** Present while a limit makes the resource wait. */
  readonly queue?: QueueStatus;
  /** How often the task was started again, and why. */
  readonly restarts?: Restarts;
  /** The last call that failed, with what Agora’s support asks for (MP-16). */
  readonly lastError?: LastError;
  /** The generation whose task came to its planned end. */
  readonly completedGeneration?: number;
  /**
   * Completed for a planned end, IdleEnded for one after idleTimeout, TaskEnded for another one under restartPolicy
   * Never.
   */
  readonly completedReason?: 'Completed' | 'IdleEnded' | 'TaskEnded';
  /** The latest time at which a task was known to run; tells a missed window from a finished one. */
  readonly lastRanAt?: string;
  /** What Agora refused, until the declaration, a secret it names or its project changes. */
  readonly blocked?: Blocked;
  /** The number of the last attempt; it never falls. */
  readonly lastAttempt?: number;
  /** What the latest check of the CDN’s address told before a re-creation (MP-22); nothing of its path or key. */
  readonly cdn?: readonly CdnResult[];
  /** Members of a redundant set, as they are declared, and those that are being stopped. */
  readonly members?: readonly ConverterMember[];
  /**
   * Standby: the priority that runs, or is to run next (MP-9). It moves on when its task has failed; there is no
   * fail-back.
   */
  readonly activePriority?: number;
  /** Tasks that live, may live or were concluded lost, one entry an attempt. */
  readonly tasks?: readonly ConverterTask[];
}

/** One slot that is held. */
export interface Admission {
  /** The member of a redundant set that holds it; Standby for a set that holds it as one. */
  readonly member?: string;
  /** The App ID that it is counted under. */
  readonly appId: string;
  /** The service whose limit it is. */
  readonly service: 'recording' | 'converter';
  /** The region that it is counted in. */
  readonly region: 'cn' | 'ap' | 'eu' | 'na';
  /** The resolution class. */
  readonly class: 'SD' | 'HD' | 'FHD';
  /** When it was granted. */
  readonly since: string;
}

/** Present while a limit makes the resource wait. */
export interface QueueStatus {
  /** When the waiting began. */
  readonly since: string;
  /** The limit that is in use, in words. */
  readonly limit: string;
  /** Place in the queue, 1 is next. Written coarsely. */
  readonly position: number;
  /** When the place was last written. */
  readonly writtenAt?: string;
  /** When a slot frees, where that can be told. */
  readonly estimatedStartAt?: string;
}

/** How often the task was started again, and why. */
export interface Restarts {
  /** Starts after the first, over the life of the resource. */
  readonly count: number;
  /** Re-creations without ten minutes of running in between; they are spaced by it. */
  readonly inRow: number;
  /** The generation that lastStarts is counted for. */
  readonly generation: number;
  /** When the latest attempt began. */
  readonly lastAt?: string;
  /** Starts within the last hour, against maxStartsPerHour. */
  readonly lastStarts: readonly string[];
  /** Why the task was last started again. */
  readonly lastReason?: string;
}

/** The last call that failed, with what Agora’s support asks for (MP-16). */
export interface LastError {
  /** What sort of failure it was. */
  readonly kind: string;
  /** The call that failed. */
  readonly call: string;
  /** HTTP status, where there was an answer. */
  readonly httpStatus?: number;
  /** Code in the body, where there was one. */
  readonly code?: number;
  /** What was said, without secrets. */
  readonly message: string;
  /** The X-Request-ID that was sent. */
  readonly requestId: string;
  /** The X-Request-ID that was answered. */
  readonly agoraRequestId?: string;
  /** The X-Custom-Request-ID that was answered. */
  readonly customRequestId?: string;
  /** The X-Resource-ID that was answered, or the recording’s resource ID. */
  readonly resourceId?: string;
  /** When it failed. */
  readonly at: string;
  /** When it is tried again, where it is. */
  readonly retryAt?: string;
}

/** What Agora refused, until the declaration, a secret it names or its project changes. */
export interface Blocked {
  /** The reason that the condition carries. */
  readonly reason: string;
  /** What was refused, without secrets. */
  readonly message: string;
  /** Keyed hash of what was refused; another one lets it be tried again. */
  readonly inputs: string;
  /** When it was refused. */
  readonly at: string;
}

/** Of one host and port. */
export interface CdnResult {
  /** The host. */
  readonly host: string;
  /** The port. */
  readonly port: number;
  /**
   * Resolves, Answers; DoesNotResolve, Refused, NoAnswer, TlsFailed; Private was not connected to, Unknown could
   * not be looked up.
   */
  readonly result: CdnReach;
  /** Since when it is so. */
  readonly since: string;
}

/**
 * Resolves, Answers; DoesNotResolve, Refused, NoAnswer, TlsFailed; Private was not connected to, Unknown could not
 * be looked up.
 */
export type CdnReach =
  | 'Resolves'
  | 'Answers'
  | 'DoesNotResolve'
  | 'Refused'
  | 'NoAnswer'
  | 'TlsFailed'
  | 'Private'
  | 'Unknown';

/** One member. */
export interface ConverterMember {
  /** Name of the output, or p and the priority. */
  readonly name: string;
  /** Standby: the priority that the CDN is told. */
  readonly priority?: number;
  /** Whether it runs as declared. */
  readonly ready: boolean;
  /** Phase of its task; Waiting where it has none and wants one, Idle where it wants none. */
  readonly phase: MemberPhase;
  /** What the Ready condition would give as its reason, were it a resource of its own. */
  readonly reason?: string;
  /** The value of the reconcile-requested-at annotation that was last acted upon. */
  readonly lastHandledReconcileAt?: string;
  /** Present while a limit makes the resource wait. */
  readonly queue?: QueueStatus;
  /** How often the task was started again, and why. */
  readonly restarts?: Restarts;
  /** The last call that failed, with what Agora’s support asks for (MP-16). */
  readonly lastError?: LastError;
  /** The generation whose task came to its planned end. */
  readonly completedGeneration?: number;
  /**
   * Completed for a planned end, IdleEnded for one after idleTimeout, TaskEnded for another one under restartPolicy
   * Never.
   */
  readonly completedReason?: 'Completed' | 'IdleEnded' | 'TaskEnded';
  /** The latest time at which a task was known to run; tells a missed window from a finished one. */
  readonly lastRanAt?: string;
  /** What Agora refused, until the declaration, a secret it names or its project changes. */
  readonly blocked?: Blocked;
}

/** Phase of its task; Waiting where it has none and wants one, Idle where it wants none. */
export type MemberPhase =
  | 'Acquired'
  | 'Starting'
  | 'Confirming'
  | 'Running'
  | 'Stopping'
  | 'Unknown'
  | 'Lost'
  | 'Waiting'
  | 'Idle';

/** One attempt to have a task at Agora. */
export interface ConverterTask {
  /** Number of the attempt; the key of the list. */
  readonly attempt: number;
  /** Which member of a redundant set it is; main where there is no redundancy. */
  readonly member: string;
  /**
   * Acquired → Starting → Confirming → Running → Stopping; Unknown may live without a known handle; Lost was
   * concluded gone by silence.
   */
  readonly phase: TaskPhase;
  /** The App ID that it runs under. */
  readonly appId: string;
  /** The region that it runs in and is counted in. */
  readonly region: 'cn' | 'ap' | 'eu' | 'na';
  /** The resolution class that it is counted in. */
  readonly class: 'SD' | 'HD' | 'FHD';
  /** The generation of the declaration that it was made from. */
  readonly generation: number;
  /** Its name at Agora. */
  readonly name: string;
  /** Its ID at Agora. */
  readonly converterId?: string;
  /** The last sequence that was used or reserved for an update (MP-24). */
  readonly sequence?: number;
  /** The updateTs that Agora answered last, in Unix seconds. */
  readonly updateTs?: number;
  /** What the task now has: from the path of a field to a keyed hash of its value. */
  readonly applied: Readonly<Record<string, string>>;
  /** What the update on the wire would make of applied. */
  readonly pending?: Readonly<Record<string, string>>;
  /** When the start or create was sent. */
  readonly startedAt?: string;
  /** When it was first seen running. */
  readonly runningSince?: string;
  /** When it is certainly over, whatever happens. */
  readonly endsAt?: string;
  /** How many looks in a row have answered 404. */
  readonly missingLooks?: number;
  /** Its stop was answered, whatever the answer said. */
  readonly stopAnswered?: boolean;
  /** Since when every look has answered 404. */
  readonly missingSince?: string;
  /** When it was concluded gone by silence. */
  readonly lostAt?: string;
  /** When its stop was first sent. */
  readonly stoppingSince?: string;
  /** Failures in a row. */
  readonly failures?: TaskFailures;
  /** Some answer to its start may have had an effect. */
  readonly mayHaveEffect?: boolean;
  /** Why it is being stopped or replaced. */
  readonly reason?: string;
  /** X-Request-IDs of its creates whose outcome is open; a notice names the one that it came of. */
  readonly createRequestIds?: readonly string[];
  /** It is stopped because the declaration asks for it, not because it has failed. */
  readonly deliberate?: boolean;
  /** A call that was about to be sent; it may or may not have been. */
  readonly intent?: Intent;
  /** It was found under its name, not created by this resource. */
  readonly adopted?: boolean;
}

/**
 * Acquired → Starting → Confirming → Running → Stopping; Unknown may live without a known handle; Lost was
 * concluded gone by silence.
 */
export type TaskPhase = 'Acquired' | 'Starting' | 'Confirming' | 'Running' | 'Stopping' | 'Unknown' | 'Lost';

/** Failures in a row. */
export interface TaskFailures {
  /** The kind seen last. */
  readonly kind: string;
  /** How many in a row. */
  readonly count: number;
  /** Calls in a row that never reached Agora; they count towards nothing. */
  readonly network?: number;
  /** When the last one was. */
  readonly lastAt: string;
  /** When the first one was. */
  readonly since: string;
}

/** A call that was about to be sent; it may or may not have been. */
export interface Intent {
  /** Which call. */
  readonly call: string;
  /** Its X-Request-ID. */
  readonly requestId: string;
  /** The process that was to send it. */
  readonly holder: string;
  /** When this was written. */
  readonly at: string;
}
