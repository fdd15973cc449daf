import type { Instant } from '../core/time.ts';
import type { Product } from './limits.ts';
import type { CallName } from './routes.ts';

/** What goes wrong with a call. `sideEffect` says whether the call was carried out all the same. */
export type CallFault =
  | { readonly kind: 'lost-answer'; readonly as?: 'hang' | 'reset' }
  | { readonly kind: 'lost-request'; readonly as?: 'hang' | 'reset' }
  | { readonly kind: 'not-completed' | 'request-timeout' | 'gateway-timeout'; readonly sideEffect?: boolean }
  | { readonly kind: 'server-error'; readonly status?: 500 | 501 | 503; readonly sideEffect?: boolean }
  | { readonly kind: 'no-worker' | 'rate-limited' | 'quota' | 'no-resources' }
  | { readonly kind: 'revoked-credentials' | 'not-enabled' | 'suspended' | 'list-refused' }
  | { readonly kind: 'latency'; readonly ms: number };

/** What goes wrong before any server is reached. */
export type HostFault =
  | {
      readonly kind: 'dead-domain';
      readonly code?: 'ECONNREFUSED' | 'ECONNRESET' | 'EHOSTUNREACH' | 'ETIMEDOUT' | 'hang';
    }
  | { readonly kind: 'dns-failure'; readonly code?: 'ENOTFOUND' | 'EAI_AGAIN' };

/** What happens to tasks: to those that live when the rule begins, and to those that start while it lasts. */
export type TaskFault =
  | { readonly kind: 'migration'; readonly seconds: number; readonly listed?: boolean; readonly afterSeconds?: number }
  | { readonly kind: 'task-dies'; readonly how?: Death; readonly afterSeconds?: number }
  | { readonly kind: 'cdn-refuses'; readonly afterSeconds?: number }
  | PageFault;

/** What happens to the page that a recording has opened, or opens. */
export type PageFault =
  | { readonly kind: 'page-never-loads' }
  | { readonly kind: 'page-loads-late'; readonly seconds: number }
  | { readonly kind: 'page-not-found'; readonly status?: number }
  | { readonly kind: 'page-too-heavy'; readonly limitType?: LimitType; readonly afterSeconds?: number }
  | { readonly kind: 'page-reloads'; readonly afterSeconds?: number }
  | (Passing & { readonly kind: 'page-loses-element'; readonly element?: string })
  | (Passing & { readonly kind: 'page-video-freezes' | 'page-goes-silent' | 'page-script-stops' });

/** Over by itself after `forSeconds`; absent: it lasts as long as the recording. */
interface Passing {
  readonly afterSeconds?: number;
  readonly forSeconds?: number;
}

/** Event 72 (reference D.4). */
export const LIMIT_TYPES = ['resolution', 'WebGL', 'bandwidth'] as const;
export type LimitType = (typeof LIMIT_TYPES)[number];

/** What happens to a notification, decided when it would first be sent. */
export type NoticeFault =
  | { readonly kind: 'notice-lost' | 'notice-reordered' | 'wrong-signature' }
  | { readonly kind: 'notice-doubled' | 'notice-late'; readonly seconds?: number };

/** What goes wrong on the way to the receiver of notifications and page reports, at each attempt. */
export type ReceiverFault =
  | { readonly kind: 'ingress-outage'; readonly only?: 'notices' | 'reports' }
  | { readonly kind: 'report-lost' };

/** `failed` (default): a recording shows 20 and then 404, a converter stays in state `failed`. `gone`: 404 at once. */
export const DEATHS = ['failed', 'gone'] as const;
export type Death = (typeof DEATHS)[number];

export interface FaultMatch {
  readonly call?: readonly CallName[];
  readonly product?: Product;
  readonly appId?: string;
  /** cname or converter name; a `*` at the end stands for anything. */
  readonly name?: string;
  readonly taskId?: string;
  readonly host?: string;
  /** Of notifications: these event types alone. */
  readonly event?: readonly number[];
}

export type FaultRule = (CallFault | HostFault | TaskFault | NoticeFault | ReceiverFault) & {
  readonly id?: string;
  readonly match?: FaultMatch;
  /** For each call, or for each task. Default 1. */
  readonly probability?: number;
  /** How many times it strikes before it is used up. Default: no end. */
  readonly count?: number;
  readonly fromAt?: Instant;
  readonly untilAt?: Instant;
};

export const HOST_FAULTS = ['dead-domain', 'dns-failure'] as const;
export const PAGE_FAULTS = [
  'page-never-loads',
  'page-loads-late',
  'page-not-found',
  'page-too-heavy',
  'page-reloads',
  'page-loses-element',
  'page-video-freezes',
  'page-goes-silent',
  'page-script-stops',
] as const;
export const TASK_FAULTS = ['migration', 'task-dies', 'cdn-refuses', ...PAGE_FAULTS] as const;
export const NOTICE_FAULTS = [
  'notice-lost',
  'notice-doubled',
  'notice-reordered',
  'notice-late',
  'wrong-signature',
] as const;
export const RECEIVER_FAULTS = ['ingress-outage', 'report-lost'] as const;

/** Where a rule is looked at. */
export type FaultPlace = 'call' | 'host' | 'task' | 'notice' | 'receiver';

export function placeOf({ kind }: Pick<FaultRule, 'kind'>): FaultPlace {
  if (HOST_FAULTS.some((each) => each === kind)) return 'host';
  if (TASK_FAULTS.some((each) => each === kind)) return 'task';
  if (NOTICE_FAULTS.some((each) => each === kind)) return 'notice';
  return RECEIVER_FAULTS.some((each) => each === kind) ? 'receiver' : 'call';
}

export const isHostFault = (rule: FaultRule): rule is FaultRule & HostFault => placeOf(rule) === 'host';
export const isTaskFault = (rule: FaultRule): rule is FaultRule & TaskFault => placeOf(rule) === 'task';
export const isNoticeFault = (rule: FaultRule): rule is FaultRule & NoticeFault => placeOf(rule) === 'notice';
export const isReceiverFault = (rule: FaultRule): rule is FaultRule & ReceiverFault => placeOf(rule) === 'receiver';
export const isCallFault = (rule: FaultRule): rule is FaultRule & CallFault => placeOf(rule) === 'call';
export const isPageFault = (fault: TaskFault): fault is PageFault => PAGE_FAULTS.some((kind) => kind === fault.kind);

/** What a rule is matched against. */
export interface Subject {
  readonly call?: CallName;
  readonly product?: Product;
  readonly appId?: string;
  readonly name?: string;
  readonly taskId?: string;
  readonly host?: string;
  readonly event?: number;
}

export function matches(match: FaultMatch | undefined, subject: Subject): boolean {
  if (match === undefined) return true;
  return (
    (match.call === undefined || (subject.call !== undefined && match.call.includes(subject.call))) &&
    (match.event === undefined || (subject.event !== undefined && match.event.includes(subject.event))) &&
    (match.product === undefined || match.product === subject.product) &&
    (match.appId === undefined || match.appId === subject.appId) &&
    (match.taskId === undefined || match.taskId.toLowerCase() === subject.taskId) &&
    (match.host === undefined || match.host === subject.host) &&
    (match.name === undefined || nameMatches(match.name, subject.name))
  );
}

const nameMatches = (pattern: string, name: string | undefined): boolean =>
  name !== undefined && (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern);
