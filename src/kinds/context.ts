import type { ConverterRow, FailureKind } from '../agora/answer.ts';
import type { AgoraCredentials } from '../agora/api.ts';
import type { Key, Resource } from '../core/resource.ts';
import type { Secret } from '../core/secret.ts';
import type { Instant } from '../core/time.ts';
import type { ProjectSpec, ProjectStatus } from './project/types.ts';

/** Everything besides the resource itself that `decide` may read. Read-only; made anew for every pass. */
export interface Context {
  /** Undefined where the project that `projectRef` names does not exist. For the project kind: itself. */
  readonly project: ProjectView | undefined;
  /** The value that a `secretKeyRef` in the resource's namespace names. */
  secret(name: string, key: string): Secret | undefined;
  /** What is known of the API for the project's App ID, per service. Volatile. */
  readonly health: { readonly recording: ServiceHealth; readonly converter: ServiceHealth };
  /** What the list sweeps for the project's App ID have shown. Volatile. */
  readonly sweep: Sweep;
  /** The resource, other than this one, in whose status a converter id stands. */
  ownerOf(converterId: string): Key | undefined;
  /** What the watched pages of the project's other resources tell of our own ingress (WR-9). Volatile. */
  readonly pages: PagesSeen;
  /** Whether this process listens for notices and page reports; absent where nobody can tell, as in a plan. */
  readonly ingress?: IngressView;
  /** For the project kind: the resources that name it. */
  readonly members: readonly Resource[];
  /** For the project kind: other projects with the same App ID and other limits (design §6). */
  readonly rivals: readonly Key[];
  /** This process: intents of another holder, or from before `startedAt`, may still be on the wire (design §5.8). */
  readonly process: {
    readonly holder: string;
    readonly startedAt: Instant;
    /** Now by the monotonic clock since `startedAt`: a step of the wall clock must not end a task by `endsAt` (§5.1). */
    readonly steadyNow: Instant;
  };
}

export interface ProjectView {
  readonly resource: Resource<ProjectSpec, ProjectStatus>;
  readonly appId: string;
  readonly spec: ProjectSpec;
  /** Undefined where the Secret or one of its keys is missing. Those last used are remembered for stops. */
  readonly credentials: AgoraCredentials | undefined;
}

export interface IngressView {
  readonly listens: boolean;
  /** Where it is reached from outside, where that was said. */
  readonly publicUrl?: string;
}

/** Reports of pages other than the resource's own; for the project kind: of all its members. */
export interface PagesSeen {
  /** How many resources have a page that was ready and is expected to go on reporting. */
  readonly watched: number;
  /** When the latest report of any page came, expected or not. */
  readonly lastReportAt?: Instant;
  /** Pages heard by this process, each with the unbroken row of reports that ends with its latest. */
  readonly heard?: readonly PageHeard[];
}

export interface PageHeard {
  readonly since: Instant;
  readonly lastAt: Instant;
}

export const NO_PAGES: PagesSeen = { watched: 0 };

/** Health of one service under one App ID, from the answers of all calls (design §5.3). */
export interface ServiceHealth {
  /** When a call that Agora answered properly (2xx, or a 4xx about the task itself) was last sent. */
  readonly lastGoodAt?: Instant;
  /** Since when every call has failed by 5xx or without an answer. */
  readonly failingSince?: Instant;
  /** The latest of those failures: an old one, with no call since, tells nothing of now. */
  readonly failedAt?: Instant;
  /** 401, 403, invalid_appid, no_active_status: no calls, but one probe at `probeAt`. */
  readonly refused?: {
    readonly kind: FailureKind;
    readonly message: string;
    readonly at: Instant;
    readonly probeAt: Instant;
  };
}

export const HEALTHY: ServiceHealth = {};

/** The merged outcome of the list sweeps of one App ID (design §5.6). Only complete sweeps enter it. */
export interface Sweep {
  /** When the first page of the latest complete sweep was sent. Undefined before the first. */
  readonly begunAt?: Instant;
  /** Rows of the latest complete sweep, by converter id in lower case. */
  readonly rows: ReadonlyMap<string, ConverterRow>;
  /** When the first page of the latest complete sweep that showed this id was sent. */
  readonly lastSeenAt: ReadonlyMap<string, Instant>;
  /** List was refused for this App ID: observation falls back to Gets (design §5.6). */
  readonly refused: boolean;
}

export const NO_SWEEP: Sweep = { rows: new Map(), lastSeenAt: new Map(), refused: false };
