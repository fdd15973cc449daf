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
  | { readonly kind: 'page-never-loads' | 'page-not-found' | 'cdn-refuses' };

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
}

export type FaultRule = (CallFault | HostFault | TaskFault) & {
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
export const TASK_FAULTS = ['migration', 'task-dies', 'page-never-loads', 'page-not-found', 'cdn-refuses'] as const;

export const isHostFault = (rule: FaultRule): rule is FaultRule & HostFault =>
  HOST_FAULTS.some((kind) => kind === rule.kind);
export const isTaskFault = (rule: FaultRule): rule is FaultRule & TaskFault =>
  TASK_FAULTS.some((kind) => kind === rule.kind);
export const isCallFault = (rule: FaultRule): rule is FaultRule & CallFault => !isHostFault(rule) && !isTaskFault(rule);

/** What a rule is matched against. */
export interface Subject {
  readonly call?: CallName;
  readonly product?: Product;
  readonly appId?: string;
  readonly name?: string;
  readonly taskId?: string;
  readonly host?: string;
}

export function matches(match: FaultMatch | undefined, subject: Subject): boolean {
  if (match === undefined) return true;
  return (
    (match.call === undefined || (subject.call !== undefined && match.call.includes(subject.call))) &&
    (match.product === undefined || match.product === subject.product) &&
    (match.appId === undefined || match.appId === subject.appId) &&
    (match.taskId === undefined || match.taskId.toLowerCase() === subject.taskId) &&
    (match.host === undefined || match.host === subject.host) &&
    (match.name === undefined || nameMatches(match.name, subject.name))
  );
}

const nameMatches = (pattern: string, name: string | undefined): boolean =>
  name !== undefined && (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern);
