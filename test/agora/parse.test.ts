import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../src/agora/json.ts';
import { PARSERS } from '../../src/agora/parse.ts';

const SID = '38f8e3cfdc474cd56fc1ceba380d7e1a';

describe('acquire and start', () => {
  it.each([
    [
      { cname: 'c', uid: '1', resourceId: 'R' },
      { call: 'acquire', resourceId: 'R' },
    ],
    [
      { resourceId: 'R', more: true },
      { call: 'acquire', resourceId: 'R' },
    ],
    [{ resourceId: '' }, undefined],
    [{ resourceId: '..' }, undefined],
    [{ resourceId: 'a b' }, undefined],
    [{}, undefined],
    [undefined, undefined],
    ['text', undefined],
  ])('acquire %j: %j', (body, value) => expect(PARSERS.acquire(body)).toEqual(value));

  it.each([
    [
      { resourceId: 'R', sid: SID },
      { call: 'start', sid: SID },
    ],
    [{ resourceId: 'R', sid: '' }, undefined],
    [{ resourceId: 'R', sid: null }, undefined],
    [{ resourceId: 'R' }, undefined],
    [null, undefined],
  ])('WR-6 start succeeds only with a sid: %j: %j', (body, value) => expect(PARSERS.start(body)).toEqual(value));
});

describe('query (B.5)', () => {
  const state = (serverResponse: unknown) => PARSERS.query({ cname: 'c', sid: SID, serverResponse });

  it('both services', () => {
    const extensionServiceState = [
      {
        serviceName: 'web_recorder_service',
        payload: { state: 'inProgress', onhold: false, fileList: [{ filename: 'a.m3u8', sliceStartTime: 1 }] },
      },
      { serviceName: 'rtmp_publish_service', payload: { outputs: [{ rtmpUrl: 'rtmp://x/k', status: 'publishing' }] } },
    ];
    expect(state({ status: 5, extensionServiceState })).toEqual({
      call: 'query',
      status: 5,
      onhold: false,
      recorderState: 'inProgress',
      publishStatus: 'publishing',
    });
  });

  it.each([
    ['a number', { status: 4 }, { call: 'query', status: 4 }],
    ['a number as text', { status: '20' }, { call: 'query', status: 20 }],
    ['0', { status: 0 }, { call: 'query', status: 0 }],
    ['services of another shape', { status: 4, extensionServiceState: [null, 3, {}] }, { call: 'query', status: 4 }],
    ['no status', { extensionServiceState: [] }, undefined],
    ['a status that is no number', { status: 'five' }, undefined],
    ['no answer', undefined, undefined],
  ])('status: %s', (_, response, value) => expect(state(response)).toEqual(value));

  it('the publish state under the name that the Go client reads', () => {
    const service = { serviceName: 'rtmp_publish_service', payload: { outputs: [{ state: 'connecting' }] } };
    expect(state({ status: 4, extensionServiceState: [service] })).toMatchObject({ publishStatus: 'connecting' });
  });
});

describe('stop (B.7)', () => {
  const stop = (...extensionServiceState: unknown[]) => PARSERS.stop({ serverResponse: { extensionServiceState } });

  it('upload state and files, in either spelling', () => {
    const fileList = [{ filename: 'a.m3u8' }, { fileName: 'b.mp4' }, 'c.ts', { other: 1 }];
    expect(
      stop(
        { serviceName: 'upload_service', payload: { uploadingStatus: 'backuped' } },
        { serviceName: 'web_recorder_service', payload: { state: 'exit', fileList } },
      ),
    ).toEqual({ call: 'stop', uploadingStatus: 'backuped', files: ['a.m3u8', 'b.mp4', 'c.ts'] });
  });

  it('older spellings: unknow, playload', () => {
    expect(stop({ serviceName: 'upload_service', playload: { uploadingStatus: 'unknow' } })).toEqual({
      call: 'stop',
      uploadingStatus: 'unknown',
      files: [],
    });
  });

  it.each([undefined, {}, { serverResponse: 7 }, 'text'])('200 is enough: %j', (body) =>
    expect(PARSERS.stop(body)).toEqual({ call: 'stop', files: [] }),
  );
});

describe('create and update (C.3, C.6)', () => {
  it.each([
    [
      { converter: { id: '4C01AB', createTs: 1700000000, updateTs: '1700000001', state: 'connecting' }, fields: 'id' },
      1700000000,
    ],
    [
      { converter: { id: '4C01AB', createTs: 1700000000123, updateTs: 1700000001456, state: 'Connecting' } },
      1700000000,
    ],
    [{ id: '4c01ab', createTs: '1700000000', updateTs: 1700000001, state: 'idle' }, 1700000000],
  ])('%j', (body, createTs) => {
    expect(PARSERS.create(body)).toEqual({
      call: 'create',
      id: '4c01ab',
      createTs,
      updateTs: 1700000001,
      state: 'connecting',
    });
  });

  it.each([[{ converter: { state: 'connecting' } }], [{ converter: { id: '' } }], [{}], [undefined], [[]]])(
    'without an id it is no success: %j',
    (body) => expect(PARSERS.create(body)).toBeUndefined(),
  );

  it.each([
    [{ converter: { id: 'x', updateTs: 1700000005 } }, { call: 'updateConverter', updateTs: 1700000005 }],
    [{ updateTs: '1700000005' }, { call: 'updateConverter', updateTs: 1700000005 }],
    [undefined, { call: 'updateConverter' }],
  ])('update %j', (body, value) => expect(PARSERS.updateConverter(body)).toEqual(value));
});

describe('get (C.4): two shapes', () => {
  it('bare, of a transcoder', () => {
    const body = {
      name: 'show68_vertical',
      transcodeOptions: { rtcChannel: 'show68' },
      rtmpUrl: 'rtmp://x/k',
      idleTimeout: '300',
      createTs: 1,
      updateTs: 2,
      state: 'running',
      ip: 'unknown key',
    };
    expect(PARSERS.get(body)).toEqual({
      call: 'get',
      name: 'show68_vertical',
      state: 'running',
      createTs: 1,
      updateTs: 2,
      rtmpUrl: 'rtmp://x/k',
      idleTimeout: 300,
      rtcChannel: 'show68',
    });
  });

  it('inside `converter`, raw, without a state', () => {
    const body = { converter: { name: 'n', rawOptions: { rtcChannel: 'c' }, rtmpUrl: 'rtmp://x/k', idleTimeOut: 60 } };
    expect(PARSERS.get(body)).toEqual({
      call: 'get',
      name: 'n',
      state: 'unknown',
      rtmpUrl: 'rtmp://x/k',
      idleTimeout: 60,
      rtcChannel: 'c',
    });
  });

  it.each([
    ['connecting', 'connecting'],
    ['running', 'running'],
    ['failed', 'failed'],
    ['RUNNING', 'running'],
    ['idle', 'connecting'],
    ['recovering', 'connecting'],
    ['failure', 'failed'],
    ['failing', 'unknown'],
    ['toString', 'unknown'],
    ['', 'unknown'],
    [3, 'unknown'],
    [undefined, 'unknown'],
  ])('MP-22 state %j is %s; what is not known is never failed', (state, expected) => {
    expect(PARSERS.get({ name: 'n', state })?.state).toBe(expected);
  });

  it.each([[{}], [{ other: 1 }], [undefined], ['running'], [[]]])('%j shows no converter', (body) =>
    expect(PARSERS.get(body)).toBeUndefined(),
  );
});

describe('list (C.5)', () => {
  const member = {
    rtcChannel: 'show68',
    converterName: 'show68_vertical',
    converterId: '4C01AB',
    appId: 'a',
    rtmpUrl: 'rtmp://x/k',
    create: '1700000000',
    updateTs: '1700000001',
    idleTimeout: '300',
    state: 'running',
    status: '200',
    ip: '1.2.3.4',
  };
  const row = {
    id: '4c01ab',
    name: 'show68_vertical',
    rtcChannel: 'show68',
    rtmpUrl: 'rtmp://x/k',
    state: 'running',
    createTs: 1700000000,
    updateTs: 1700000001,
  };
  const page = (data: unknown) => PARSERS.list({ success: true, data });

  it('numbers as text and as numbers', () => {
    expect(page({ total_count: '1', cursor: 0, members: [member] })).toEqual({ call: 'list', rows: [row] });
    const numbers = { ...member, create: 1700000000, updateTs: 1700000001 };
    expect(page({ total_count: 1, cursor: '0', members: [numbers] })).toEqual({ call: 'list', rows: [row] });
  });

  it.each([
    [0, undefined],
    ['0', undefined],
    ['', undefined],
    [null, undefined],
    [undefined, undefined],
    [17, '17'],
    ['b2Zm', 'b2Zm'],
  ])('cursor %j leads to %j', (cursor, next) => expect(page({ cursor, members: [] })?.nextCursor).toBe(next));

  it('a row without a name is an unnamed converter', () => {
    expect(page({ cursor: 0, members: [{ converterId: 'A' }] })?.rows).toEqual([
      { id: 'a', name: '', state: 'unknown' },
    ]);
  });

  it.each([
    ['not successful', { success: false, data: { members: [], cursor: 0 } }],
    ['no members', { success: true, data: { cursor: 0 } }],
    ['a row without an id', { success: true, data: { members: [member, { converterName: 'x' }], cursor: 0 } }],
    ['a row that is no object', { success: true, data: { members: [null], cursor: 0 } }],
    ['no data', { success: true }],
    ['nothing', undefined],
  ])('absence is evidence, so that a page is read whole or not at all: %s', (_, body) => {
    expect(PARSERS.list(body)).toBeUndefined();
  });
});

describe('no body makes a parser throw', () => {
  it.each(Object.entries(PARSERS))('%s', (_, parse) => {
    fc.assert(
      fc.property(fc.anything(), (body) => {
        parse(body);
      }),
    );
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        parse(parseJson(text));
      }),
    );
  });
});
