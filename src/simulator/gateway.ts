import type { HttpAnswer, HttpRequest } from '../core/http.ts';
import type { Instant } from '../core/time.ts';
import {
  coded,
  INVALID_APP_ID,
  NO_CREDENTIALS,
  NO_ROUTE,
  ok,
  PUSH_TEXTS,
  type Reply,
  toHttp,
  WRONG_CREDENTIALS,
  worded,
} from './answers.ts';
import type { Converters } from './converters.ts';
import { faultReply, hasSideEffect, rateLimited } from './fault-answers.ts';
import type { CallFault } from './fault-rules.ts';
import { parseJson, textAt } from './json.ts';
import type { QpsLimit } from './limits.ts';
import type { Project, Projects } from './projects.ts';
import type { Recordings } from './recordings.ts';
import type { Admitted } from './request.ts';
import { CALL_NAMES, type CallName, productOf, type Route, routeOf } from './routes.ts';
import { subjectOf } from './subject.ts';
import { converterReason } from './validate-converter.ts';
import type { World } from './world.ts';

/** How a request ends, seen from its sender. */
export type Outcome =
  | { readonly kind: 'answer'; readonly answer: HttpAnswer; readonly delayMs: number }
  /** No answer ever comes. */
  | { readonly kind: 'hang' }
  /** The connection breaks. */
  | { readonly kind: 'reset' };

/** What was refused, by who refused it: the limits themselves, or a fault. */
export interface Refusals {
  rate: number;
  recordingQuota: number;
  converterQuota: number;
}

const QPS_OF: Readonly<Record<CallName, QpsLimit | undefined>> = {
  ncsIp: undefined,
  acquire: 'recording',
  start: 'recording',
  query: 'recording',
  updateRecording: 'recording',
  stop: 'recording',
  create: 'create',
  get: 'get',
  updateConverter: 'updateConverter',
  deleteConverter: 'deleteConverter',
  list: 'list',
  listChannel: 'list',
};

/** The front door of the cloud: route, credentials, rate, faults, and then the products. */
export class Gateway {
  readonly #world: World;
  readonly #projects: Projects;
  readonly #recordings: Recordings;
  readonly #converters: Converters;
  /** Requests that arrived, by call. */
  readonly calls: Record<CallName, number>;
  readonly refusals: { readonly enforced: Refusals; readonly injected: Refusals } = {
    enforced: none(),
    injected: none(),
  };

  constructor(parts: {
    readonly world: World;
    readonly projects: Projects;
    readonly recordings: Recordings;
    readonly converters: Converters;
  }) {
    this.#world = parts.world;
    this.#projects = parts.projects;
    this.#recordings = parts.recordings;
    this.#converters = parts.converters;
    this.calls = Object.fromEntries(CALL_NAMES.map((name) => [name, 0])) as Record<CallName, number>;
  }

  /** One request that has reached the cloud; synchronous, so that what it does happens at one instant. */
  handle(request: HttpRequest, url: URL, now: Instant): Outcome {
    this.#world.agenda.advance(now);
    const headers = lowerCased(request.headers);
    const requestId = headers['x-request-id'] ?? this.#world.ids.request();
    const route = routeOf(request.method, url);
    if (route === undefined || (isRegionless(route) && this.#world.switches.lenient === 'off'))
      return this.#answer(NO_ROUTE, headers, requestId);
    const parsed = parseJson(request.body);
    const faults = this.#world.faults.forCall(
      subjectOf(
        { route, body: parsed.ok ? parsed.value : undefined, host: url.hostname },
        this.#recordings,
        this.#converters,
      ),
    );
    const lost = faults.find((fault) => fault.kind === 'lost-request');
    if (lost !== undefined) return { kind: lost.as ?? 'hang' };
    this.calls[route.call] += 1;
    const reply = this.#reply(route, {
      headers,
      requestId,
      now,
      faults,
      parsed,
      hasBody: request.body !== undefined && request.body !== '',
    });
    const unanswered = faults.find((fault) => fault.kind === 'lost-answer');
    if (unanswered !== undefined) return { kind: unanswered.as ?? 'hang' };
    return this.#answer(reply, headers, requestId, faults.find((fault) => fault.kind === 'latency')?.ms);
  }

  #reply(
    route: Route,
    request: {
      readonly headers: Readonly<Record<string, string>>;
      readonly requestId: string;
      readonly now: Instant;
      readonly faults: readonly CallFault[];
      readonly parsed: ReturnType<typeof parseJson>;
      readonly hasBody: boolean;
    },
  ): Reply {
    const { headers, requestId, now, faults, parsed } = request;
    const { switches } = this.#world;
    const authorization = headers['authorization'];
    if (authorization === undefined) return NO_CREDENTIALS;
    if (!authorization.startsWith('Basic ') || !this.#projects.knows(authorization)) return WRONG_CREDENTIALS;
    if (faults.some((fault) => fault.kind === 'revoked-credentials')) return WRONG_CREDENTIALS;
    if (route.call === 'ncsIp')
      return ok({ data: { service: { hosts: [{ primaryIP: '203.0.113.10' }, { primaryIP: '203.0.113.11' }] } } });
    const project = this.#projects.get(route.appId);
    if (project === undefined) return productOf(route.call) === 'recording' ? INVALID_APP_ID : WRONG_CREDENTIALS;
    if (project.authorization !== undefined && project.authorization !== authorization) return WRONG_CREDENTIALS;
    const limit = QPS_OF[route.call];
    if (limit !== undefined && !project.takeCall(limit, now, switches))
      return this.#counted(rateLimited(route.call, switches), 'enforced');
    const closed = this.#closed(route.call, project);
    if (closed !== undefined) return closed;
    const own = faults
      .map((fault) => ({ fault, reply: faultReply(fault, route.call, switches) }))
      .find(({ reply }) => reply !== undefined);
    if (own?.reply !== undefined && !hasSideEffect(own.fault)) return this.#counted(own.reply, 'injected');
    const malformed = this.#malformed(route.call, headers, parsed.ok, request.hasBody);
    if (malformed !== undefined) return malformed;
    const body = parsed.ok ? parsed.value : undefined;
    const reply = this.#counted(this.#perform({ route, project, body, requestId, now }), 'enforced');
    // A request that is wrong is told so, whatever happens to the right ones.
    return own?.reply !== undefined && reply.status < 400 ? own.reply : reply;
  }

  #perform(request: Admitted): Reply {
    const { route } = request;
    switch (route.call) {
      case 'acquire':
        return this.#recordings.acquire({ ...request, route });
      case 'start':
        return this.#recordings.start({ ...request, route });
      case 'query':
        return this.#recordings.query({ ...request, route });
      case 'updateRecording':
        return this.#recordings.update({ ...request, route });
      case 'stop':
        return this.#recordings.stop({ ...request, route });
      case 'create':
        return this.#converters.create({ ...request, route });
      case 'get':
        return this.#converters.get({ ...request, route });
      case 'updateConverter':
        return this.#converters.update({ ...request, route });
      case 'deleteConverter':
        return this.#converters.delete({ ...request, route });
      case 'list':
      case 'listChannel':
        return this.#converters.list({ ...request, route });
      case 'ncsIp':
        return NO_ROUTE;
    }
  }

  /** Service not enabled, or account overdue. */
  #closed(call: CallName, { settings }: Project): Reply | undefined {
    const { switches } = this.#world;
    const recording = productOf(call) === 'recording';
    if (settings.suspended === true) return faultReply({ kind: 'suspended' }, call, switches);
    const enabled = recording ? settings.recordingEnabled : settings.mediaPushEnabled;
    return enabled === false ? faultReply({ kind: 'not-enabled' }, call, switches) : undefined;
  }

  #malformed(
    call: CallName,
    headers: Readonly<Record<string, string>>,
    isJson: boolean,
    hasBody: boolean,
  ): Reply | undefined {
    const typed = !hasBody || /^application\/json\b/i.test(headers['content-type'] ?? '');
    if (isJson && typed) return undefined;
    if (productOf(call) === 'recording') return coded(400, 8, isJson ? 'HTTP header error' : 'HTTP body is not JSON');
    return worded(400, converterReason(isJson ? 'Content-Type' : ''), this.#world.switches.errorKey);
  }

  #counted(reply: Reply, by: 'enforced' | 'injected'): Reply {
    const tally = this.refusals[by];
    const text = textAt(reply.body, 'reason') ?? textAt(reply.body, 'message') ?? '';
    if (reply.status === 400 && text === 'vendor_over_load') tally.recordingQuota += 1;
    if (reply.status === 429 && text === PUSH_TEXTS.quota) tally.converterQuota += 1;
    if (reply.status === 429 && text !== PUSH_TEXTS.quota && text !== PUSH_TEXTS.noResources) tally.rate += 1;
    return reply;
  }

  #answer(reply: Reply, headers: Readonly<Record<string, string>>, requestId: string, latencyMs = 0): Outcome {
    const sent = headers['x-request-id'];
    const shown =
      sent === undefined || this.#world.switches.requestId === 'own' ? this.#world.ids.request() : requestId;
    return {
      kind: 'answer',
      answer: toHttp(reply, {
        'x-request-id': sent === undefined ? requestId : shown,
        ...(sent === undefined ? {} : { 'x-custom-request-id': sent }),
      }),
      delayMs: (reply.afterMs ?? 0) + latencyMs,
    };
  }
}

const none = (): Refusals => ({ rate: 0, recordingQuota: 0, converterQuota: 0 });

const isRegionless = (route: Route): boolean => 'area' in route && route.area === undefined;

function lowerCased(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
