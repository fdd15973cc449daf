import type { KindName, Resource } from '../core/resource.ts';
import { type Timestamp, timestamp } from '../core/time.ts';
import { type LastError, type TaskBase, type TaskStatus, tasksOf } from '../kinds/task.ts';
import { handlesOf } from './handles.ts';
import type { Inspection } from './inspect.ts';
import { type Scrub, scrubOf, withoutKeys } from './redact.ts';

/** Everything that Agora's support asks for (MP-16), and nothing that is a secret. */
export interface SupportCase {
  readonly resource: { readonly kind: KindName; readonly namespace: string; readonly name: string };
  readonly at: Timestamp;
  readonly source: Inspection['source'];
  readonly product: string;
  readonly appId: string;
  readonly region: string;
  /** The declared name of the converter or cname of the recording, and its channel. */
  readonly declared: Readonly<Record<string, unknown>>;
  readonly conditions: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason: string;
    readonly message: string;
    readonly since: Timestamp;
  }[];
  readonly tasks: readonly SupportedTask[];
  readonly lastError?: LastError;
  /** Tasks of deleted resources that may still live; of a project. */
  readonly leftBehind?: readonly unknown[];
  readonly events: readonly SupportEvent[];
}

export interface SupportedTask {
  readonly attempt: number;
  readonly phase: string;
  readonly appId: string;
  readonly region: string;
  readonly class: string;
  readonly handles: Readonly<Record<string, string>>;
  readonly times: Readonly<Record<string, Timestamp>>;
  /** X-Request-ID of a call whose answer is not known. */
  readonly openCall?: { readonly call: string; readonly requestId: string; readonly at: Timestamp };
  readonly failures?: {
    readonly kind: string;
    readonly count: number;
    readonly since: Timestamp;
    readonly lastAt: Timestamp;
  };
  readonly reason?: string;
}

export interface SupportEvent {
  readonly at: Timestamp;
  readonly type: string;
  readonly reason: string;
  readonly note: string;
}

const TIMES = [
  'acquiredAt',
  'startedAt',
  'sidAt',
  'runningSince',
  'missingSince',
  'lostAt',
  'stoppingSince',
  'endsAt',
] as const;

const PRODUCT: Readonly<Record<KindName, string>> = {
  AgoraProject: 'project',
  WebPageRecording: 'Cloud Recording, web page mode',
  RtmpConverter: 'Media Push, RTMP converter',
};

export function supportCaseOf(inspection: Inspection, events: readonly SupportEvent[]): SupportCase {
  const { resource, context, now, source } = inspection;
  const { kind, metadata } = resource;
  const scrub = scrubOf(resource, context);
  const status: (TaskStatus & { readonly leftBehind?: readonly unknown[] }) | undefined = resource.status;
  const tasks = tasksOf(status);
  return {
    resource: { kind, namespace: metadata.namespace, name: metadata.name },
    at: timestamp(now),
    source,
    product: PRODUCT[kind],
    appId: context.project?.appId ?? tasks.at(-1)?.appId ?? 'unknown: its AgoraProject does not exist',
    region: regionOf(resource),
    declared: declaredOf(resource),
    conditions: (status?.conditions ?? []).map(({ type, status: is, reason, message, lastTransitionTime }) => ({
      type,
      status: is,
      reason,
      message: scrub(message),
      since: lastTransitionTime,
    })),
    tasks: tasks.map((task) => supportedTask(task, scrub)),
    ...(status?.lastError === undefined
      ? {}
      : { lastError: { ...status.lastError, message: scrub(status.lastError.message) } }),
    ...(status?.leftBehind === undefined ? {} : { leftBehind: status.leftBehind }),
    events: events.map((event) => ({ ...event, note: scrub(event.note) })),
  };
}

function supportedTask(task: TaskBase, scrub: Scrub): SupportedTask {
  const entry: TaskBase & Partial<Record<(typeof TIMES)[number], Timestamp>> = task;
  const { attempt, phase, appId, region, intent, failures, reason } = task;
  return {
    attempt,
    phase,
    appId,
    region,
    class: task.class,
    handles: handlesOf(task),
    times: Object.fromEntries(TIMES.flatMap((name) => (entry[name] === undefined ? [] : [[name, entry[name]]]))),
    ...(intent === undefined ? {} : { openCall: { call: intent.call, requestId: intent.requestId, at: intent.at } }),
    ...(failures === undefined
      ? {}
      : { failures: { kind: failures.kind, count: failures.count, since: failures.since, lastAt: failures.lastAt } }),
    ...(reason === undefined ? {} : { reason: scrub(reason) }),
  };
}

function regionOf({ kind, spec }: Resource): string {
  const { region, location } = spec as { readonly region?: string; readonly location?: string };
  return (kind === 'AgoraProject' ? location : region) ?? 'unknown';
}

/** What of the declaration support can use: sizes, codecs, channel, storage vendor; addresses without their keys. */
function declaredOf({ spec }: Resource): Readonly<Record<string, unknown>> {
  const shown = withoutKeys(spec);
  return typeof shown === 'object' && shown !== null ? { ...shown } : {};
}
