// Generated from crds/agoraprojects.yaml; run `npm run generate`.
import type { Condition } from '../../core/conditions.ts';

/** What is declared. */
export interface ProjectSpec {
  /** App ID of the project in Agora’s console. Immutable. */
  readonly appId: string;
  /** Secret with the keys customerId and customerSecret, from Console › Developer Toolkit › RESTful API. */
  readonly credentialsSecretRef: SecretRef;
  /** Where the controller runs; chooses the primary domain (MP-11). */
  readonly location: 'Global' | 'MainlandChina';
  /** The region nearest to the controller: its partner is the adjacent domain (MP-12). */
  readonly homeRegion?: ApiRegion;
  /** Narrows the regions whose domains may be used to those where the service is deployed for this project (MP-13). */
  readonly adjacentDomains?: readonly ApiRegion[];
  /** Overrides of Agora’s limits, for a project whose limits Agora has changed. */
  readonly limits: ProjectLimits;
  /** Switches for what Agora’s documents leave open; change one only where the project’s API demands it. */
  readonly compatibility: Compatibility;
  /** Secrets that Agora’s notifications are signed with. */
  readonly notifications?: Notifications;
  /**
   * What is looked at of a CDN’s address before a converter that failed is created again (MP-22). Absent: whether
   * its name resolves.
   */
  readonly cdnCheck?: CdnCheck;
  /** One switch for all its resources: while true no call is made for them, and running tasks go on unwatched. */
  readonly suspend: boolean;
}

export interface SecretRef {
  /** Name of the Secret, in the namespace of this resource. */
  readonly name: string;
}

export type ApiRegion =
  | 'us-west-1'
  | 'us-east-1'
  | 'ap-southeast-1'
  | 'ap-northeast-1'
  | 'eu-west-1'
  | 'eu-central-1'
  | 'cn-east-1'
  | 'cn-north-1';

/** Overrides of Agora’s limits, for a project whose limits Agora has changed. */
export interface ProjectLimits {
  /**
   * How classes share a limit (WR-5): Nested lets the tasks of a class or a better one keep to that class’s limit;
   * Literal caps the total by the limit of the highest class in use.
   */
  readonly mixedResolution: 'Nested' | 'Literal';
  /** Limits of web page recording (WR-1, WR-2). */
  readonly recording?: RecordingLimits;
  /** Limits of Media Push (MP-1, MP-2). */
  readonly converter?: ConverterLimits;
}

/** Limits of web page recording (WR-1, WR-2). */
export interface RecordingLimits {
  /** Concurrent tasks in mainland China per resolution class; a class that is absent keeps Agora’s published limit. */
  readonly cn?: ClassLimits;
  /**
   * Concurrent tasks in Asia without mainland China per resolution class; a class that is absent keeps Agora’s
   * published limit.
   */
  readonly ap?: ClassLimits;
  /** Concurrent tasks in Europe per resolution class; a class that is absent keeps Agora’s published limit. */
  readonly eu?: ClassLimits;
  /** Concurrent tasks in America per resolution class; a class that is absent keeps Agora’s published limit. */
  readonly na?: ClassLimits;
  /** Concurrent recordings over all regions and classes. */
  readonly total?: number;
  /** Calls a second, over all methods. */
  readonly queriesPerSecond?: number;
}

export interface ClassLimits {
  /** Up to 640 × 360 pixels. */
  readonly SD?: number;
  /** Up to 1280 × 720 pixels. */
  readonly HD?: number;
  /** Up to 1920 × 1080 pixels. */
  readonly FHD?: number;
}

/** Limits of Media Push (MP-1, MP-2). */
export interface ConverterLimits {
  /** Concurrent tasks in mainland China per resolution class; a class that is absent keeps Agora’s published limit. */
  readonly cn?: ClassLimits;
  /**
   * Concurrent tasks in Asia without mainland China per resolution class; a class that is absent keeps Agora’s
   * published limit.
   */
  readonly ap?: ClassLimits;
  /** Concurrent tasks in Europe per resolution class; a class that is absent keeps Agora’s published limit. */
  readonly eu?: ClassLimits;
  /** Concurrent tasks in America per resolution class; a class that is absent keeps Agora’s published limit. */
  readonly na?: ClassLimits;
  /** Concurrent converters over all regions and classes. */
  readonly total?: number;
  /** Creates a second. */
  readonly createsPerSecond?: number;
  /** Deletes a second. */
  readonly deletesPerSecond?: number;
  /** Updates a second. */
  readonly updatesPerSecond?: number;
  /** Gets a second. */
  readonly getsPerSecond?: number;
  /** Pages of the list a minute. */
  readonly listsPerMinute?: number;
}

/** Switches for what Agora’s documents leave open; change one only where the project’s API demands it. */
export interface Compatibility {
  /** How a create spells the idle timeout. */
  readonly idleTimeoutKey: 'idleTimeout' | 'idleTimeOut';
  /** How audio options in which nothing is set are sent (MP-20). */
  readonly emptyAudioOptions: 'Object' | 'Null';
  /** Whether a converter’s user is sent, which the published request body does not have (MP-17). */
  readonly sendConverterUser: boolean;
  /** Whether every update of a recording repeats its storage. */
  readonly storageInUpdate: 'WhenChanged' | 'Always';
}

/** Secrets that Agora’s notifications are signed with. */
export interface Notifications {
  /** Secret with the key recordingNotificationSecret, and recordingNotificationSecretPrevious during a rotation. */
  readonly recordingSecretRef?: SecretRef;
  /** Secret with the key mediaPushNotificationSecret, and mediaPushNotificationSecretPrevious during a rotation. */
  readonly mediaPushSecretRef?: SecretRef;
}

/**
 * What is looked at of a CDN’s address before a converter that failed is created again (MP-22). Absent: whether its
 * name resolves.
 */
export interface CdnCheck {
  /** None looks at nothing; Resolve looks the name up; Connect connects to its port besides, with TLS for rtmps. */
  readonly mode: 'None' | 'Resolve' | 'Connect';
  /**
   * Whether Connect may go to private, loopback and carrier addresses. To link-local, metadata and multicast
   * addresses it never goes.
   */
  readonly allowPrivate: boolean;
}

/** What the controller last saw and did: its whole durable memory. Written by the controller only. */
export interface ProjectStatus {
  /** The generation that this status speaks of; -1 before the controller has seen the resource. */
  readonly observedGeneration: number;
  /** Ready, Reconciling and Stalled (kstatus), and further ones. */
  readonly conditions: readonly Condition[];
  /** The value of the reconcile-requested-at annotation that was last acted upon. */
  readonly lastHandledReconcileAt?: string;
  /** Tasks of deleted resources that could not be stopped and may still live. */
  readonly leftBehind?: readonly LeftBehind[];
}

/** A task that may live without a resource. */
export interface LeftBehind {
  /** Uid of the resource that is gone. */
  readonly uid: string;
  /** Its attempt. */
  readonly attempt: number;
  /** Kind of the resource that is gone. */
  readonly kind: string;
  /** Name of the resource that is gone. */
  readonly name: string;
  /** App ID that the task runs under. */
  readonly appId: string;
  /** Region that it is counted in. */
  readonly region: string;
  /** Class that it is counted in. */
  readonly class?: string;
  /** Of a recording: its cname. */
  readonly cname?: string;
  /** Of a recording: its uid at Agora. */
  readonly taskUid?: string;
  /** Of a recording: its resource ID. */
  readonly resourceId?: string;
  /** Of a recording: its sid. */
  readonly sid?: string;
  /** Of a converter: its name. */
  readonly taskName?: string;
  /** Of a converter: its ID. */
  readonly converterId?: string;
  /** When it is certainly over, where that can be told. */
  readonly endsAt?: string;
  /** Why it could not be stopped. */
  readonly why: string;
  /** When it was left behind. */
  readonly since: string;
}
