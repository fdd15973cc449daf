import { type Instant, instant, timestamp } from '../../core/time.ts';
import type { Context } from '../context.ts';
import type { Endpoint, EndpointCheck, ProbeRange, Reach } from '../endpoint.ts';
import { waiting } from '../gate.ts';
import type { UserEvent } from '../kind.ts';
import type { ProjectSpec } from '../project/types.ts';
import { tasksOf } from '../task.ts';
import { wishOf } from '../wish.ts';
import { causeOf } from './cause.ts';
import { currentOf } from './changes.ts';
import { type Desired, desiredOf } from './desired.ts';
import type { ConverterObservation } from './observation.ts';
import { normal, warning } from './outcome.ts';
import type { ConverterResource } from './resource.ts';
import { type CurrentNeed, type Situation, until } from './situation.ts';
import { CDN_CHECK_MS, CDN_HOLD_MS } from './timing.ts';
import type { CdnResult, ConverterStatus, ConverterTask } from './types.ts';

/** A resource has at most eight addresses, and some that it had before. */
const MOST_CHECKS = 16;
const MOST_RESULTS = 8;

/**
 * MP-22: before a re-creation the address of the CDN is checked, as far as the project allows: by its name, and by a connection
 * to its port where that is switched on. What it came to stands in the status before the next create.
 */
export function checkDue(
  resource: ConverterResource,
  observation: ConverterObservation,
  context: Context,
  now: Instant,
): { readonly endpoint: Endpoint; readonly range: ProbeRange } | undefined {
  const range = rangeOf(context.project?.spec);
  const { status } = resource;
  if (range === undefined || status === undefined || currentOf(status) !== undefined) return undefined;
  if (causeOf({ resource, status }) !== 'recreate' || wishOf(resource, context, now).want !== 'running')
    return undefined;
  const wished = desiredOf(resource, context);
  if (!wished.ok || freshCheck(observation, wished.desired.endpoint, now) !== undefined) return undefined;
  return { endpoint: wished.desired.endpoint, range };
}

/** Undefined where nothing is checked. By default the name alone is looked up. */
function rangeOf(spec: ProjectSpec | undefined): ProbeRange | undefined {
  const { mode = 'Resolve', allowPrivate = false } = spec?.cdnCheck ?? {};
  return mode === 'None' ? undefined : { connect: mode === 'Connect', allowPrivate };
}

export const checkFound = (observation: ConverterObservation, check: EndpointCheck): ConverterObservation => ({
  ...observation,
  cdn: [...(observation.cdn ?? []).filter(({ endpoint }) => !sameEndpoint(endpoint, check.endpoint)), check].slice(
    -MOST_CHECKS,
  ),
});

const sameEndpoint = (a: Endpoint, b: Endpoint): boolean => a.host === b.host && a.port === b.port && a.tls === b.tls;

const freshCheck = (
  { cdn = [] }: Pick<ConverterObservation, 'cdn'>,
  endpoint: Endpoint,
  now: Instant,
): EndpointCheck | undefined =>
  cdn.find((check) => sameEndpoint(check.endpoint, endpoint) && now < check.at + CDN_CHECK_MS);

interface Checked {
  readonly status: ConverterStatus;
  readonly events: readonly UserEvent[];
  /** Why the create has to wait. */
  readonly need?: CurrentNeed;
}

/** What the latest check makes of the status, and whether the re-creation waits for a better one. */
export function afterCheck(situation: Situation, desired: Desired): Checked {
  const { status, observation, context, now } = situation;
  const check = freshCheck(observation, desired.endpoint, now);
  if (check === undefined || rangeOf(context.project?.spec) === undefined || causeOf(situation) !== 'recreate')
    return { status, events: [] };
  const before = resultFor(status, check.endpoint);
  const { host, port } = check.endpoint;
  const since = before?.result === check.reach ? before.since : timestamp(check.at);
  const result: CdnResult = { host, port, result: check.reach, since };
  const others = (status.cdn ?? []).filter((each) => each !== before);
  const next = before?.result === check.reach ? status : { ...status, cdn: [...others, result].slice(-MOST_RESULTS) };
  const need = holding(situation, check, instant(since));
  return { status: next, events: news(check, before), ...(need === undefined ? {} : { need }) };
}

const resultFor = ({ cdn = [] }: ConverterStatus, { host, port }: Endpoint): CdnResult | undefined =>
  cdn.find((each) => each.host === host && each.port === port);

const BAD: readonly Reach[] = ['DoesNotResolve', 'Refused', 'NoAnswer', 'TlsFailed'];

/**
 * What does not answer us, or has no name here, may be there for Agora, whose network and resolver are others: the create waits as
 * long as the rarest re-creations do, and no longer (ADR 0032).
 */
function holding(
  situation: Situation,
  { endpoint, reach, at }: EndpointCheck,
  since: Instant,
): CurrentNeed | undefined {
  if (!BAD.includes(reach)) return undefined;
  const { status, now } = situation;
  const again = at + CDN_CHECK_MS;
  const last = tasksOf<ConverterTask>(status).at(-1);
  const endedAt = instant(last?.stoppingSince) ?? instant(last?.lostAt) ?? 0;
  const goesAt = Math.max(since, endedAt) + CDN_HOLD_MS;
  if (now >= goesAt) return undefined;
  const all = `the converter is created again at ${timestamp(goesAt)} all the same, or when it answers`;
  return until(Math.min(again, goesAt), waiting('Recovering', `${inWords(endpoint, reach)}; ${all}`));
}

function news(check: EndpointCheck, before: CdnResult | undefined): readonly UserEvent[] {
  const { endpoint, reach } = check;
  if (before?.result === reach) return [];
  const was = BAD.find((each) => each === before?.result);
  const note = inWords(endpoint, reach);
  if (BAD.includes(reach)) return [warning('CdnCheckFailed', note)];
  if (reach === 'Private') return [normal('CdnNotChecked', note)];
  return was === undefined ? [] : [normal('CdnCheckPassed', note)];
}

/** Host and port and nothing else of the address. */
function inWords({ host, port, tls }: Endpoint, reach: Reach): string {
  const where = `the CDN’s ${host}:${port}`;
  switch (reach) {
    case 'Resolves':
      return `the CDN’s host ${host} resolves`;
    case 'DoesNotResolve':
      return `the CDN’s host ${host} does not resolve; correct rtmpUrl or its DNS`;
    case 'Answers':
      return `${where} answers${tls ? ' with TLS' : ''}`;
    case 'Refused':
      return `${where} refuses connections from here; check the CDN`;
    case 'NoAnswer':
      return `${where} does not answer from here; check the CDN`;
    case 'TlsFailed':
      return `${where} does not speak TLS as its certificate should; check the CDN, or use rtmp`;
    case 'Private':
      return `${where} has a private address and was not checked; set spec.cdnCheck.allowPrivate of the project if that is meant`;
    case 'Unknown':
      return `the CDN’s host ${host} could not be checked`;
  }
}
