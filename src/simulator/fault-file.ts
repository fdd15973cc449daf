import { readFile } from 'node:fs/promises';
import type { Instant } from '../core/time.ts';
import { DEATHS, type FaultRule, LIMIT_TYPES } from './fault-rules.ts';
import { isObject, type Json, parseJson } from './json.ts';
import { CALL_NAMES } from './routes.ts';
import {
  anyObject,
  arrayOf,
  boolean,
  integer,
  number,
  object,
  oneOf,
  type Problem,
  type Rule,
  text,
} from './schema.ts';

/** A faults file, or the body of a request for faults, that says something else than a fault can be. */
export class FaultFileError extends Error {
  override readonly name = 'FaultFileError';
}

const lost: Record<string, Rule> = { as: oneOf('hang', 'reset') };
const effect: Record<string, Rule> = { sideEffect: boolean };
const span = number(0, 86_400);
const delayed: Record<string, Rule> = { afterSeconds: span };
const passing: Record<string, Rule> = { ...delayed, forSeconds: span };

/** What each kind can be told besides when, whom and how often; `docs/reference/simulator.md` explains them. */
const KINDS: Readonly<
  Record<FaultRule['kind'], { readonly required?: Record<string, Rule>; readonly optional?: Record<string, Rule> }>
> = {
  'lost-answer': { optional: lost },
  'lost-request': { optional: lost },
  'not-completed': { optional: effect },
  'request-timeout': { optional: effect },
  'gateway-timeout': { optional: effect },
  'server-error': { optional: { ...effect, status: oneOf(500, 501, 503) } },
  'no-worker': {},
  'rate-limited': {},
  quota: {},
  'no-resources': {},
  'revoked-credentials': {},
  'not-enabled': {},
  suspended: {},
  'list-refused': {},
  latency: { required: { ms: integer(0, 600_000) } },
  'dead-domain': { optional: { code: oneOf('ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ETIMEDOUT', 'hang') } },
  'dns-failure': { optional: { code: oneOf('ENOTFOUND', 'EAI_AGAIN') } },
  migration: { required: { seconds: span }, optional: { ...delayed, listed: boolean } },
  'task-dies': { optional: { ...delayed, how: oneOf(...DEATHS) } },
  'cdn-refuses': { optional: delayed },
  'page-never-loads': {},
  'page-loads-late': { required: { seconds: span } },
  'page-not-found': { optional: { status: integer(400, 599) } },
  'page-too-heavy': { optional: { ...delayed, limitType: oneOf(...LIMIT_TYPES) } },
  'page-reloads': { optional: delayed },
  'page-loses-element': { optional: { ...passing, element: text({ min: 1 }) } },
  'page-video-freezes': { optional: passing },
  'page-goes-silent': { optional: passing },
  'page-script-stops': { optional: passing },
  'notice-lost': {},
  'notice-doubled': { optional: { seconds: span } },
  'notice-reordered': {},
  'notice-late': { optional: { seconds: span } },
  'wrong-signature': {},
  'ingress-outage': { optional: { only: oneOf('notices', 'reports') } },
  'report-lost': {},
};
export const FAULT_KINDS: readonly string[] = Object.keys(KINDS);

const oneOrMore =
  (rule: Rule): Rule =>
  (value, path) =>
    (Array.isArray(value) ? arrayOf(rule, { min: 1 }) : rule)(value, path);

const when = text({
  pattern: /^([0-9]+(\.[0-9]+)?(ms|s|m|h)|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))$/,
});

const COMMON: Readonly<Record<string, Rule>> = {
  id: text({ min: 1, max: 64, pattern: /^[A-Za-z0-9._-]+$/ }),
  match: object({
    optional: {
      call: oneOrMore(oneOf(...CALL_NAMES)),
      product: oneOf('recording', 'converter'),
      appId: text({ min: 1 }),
      name: text(),
      taskId: text({ min: 1 }),
      host: text({ min: 1 }),
      event: oneOrMore(integer(0, 10_000)),
    },
  }),
  probability: number(0, 1),
  count: integer(1, 1_000_000_000),
  from: when,
  until: when,
};

const RULES: ReadonlyMap<string, Rule> = new Map(
  Object.entries(KINDS).map(([kind, { required = {}, optional = {} }]) => [
    kind,
    object({ required: { kind: oneOf(kind), ...required }, optional: { ...COMMON, ...optional } }),
  ]),
);

const rule: Rule = (value, path) => {
  if (!isObject(value)) return anyObject(value, path);
  const known = RULES.get(String(value['kind']));
  return known === undefined
    ? oneOf(...FAULT_KINDS)(value['kind'], path === '' ? 'kind' : `${path}.kind`)
    : known(value, path);
};

const file = object({ required: { faults: arrayOf(rule) } });

/**
 * Reads `{"faults": [...]}`, or one rule alone. Times without a date count from `now`: the start of the cloud for a
 * file, the moment of the request for the admin endpoint.
 */
export function parseFaults(value: unknown, now: Instant): readonly FaultRule[] {
  const wrong = isObject(value) && 'faults' in value ? file(value, '') : rule(value, '');
  if (wrong !== undefined) throw new FaultFileError(explain(wrong));
  const rules = isObject(value) && Array.isArray(value['faults']) ? value['faults'] : [value];
  return rules.map((each) => toRule(each, now));
}

export async function loadFaults(path: string, now: Instant): Promise<readonly FaultRule[]> {
  const parsed = parseJson(await readFile(path, 'utf8'));
  if (!parsed.ok) throw new FaultFileError(`${path}: not JSON`);
  try {
    return parseFaults(parsed.value, now);
  } catch (error) {
    throw error instanceof FaultFileError ? new FaultFileError(`${path}: ${error.message}`, { cause: error }) : error;
  }
}

export const explain = ({ path, why, expected }: Problem): string =>
  `${path === '' ? 'the body' : path}: ${why === 'unknown' ? 'no such member' : `must be ${expected}`}`;

/** The cast is the parser's: `rule` has looked at every member. */
function toRule(value: unknown, now: Instant): FaultRule {
  const { from, until, match, ...rest } = value as Record<string, unknown>;
  return {
    ...rest,
    ...(isObject(match) ? { match: { ...match, ...listed(match, 'call'), ...listed(match, 'event') } } : {}),
    ...(typeof from === 'string' ? { fromAt: instantOf(from, now) } : {}),
    ...(typeof until === 'string' ? { untilAt: instantOf(until, now) } : {}),
  } as unknown as FaultRule;
}

const listed = (match: Json, name: string): Json =>
  match[name] === undefined || Array.isArray(match[name]) ? {} : { [name]: [match[name]] };

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

function instantOf(written: string, now: Instant): Instant {
  const duration = /^([0-9.]+)(ms|s|m|h)$/.exec(written);
  return duration === null ? Date.parse(written) : now + Number(duration[1]) * (UNIT_MS[duration[2] ?? 'ms'] ?? 1);
}
