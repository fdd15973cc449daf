import type { Instant } from '../core/time.ts';
import type { Converter } from './converter.ts';
import { channelOf } from './converter.ts';
import { isObject, type Json } from './json.ts';
import type { Switches } from './switches.ts';

const FIELDS = 'id,createTs,updateTs,state';

/** Create and update answer alike (reference C.3). Times are in whole seconds. */
export const changedBody = (converter: Converter, now: Instant) => ({
  converter: {
    id: converter.id,
    createTs: converter.createTs,
    updateTs: converter.updateTs,
    state: converter.state(now),
  },
  fields: FIELDS,
});

/** Both documented shapes of Get (reference C.4). */
export function getBody(converter: Converter, now: Instant, shape: Switches['getShape']): Json {
  const { name, idleTimeout: _idle, idleTimeOut: _idleOut, ...rest } = converter.config;
  const settings = { ...(name === undefined ? {} : { name }), ...rest, idleTimeout: converter.idleSeconds };
  const full = { ...settings, createTs: converter.createTs, updateTs: converter.updateTs, state: converter.state(now) };
  const raw = isObject(converter.config['rawOptions']);
  if (shape === 'sample' && raw) return { converter: settings };
  const wrapped = shape === 'wrapped' || (raw && shape === 'documented');
  return wrapped ? { converter: full } : full;
}

/** One page of List (reference C.5); `cursor` 0 says that it is the last. */
export function listBody(
  page: { readonly rows: readonly Converter[]; readonly total: number; readonly cursor: number },
  now: Instant,
  switches: Switches,
): Json {
  const table = switches.listTypes === 'table';
  return {
    success: true,
    data: {
      total_count: table ? String(page.total) : page.total,
      cursor: page.cursor,
      members: page.rows.map((row) => member(row, now, switches)),
    },
  };
}

function member(converter: Converter, now: Instant, switches: Switches): Json {
  const typed = (value: number): number | string => (switches.listTypes === 'table' ? value : String(value));
  return {
    rtcChannel: channelOf(converter.config),
    converterName: converter.entry.identity.name,
    converterId: switches.listIds === 'upper' ? converter.id.toUpperCase() : converter.id,
    appId: converter.entry.identity.appId,
    rtmpUrl: converter.config['rtmpUrl'],
    create: typed(converter.createTs),
    updateTs: typed(converter.updateTs),
    idleTimeout: typed(converter.idleSeconds),
    state: converter.state(now),
    status: '200',
    ip: '127.0.0.1',
  };
}
