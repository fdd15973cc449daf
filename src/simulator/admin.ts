import {
  type AdminReply,
  type AdminRequest,
  type Answered,
  answer,
  notFound,
  refusal,
  withBody,
} from './admin-answers.ts';
import { notifications, unsubscribe } from './admin-notifications.ts';
import type { Cloud } from './cloud.ts';
import { FaultFileError, parseFaults } from './fault-file.ts';
import { DEATHS } from './fault-rules.ts';
import { isObject, type Json, parseJson, textAt } from './json.ts';
import { QPS_LIMITS } from './limits.ts';
import { arrayOf, boolean, integer, object, oneOf, type Rule, text } from './schema.ts';
import { AREAS, SIZE_CLASSES } from './sizes.ts';
import { basicState } from './state.ts';
import { SWITCHES } from './switches.ts';

/** Time in the cloud is `epochScaled + (real − epochReal) × speed`; a controller that adopts it runs on one clock with it. */
export interface Scale {
  readonly speed: number;
  readonly epochReal: number;
  readonly epochScaled: number;
}

export interface AdminParts {
  readonly cloud: Cloud;
  readonly scale: Scale;
  readonly now: () => number;
  /** The end of the server. */
  readonly signal: AbortSignal;
}

const count = integer(0, 1_000_000);
const same = (names: readonly string[], rule: Rule): Rule =>
  object({ optional: Object.fromEntries(names.map((name) => [name, rule])) });
const table = same(AREAS, same(SIZE_CLASSES, count));

const KILL = object({ optional: { how: oneOf(...DEATHS) } });
const LIMITS = object({
  required: {
    appId: text({ min: 1 }),
    limits: object({
      optional: {
        recording: table,
        recordingTotal: count,
        converter: table,
        converterTotal: count,
        qps: same(QPS_LIMITS, count),
      },
    }),
  },
});
const CHANNEL = object({ required: { appId: text({ min: 1 }), name: text({ min: 1 }), occupied: boolean } });
const AUDITED = object({ optional: { listed: arrayOf(text()), priorityParameter: text({ min: 1 }) } });
const SWITCH_RULE = object({
  optional: Object.fromEntries(Object.entries(SWITCHES).map(([name, { values }]) => [name, oneOf(...values)])),
});

/** The admin endpoints as a function; `server.ts` puts them behind `/_simulator`. */
export function admin(request: AdminRequest, { cloud, scale, now, signal }: AdminParts): Answered {
  const [resource = '', id, verb, ...more] = request.path.split('/').slice(1);
  const { method } = request;
  if (more.length > 0) return notFound(request);
  const deep = id !== undefined;
  switch (`${method} ${resource}`) {
    case 'GET state':
      return deep ? notFound(request) : answer(basicState(cloud, now()));
    case 'GET clock':
      return deep ? notFound(request) : answer({ ...scale, now: now() });
    case 'GET audit': {
      const { query } = request;
      const listed = query.get('listed')?.split(',');
      return deep
        ? notFound(request)
        : audit(cloud, {
            ...(listed === undefined ? {} : { listed: listed.filter((each) => each !== '') }),
            priorityParameter: query.get('priorityParameter') ?? undefined,
          });
    }
    case 'POST audit':
      return deep ? notFound(request) : withBody(request, AUDITED, (body) => audit(cloud, body));
    case 'GET tasks':
      return deep ? one(cloud.task(id), verb, request) : answer({ tasks: cloud.tasks() });
    case 'POST tasks':
      return deep && verb === 'kill' ? withBody(request, KILL, (body) => kill(cloud, id, body)) : notFound(request);
    case 'GET faults':
      return deep ? notFound(request) : answer({ faults: cloud.faults() });
    case 'POST faults':
      return deep ? notFound(request) : addFaults(request, cloud, now());
    case 'DELETE faults':
      return removeFaults(cloud, id, verb, request);
    case 'GET limits':
      return deep ? one(cloud.limits(id), verb, request) : notFound(request);
    case 'POST limits':
      return deep ? notFound(request) : withBody(request, LIMITS, (body) => setLimits(cloud, body));
    case 'GET switches':
      return deep ? notFound(request) : answer(cloud.switches());
    case 'POST switches':
      return deep ? notFound(request) : withBody(request, SWITCH_RULE, (body) => setSwitches(cloud, body));
    case 'POST notifications':
      return deep && id !== 'test' ? notFound(request) : notifications(request, id, cloud, signal);
    case 'DELETE notifications':
      return !deep || verb !== undefined ? notFound(request) : unsubscribe(cloud, id);
    case 'POST channels':
      return deep ? notFound(request) : withBody(request, CHANNEL, (body) => setOccupied(cloud, body));
    default:
      return notFound(request);
  }
}

function audit(cloud: Cloud, { listed, priorityParameter }: Json): AdminReply {
  return answer(
    cloud.audit({
      ...(Array.isArray(listed) ? { listed: listed.map(String) } : {}),
      ...(typeof priorityParameter === 'string' ? { priorityParameter } : {}),
    }),
  );
}

function one(found: unknown, verb: string | undefined, request: AdminRequest): AdminReply {
  if (verb !== undefined) return notFound(request);
  return found === undefined ? refusal(404, 'nothing of that id') : answer(found);
}

function addFaults(request: AdminRequest, cloud: Cloud, now: number): AdminReply {
  const parsed = parseJson(request.body);
  if (!parsed.ok) return refusal(400, 'the body is not JSON');
  try {
    return answer({ ids: cloud.addFaults(parseFaults(parsed.value, now)) }, 201);
  } catch (error) {
    if (error instanceof FaultFileError) return refusal(400, error.message);
    throw error;
  }
}

function removeFaults(
  cloud: Cloud,
  id: string | undefined,
  verb: string | undefined,
  request: AdminRequest,
): AdminReply {
  if (verb !== undefined) return notFound(request);
  const removed = cloud.clearFaults(id);
  return id !== undefined && removed === 0 ? refusal(404, `no fault ${id}`) : answer({ removed });
}

function kill(cloud: Cloud, id: string, body: Json): AdminReply {
  const how = DEATHS.find((each) => each === (body['how'] ?? 'failed')) ?? 'failed';
  return cloud.kill(id, how) ? answer(cloud.task(id)) : refusal(404, `no live task ${id}`);
}

/** The rule has looked at the numbers; their shape is that of overrides. */
function setLimits(cloud: Cloud, body: Json): AdminReply {
  const appId = textAt(body, 'appId') ?? '';
  const limits = isObject(body['limits']) ? body['limits'] : {};
  return cloud.setLimits(appId, limits) ? answer(cloud.limits(appId)) : refusal(404, `no project ${appId}`);
}

function setSwitches(cloud: Cloud, body: Json): AdminReply {
  cloud.setSwitches(body);
  return answer(cloud.switches());
}

function setOccupied(cloud: Cloud, body: Json): AdminReply {
  const channel = { appId: textAt(body, 'appId') ?? '', name: textAt(body, 'name') ?? '' };
  cloud.setOccupied(channel, body['occupied'] === true);
  return answer({ ...channel, occupied: body['occupied'] });
}
