import type { AgoraValue, Answer } from '../agora/answer.ts';
import type { Key, KindName, Resource } from '../core/resource.ts';
import type { Instant } from '../core/time.ts';
import type { ConverterSpec, ConverterStatus } from '../kinds/converter/types.ts';
import type { ProjectSpec, ProjectStatus } from '../kinds/project/types.ts';
import type { RecordingSpec, RecordingStatus } from '../kinds/recording/types.ts';
import type { Service } from '../limits/slot.ts';
import type { Limits } from '../limits/tables.ts';

/**
 * All that checks look at, gathered beforehand: plain data, and no value of a Secret in it. Specs may hold addresses with
 * keys in clear, so that no check prints one.
 */
export interface Facts {
  /** On the clock that windows are declared on. */
  readonly at: Instant;
  /** Absent where resources of a state or a cluster are examined as they are. */
  readonly manifests?: ManifestFacts;
  readonly projects: readonly ProjectFacts[];
  /** Resources whose project is not there. */
  readonly strays: readonly TaskResource[];
  /**
   * Whose statuses are known: nobody's, so that nothing is known to be ours; a state's; a cluster's; or those of one
   * namespace of a cluster, whose other resources may not be listed.
   */
  readonly statuses: 'none' | 'state' | 'cluster' | 'namespace';
  readonly cluster?: ClusterFacts;
  /** Of a state directory: whether a `watch` works on it. */
  readonly watch?: { readonly directory: string; readonly answers: boolean };
  /** `--timeout` was over before everything was asked. */
  readonly outOfTime: boolean;
}

export type Project = Resource<ProjectSpec, ProjectStatus>;
export type Recording = Resource<RecordingSpec, RecordingStatus> & { readonly kind: 'WebPageRecording' };
export type Converter = Resource<ConverterSpec, ConverterStatus> & { readonly kind: 'RtmpConverter' };
export type TaskResource = Recording | Converter;

export interface ManifestFacts {
  readonly files: number;
  readonly findings: readonly ManifestFinding[];
}

export interface ManifestFinding {
  /** `file:line:column`. */
  readonly place: string;
  readonly severity: 'error' | 'warning';
  readonly text: string;
  readonly advice: string;
}

export interface ProjectFacts {
  readonly project: Project;
  readonly recordings: readonly Recording[];
  readonly converters: readonly Converter[];
  /** Of its App ID, with what other projects of the same App ID declare. */
  readonly limits: Limits;
  readonly secrets: readonly SecretFact[];
  readonly domains: readonly DomainFact[];
  /** A query for a recording that cannot be: how it is refused tells what is open. */
  readonly recordingLook: Look<'query'>;
  readonly converterLook: Look<'list'>;
  /** Ids of converters that some status lists as ours, in lower case. */
  readonly ownIds: ReadonlySet<string>;
  readonly ingress?: IngressFacts;
}

/** One key of a Secret that a resource refers to. */
export interface SecretFact {
  readonly owner: Key;
  /** `spec.rtmpUrlFrom`. */
  readonly field: string;
  readonly name: string;
  readonly key: string;
  readonly state: 'there' | 'absent' | 'unreadable';
  /** What is wrong with the value, in words that do not show it. */
  readonly fault?: { readonly severity: 'warn' | 'fail'; readonly text: string };
}

/** Places in MP-12's order; `endpoint` is the one base URL of `--endpoint`. */
export type DomainRole = 'primary' | 'alternate' | 'adjacent' | 'endpoint';

export interface DomainFact {
  readonly role: DomainRole;
  readonly host: string;
  readonly probe: Probe;
}

export type ProbeStep = 'dns' | 'connect' | 'tls' | 'http';

/** One unauthenticated request: any HTTP answer proves that a host works (A.4). */
export type Probe =
  | {
      readonly outcome: 'answered';
      readonly status: number;
      readonly totalMs: number;
      /** Absent where the step was not taken. */
      readonly dnsMs?: number;
      readonly connectMs?: number;
      readonly tlsMs?: number;
      readonly certificateEndsAt?: Instant;
      /** Least difference between its clock and ours that its Date header allows; positive: ours is behind. */
      readonly skewMs?: number;
    }
  | { readonly outcome: 'failed'; readonly step: ProbeStep; readonly code: string }
  | { readonly outcome: 'not-asked' };

/** What a call without any effect was answered, or why it was not made. */
export type Look<Name extends AgoraValue['call']> =
  | { readonly asked: true; readonly answer: Answer<Extract<AgoraValue, { readonly call: Name }>> }
  | { readonly asked: false; readonly why: 'not-used' | 'no-credentials' | 'no-domain' | 'no-time' };

export interface IngressFacts {
  /** Scheme, host and path; never a query. */
  readonly url: string;
  readonly probe: Probe;
  readonly notices: readonly NoticeFact[];
  /** Asked where a recording declares pageWatch. */
  readonly pages?: PageFacts;
}

/** A test notice for a task that is nobody's: signed as Agora signs, and signed with another secret. */
export interface NoticeFact {
  readonly service: Service;
  readonly signed: Said;
  readonly forged: Said;
}

export interface PageFacts {
  readonly script: Said & { readonly type?: string };
  /** CORS: `access-control-allow-origin` of the answer to a preflight. */
  readonly preflight: Said & { readonly allowOrigin?: string };
  readonly forged: Said;
}

/** The status of an answer, or why there is none. */
export type Said =
  | { readonly status: number; readonly code?: undefined }
  | { readonly status?: undefined; readonly code: string };

export interface ClusterFacts {
  readonly skewMs?: number;
  readonly definitions: readonly DefinitionFact[];
  readonly access: AccessFacts;
  readonly controller: ControllerFacts;
  readonly lease?: LeaseFact;
  /** Asked where a project declares notifications or a recording pageWatch. */
  readonly ingressService?: IngressServiceFact;
}

export interface DefinitionFact {
  readonly kind: KindName;
  readonly state: 'same' | 'absent' | 'unreadable' | 'differs';
  /** Where it first differs: a path of the schema, and whether the cluster lacks what this version has. */
  readonly at?: string;
  readonly lacks?: boolean;
}

/** Whose rights were asked for, and which they are. */
export interface AccessFacts {
  readonly who: { readonly is: 'controller' | 'caller'; readonly name: string };
  readonly rights: readonly RightFact[];
}

export interface RightFact {
  readonly verb: string;
  /** `webpagerecordings.agora-reconciler.dev`. */
  readonly resource: string;
  /** `helpful`: it works without, with less. */
  readonly need: 'required' | 'helpful';
  /** Undefined: every namespace. */
  readonly namespace?: string;
  readonly state: 'allowed' | 'denied' | 'unknown';
}

export interface ControllerFacts {
  /** Running Pods; undefined where they may not be listed. */
  readonly pods?: number;
  /** Namespaces that the leader watches; absent: all of them. */
  readonly watches?: readonly string[];
  /** Why no leader could be asked; absent where one answered. */
  readonly why?: string;
}

export interface LeaseFact {
  readonly state: 'held' | 'free' | 'expired' | 'absent' | 'unreadable';
  readonly place: string;
  readonly holder?: string;
  readonly renewedAgoMs?: number;
}

export interface IngressServiceFact {
  readonly place: string;
  readonly state: 'there' | 'absent' | 'unreadable';
  /** Undefined where they may not be read. */
  readonly readyEndpoints?: number;
}
