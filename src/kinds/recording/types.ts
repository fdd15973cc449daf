// Generated from crds/webpagerecordings.yaml; run `npm run generate`.
import type { Condition } from '../../core/conditions.ts';

/** What is declared. */
export interface RecordingSpec {
  /** The AgoraProject, in the same namespace, under whose App ID the task runs. Immutable. */
  readonly projectRef: ProjectRef;
  /** Label of the recording at Agora and in its file names. Default: derived from namespace and name. */
  readonly cname?: string;
  /** Area that the recording runs in and whose limits count it: mainland China, Asia without it, Europe or America. */
  readonly region: 'cn' | 'ap' | 'eu' | 'na';
  /**
   * Required fences the recording into its region, and its storage with it; Preferred only prefers the region;
   * Unpinned lets Agora choose.
   */
  readonly regionPolicy: 'Required' | 'Preferred' | 'Unpinned';
  /**
   * Address of the page. It opens without login, scrolling, WebGL or a redirect to another domain. Use urlFrom
   * where it holds a token.
   */
  readonly url?: string;
  /** Secret that holds the address of the page. */
  readonly urlFrom?: SecretSource;
  /** 0: 48 kHz mono at about 48 kbps; 1: mono at about 128 kbps; 2: stereo at about 192 kbps. */
  readonly audioProfile: 0 | 1 | 2;
  /** Width in pixels; width × height is at most 1920 × 1080 (WR-3). */
  readonly videoWidth: number;
  /** Height in pixels; width × height is at most 1920 × 1080 (WR-3). */
  readonly videoHeight: number;
  /** Video bit rate in kbps. Absent: Agora takes 2000 from 1280 × 720 on, else 1500. */
  readonly videoBitrate?: number;
  /** Frames a second (WR-3). */
  readonly videoFps: number;
  /** Hours after which Agora ends the recording by itself. */
  readonly maxRecordingHour: number;
  /** Renders the page as a mobile browser does. Absent: false. */
  readonly mobile?: boolean;
  /** Minutes after which an MP4 file is split. Absent: 120. */
  readonly maxVideoDuration?: number;
  /**
   * Seconds within which the page must call window.navigator.notifyReady(), else it is reloaded once and then given
   * up (WR-10). Absent or 0: not watched.
   */
  readonly readyTimeout?: number;
  /** Files that are written. */
  readonly avFileType: readonly ('hls' | 'mp4' | 'mp3')[];
  /**
   * Hours during which the recording can be queried, updated and stopped. Absent: the larger of 72 and
   * maxRecordingHour + 24, at most 720.
   */
  readonly resourceExpiredHour?: number;
  /** Resource IDs of recordings at Agora whose servers are to be avoided. */
  readonly excludeResourceIds?: readonly string[];
  /** Secret that holds the RTC token to send; web pages need none. */
  readonly tokenFrom?: SecretSource;
  /** Version of the extension services, which older accounts send. */
  readonly apiVersion?: string;
  /** What an error in an extension service does: error_abort stops the recording. Absent: the same. */
  readonly errorHandlePolicy?: 'error_abort';
  /** Where the files go. */
  readonly storage: RecordingStorage;
  /** A CDN address that the recorded page is also pushed to. */
  readonly publish?: RecordingPublish;
  /** The page reports to the controller that it loaded and goes on as expected (WR-8, WR-9, WR-12). */
  readonly pageWatch?: PageWatch;
  /** Running records; OnHold keeps the page open and writes nothing; Stopped runs nothing. */
  readonly desiredState: 'Running' | 'OnHold' | 'Stopped';
  /** When the recording is wanted; outside of it nothing runs. Absent ends are open. */
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
  /** What deleting this resource does: Stop ends the recording, Orphan leaves it running and unwatched. */
  readonly deletionPolicy: 'Stop' | 'Orphan';
  /** While true no call is made for this resource; a running recording goes on unwatched. */
  readonly suspend: boolean;
}

/** The AgoraProject, in the same namespace, under whose App ID the task runs. Immutable. */
export interface ProjectRef {
  /** Name of the AgoraProject. */
  readonly name: string;
}

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

/** Where the files go. */
export interface RecordingStorage {
  /** Whose storage it is. */
  readonly vendor: StorageVendor;
  /**
   * The vendor’s region, by name, as in Agora’s table. Not for MicrosoftAzure, GoogleCloud and S3Compatible, which
   * have none.
   */
  readonly region?: string;
  /** Name of the bucket. */
  readonly bucket: string;
  /** Folders that the files are put in, outermost first; 128 characters in all, a slash each included. */
  readonly fileNamePrefix?: readonly string[];
  /** Secret with the keys accessKey and secretKey, and optionally stsToken and stsExpiration (Unix seconds). */
  readonly credentialsSecretRef: SecretRef;
  /** What only some vendors take. */
  readonly extensionParams?: StorageExtensionParams;
}

/** Whose storage it is. */
export type StorageVendor =
  | 'AmazonS3'
  | 'AlibabaCloud'
  | 'TencentCloud'
  | 'MicrosoftAzure'
  | 'GoogleCloud'
  | 'HuaweiCloud'
  | 'BaiduAICloud'
  | 'S3Compatible';

/** Secret with the keys accessKey and secretKey, and optionally stsToken and stsExpiration (Unix seconds). */
export interface SecretRef {
  /** Name of the Secret, in the namespace of this resource. */
  readonly name: string;
}

/** What only some vendors take. */
export interface StorageExtensionParams {
  /** Server-side encryption; AmazonS3 only. */
  readonly sse?: 'kms' | 'aes256';
  /** Tags of the files, as RETENTION_DAYS=30; AmazonS3 and AlibabaCloud only. */
  readonly tag?: string;
  /** Domain name of the service; S3Compatible only. */
  readonly endpoint?: string;
}

/** A CDN address that the recorded page is also pushed to. */
export interface RecordingPublish {
  /** RTMP or RTMPS address. Use rtmpUrlFrom where it holds a stream key. */
  readonly rtmpUrl?: string;
  /** Secret that holds the address. */
  readonly rtmpUrlFrom?: SecretSource;
  /** What an error of the push does: error_ignore lets the recording go on. Absent: the same. */
  readonly errorHandlePolicy?: 'error_ignore';
}

/** The page reports to the controller that it loaded and goes on as expected (WR-8, WR-9, WR-12). */
export interface PageWatch {
  /** Seconds after the start within which the page must report ready, else the recording is made anew. */
  readonly readyWithinSeconds: number;
  /** Seconds between two reports of the page. */
  readonly heartbeatSeconds: number;
  /** Seconds without a good report after which the recording is made anew. Absent: four heartbeats. */
  readonly staleAfterSeconds?: number;
  /** CSS selectors of elements that must be there. */
  readonly elements?: readonly string[];
  /** Whether audio and video in the page must play. */
  readonly media: boolean;
  /** Where the page’s address carries the token that names the recording. */
  readonly tokenIn: 'Query' | 'Fragment';
}

/** When the recording is wanted; outside of it nothing runs. Absent ends are open. */
export interface Schedule {
  /** The recording claims its slot and starts at this instant, not before. */
  readonly startAt?: string;
  /** The recording is stopped at this instant. */
  readonly stopAt?: string;
}

/** What the controller last saw and did: its whole durable memory. Written by the controller only. */
export interface RecordingStatus {
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
  /** Completed for a planned end, TaskEnded for another one under restartPolicy Never. */
  readonly completedReason?: 'Completed' | 'TaskEnded';
  /** The latest time at which a task was known to run; tells a missed window from a finished one. */
  readonly lastRanAt?: string;
  /** What Agora refused, until the declaration, a secret it names or its project changes. */
  readonly blocked?: Blocked;
  /** Ends because the page is beyond what Agora records, under one declaration. */
  readonly notCapable?: NotCapable;
  /** The number of the last attempt; it never falls. */
  readonly lastAttempt?: number;
  /** What the last recording left. */
  readonly lastRecording?: LastRecording;
  /** Tasks that live, may live or were concluded lost, one entry an attempt. */
  readonly tasks?: readonly RecordingTask[];
}

/** One slot that is held. */
export interface Admission {
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

/** Ends because the page is beyond what Agora records, under one declaration. */
export interface NotCapable {
  /** Of the declaration. */
  readonly generation: number;
  /** How many there were. */
  readonly count: number;
  /** What of, as Agora names it. */
  readonly limitType?: string;
}

/** What the last recording left. */
export interface LastRecording {
  /** Its sid. */
  readonly sid: string;
  /** How far its files were uploaded. */
  readonly uploadingStatus?: string;
  /** Names of its files, the first ones. */
  readonly files: readonly string[];
  /** When it ended. */
  readonly endedAt: string;
}

/** One attempt to have a task at Agora. */
export interface RecordingTask {
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
  /** Its cname at Agora. */
  readonly cname: string;
  /** Its uid at Agora. */
  readonly uid: string;
  /** The resource ID that was acquired for it. */
  readonly resourceId?: string;
  /** When the resource ID was acquired. */
  readonly acquiredAt?: string;
  /** The sid that its start was answered with. */
  readonly sid?: string;
  /** What the task now has: from the path of a field to a keyed hash of its value. */
  readonly applied: Readonly<Record<string, string>>;
  /** What the update on the wire would make of applied. */
  readonly pending?: Readonly<Record<string, string>>;
  /** When the start or create was sent. */
  readonly startedAt?: string;
  /** When the sid was answered. */
  readonly sidAt?: string;
  /** When it was first seen running. */
  readonly runningSince?: string;
  /** When it is certainly over, whatever happens. */
  readonly endsAt?: string;
  /** SHA-256 of the token in the address of its page, which names it in the page’s reports. */
  readonly pageToken?: string;
  /** When the token in the address of its page ceases to be taken. */
  readonly pageTokenExpiresAt?: string;
  /** When its page first reported that it is as expected. */
  readonly pageReadyAt?: string;
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
  /**
   * Where the resolution of a lost start stands - probing with a new handle for the same uid, or having acquired
   * anew once.
   */
  readonly step?: 'Reacquired' | 'Probe';
  /** Why it is being stopped or replaced. */
  readonly reason?: string;
  /**
   * Other resource IDs that its start may have been sent with; present until an answer tells which one belongs to
   * the sid.
   */
  readonly otherResourceIds?: readonly string[];
  /** It holds a slot besides that of its successor. */
  readonly beside?: boolean;
  /** Agora moved it to another server; its files go on with the prefix bak and a number. */
  readonly failover?: TaskFailover;
  /** The page was loaded again. */
  readonly reloaded?: PageReload;
  /** A call that was about to be sent; it may or may not have been. */
  readonly intent?: Intent;
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

/** Agora moved it to another server; its files go on with the prefix bak and a number. */
export interface TaskFailover {
  /** The uid under which it goes on; its handle stays. */
  readonly uid: string;
  /** When it was moved. */
  readonly at: string;
}

/** The page was loaded again. */
export interface PageReload {
  /** As Agora names it, page_load_timeout or audio_silence. */
  readonly reason: string;
  /** When it was. */
  readonly at: string;
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
