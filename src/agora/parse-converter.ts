import type { ConverterCreated, ConverterPage, ConverterRow, ConverterState, ConverterStateName } from './answer.ts';
import type { AgoraValueOf } from './calls.ts';
import { asArray, asHandle, asNumber, asObject, asText, type JsonObject, member } from './json.ts';

/** C.3. An answer without an id names nothing that could be looked at again. */
export function parseCreate(body: unknown): ConverterCreated | undefined {
  const converter = converterOf(body);
  const id = idOf(converter?.['id']);
  if (converter === undefined || id === undefined) return undefined;
  return {
    call: 'create',
    id,
    ...member('createTs', secondsOf(converter['createTs'])),
    ...member('updateTs', secondsOf(converter['updateTs'])),
    state: stateOf(converter['state']),
  };
}

const SHOWN_BY_GET = ['name', 'state', 'rtmpUrl', 'transcodeOptions', 'rawOptions', 'createTs'];

/** Two shapes are documented: a bare object, and one inside `converter`, without a state (C.4). */
export function parseGet(body: unknown): ConverterState | undefined {
  const converter = converterOf(body);
  if (converter === undefined || !SHOWN_BY_GET.some((name) => name in converter)) return undefined;
  const options = asObject(converter['transcodeOptions']) ?? asObject(converter['rawOptions']);
  return {
    call: 'get',
    ...member('name', asText(converter['name'])),
    state: stateOf(converter['state']),
    ...member('createTs', secondsOf(converter['createTs'])),
    ...member('updateTs', secondsOf(converter['updateTs'])),
    ...member('rtmpUrl', asText(converter['rtmpUrl'])),
    ...member('idleTimeout', asNumber(converter['idleTimeout'] ?? converter['idleTimeOut'])),
    ...member('rtcChannel', asText(options?.['rtcChannel'])),
  };
}

/** 2xx is success; `updateTs` tells whether the sequence was large enough, where it is shown (C.6, MP-24). */
export const parseUpdateConverter = (body: unknown): AgoraValueOf<'updateConverter'> => ({
  call: 'updateConverter',
  ...member('updateTs', secondsOf(converterOf(body)?.['updateTs'])),
});

/** 2xx with an empty body (C.7). */
export const parseDeleteConverter = (): AgoraValueOf<'deleteConverter'> => ({ call: 'deleteConverter' });

/** C.5. A page that cannot be read whole is no page: absence from a sweep is evidence. */
export function parseList(body: unknown): ConverterPage | undefined {
  const answer = asObject(body);
  const data = asObject(answer?.['data']);
  if (answer?.['success'] === false || !Array.isArray(data?.['members'])) return undefined;
  const rows = asArray(data['members']).map(rowOf);
  if (!rows.every((row) => row !== undefined)) return undefined;
  return { call: 'list', rows, ...member('nextCursor', cursorOf(data['cursor'])) };
}

function rowOf(value: unknown): ConverterRow | undefined {
  const row = asObject(value);
  const id = idOf(row?.['converterId'] ?? row?.['id']);
  if (row === undefined || id === undefined) return undefined;
  return {
    id,
    name: asText(row['converterName']) ?? asText(row['name']) ?? '',
    ...member('rtcChannel', asText(row['rtcChannel'])),
    ...member('rtmpUrl', asText(row['rtmpUrl'])),
    state: stateOf(row['state']),
    ...member('createTs', secondsOf(row['create'] ?? row['createTs'])),
    ...member('updateTs', secondsOf(row['updateTs'])),
  };
}

const converterOf = (body: unknown): JsonObject | undefined => {
  const answer = asObject(body);
  return asObject(answer?.['converter']) ?? answer;
};

/** Samples and tickets show ids in both cases (C.3): compared, and so kept, in lower case. */
const idOf = (value: unknown): string | undefined => asHandle(value)?.toLowerCase();

const STATES: Readonly<Record<string, ConverterStateName>> = {
  connecting: 'connecting',
  running: 'running',
  failed: 'failed',
  // Names of the 2021 beta.
  idle: 'connecting',
  recovering: 'connecting',
  failure: 'failed',
};

/** What is not known is `unknown`, never `failed` (C.4). */
function stateOf(value: unknown): ConverterStateName {
  const name = asText(value)?.toLowerCase() ?? '';
  return Object.hasOwn(STATES, name) ? (STATES[name] ?? 'unknown') : 'unknown';
}

/** Seconds since the epoch; above 10^11 it can only have been milliseconds. */
function secondsOf(value: unknown): number | undefined {
  const number = asNumber(value);
  return number !== undefined && number > 1e11 ? Math.floor(number / 1_000) : number;
}

/** The last page says 0, as a number or as text, or nothing. */
function cursorOf(value: unknown): string | undefined {
  const cursor = typeof value === 'number' ? String(value) : asText(value);
  return cursor === '0' ? undefined : cursor;
}
