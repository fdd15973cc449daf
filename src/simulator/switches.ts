/**
 * What Agora's sources leave open or say in two ways (reference H). Each switch has a documented default, and both
 * sides are tested; `docs/reference/simulator.md` lists them and a test holds the two together.
 */
export const SWITCHES = {
  lenient: {
    values: ['off', 'on'],
    about:
      'Accept what the official clients send beside the documents: VideoBitrate, empty enums, uids as text, updates without fields or sequence, paths without region.',
  },
  enforceLimits: {
    values: ['on', 'off'],
    about: 'Refuse what exceeds a limit; off only counts it, so that the audit shows by how much.',
  },
  mixedResolution: {
    values: ['nested', 'literal'],
    about:
      'nested: tasks of a class or better keep to that class; literal: the total keeps to the highest class in use.',
  },
  requestId: { values: ['echo', 'own'], about: 'X-Request-ID of an answer: the caller’s, or one of the server.' },
  errorKey: { values: ['reason', 'message'], about: 'The key of the text in Media Push errors.' },
  acquireAnswer: { values: ['full', 'resource-id-only'], about: 'Whether acquire repeats cname and uid.' },
  startAgain: { values: ['without-sid', 'with-sid'], about: 'Whether 201 with code 7 carries the sid.' },
  overLimitAtStart: {
    values: ['vendor-over-load', 'no-worker'],
    about: 'How start refuses a recording above the limits: 400 code 406, or 500 code 502.',
  },
  expiredResource: {
    values: ['code-433', 'not-found'],
    about: 'How calls are refused after resourceExpiredHour, while the recording runs on.',
  },
  queryWhileExiting: { values: ['status', 'code-501'], about: 'What a query says between stop and exit.' },
  stopWithoutData: { values: ['code-435', 'ok'], about: 'What stop answers before the first slice.' },
  steadyStatus: { values: ['in-progress', 'all-ready'], about: 'Status of a steady recording: 5, or 4 for ever.' },
  sliceStartTime: { values: ['seconds', 'milliseconds'], about: 'Unit of sliceStartTime in query and stop.' },
  fileNameKey: { values: ['filename', 'fileName'], about: 'Spelling of the key in fileList.' },
  storageInUpdate: { values: ['optional', 'required'], about: 'Whether every update must carry storageConfig.' },
  lowSequence: {
    values: ['ignore', 'refuse'],
    about: 'An update with a sequence not above the last: 200 without a change, or 400.',
  },
  emptyTranscode: { values: ['refuse', 'video-only'], about: 'transcodeOptions with neither audio nor video.' },
  idleTimeoutRange: { values: ['any', 'beta'], about: 'idleTimeout: any positive number, or 5 to 600.' },
  converterUser: { values: ['refuse', 'accept'], about: 'uid or account in transcodeOptions or rawOptions.' },
  getShape: {
    values: ['documented', 'sample', 'bare', 'wrapped'],
    about:
      'Get of a converter: documented has transcoded ones bare and raw ones in converter; sample drops state and times of raw ones.',
  },
  listTypes: {
    values: ['sample', 'table'],
    about: 'Types in List: times as text, or total_count as text and times as numbers.',
  },
  listIds: { values: ['upper', 'lower'], about: 'Case of converterId in List.' },
  noticeTimes: { values: ['seconds', 'milliseconds'], about: 'Unit of lts in notifications of Media Push.' },
  failoverNotice: {
    values: ['at-failure', 'at-recovery'],
    about: 'Whether event 12 of a recording comes when its server fails, or when it runs on another one.',
  },
  uploadNotice: {
    values: ['uploaded', 'backuped'],
    about: 'Where the files of a recording go that ends: event 31 (the bucket), or 32 (Agora’s backup).',
  },
  listDuringMigration: { values: ['hidden', 'shown'], about: 'Whether List shows a converter that is being migrated.' },
} as const satisfies Record<string, { readonly values: readonly [string, ...string[]]; readonly about: string }>;

export type SwitchName = keyof typeof SWITCHES;
export type Switches = { readonly [Name in SwitchName]: (typeof SWITCHES)[Name]['values'][number] };

/** The first value of each switch is its default. */
export const DEFAULT_SWITCHES: Switches = Object.freeze(
  Object.fromEntries(Object.entries(SWITCHES).map(([name, { values }]) => [name, values[0]])),
) as unknown as Switches;
