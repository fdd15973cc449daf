import type { AgoraValueOf, CallName } from './calls.ts';
import { parseCreate, parseDeleteConverter, parseGet, parseList, parseUpdateConverter } from './parse-converter.ts';
import { parseAcquire, parseQuery, parseStart, parseStop, parseUpdateRecording } from './parse-recording.ts';

type Parsers = { readonly [Name in CallName]: (body: unknown) => AgoraValueOf<Name> | undefined };

/** What a success says. Undefined: it is no success after all, since what it must carry is missing. */
export const PARSERS: Parsers = {
  acquire: parseAcquire,
  start: parseStart,
  query: parseQuery,
  updateRecording: parseUpdateRecording,
  stop: parseStop,
  create: parseCreate,
  get: parseGet,
  updateConverter: parseUpdateConverter,
  deleteConverter: parseDeleteConverter,
  list: parseList,
};
