import { describe, expect, it } from 'vitest';
import type { InboundRequest } from '../../src/core/inbound.ts';
import type { Resource } from '../../src/core/resource.ts';
import { createIngress, type Ingress, MAX_NOTICE_BYTES } from '../../src/ingress/ingress.ts';
import { SILENT } from '../../src/observability/log.ts';
import {
  ADDRESS,
  APP_ID,
  bytes,
  CONVERTER_ID,
  converterWith,
  type FakeWorld,
  hmac,
  PUSH_SECRET,
  post,
  project,
  pushNotice,
  RECORDING_SECRET,
  recordingNotice,
  recordingWith,
  SECRETS,
  SID,
  worldOf,
} from './builders.ts';

const RUNNING = [project(), recordingWith({ sid: SID }), converterWith({ converterId: CONVERTER_ID })];

function ingressOf(
  resources: readonly Resource[] = RUNNING,
  secrets: Readonly<Record<string, string>> = SECRETS,
): { readonly world: FakeWorld; readonly ingress: Ingress } {
  const world = worldOf(resources, secrets);
  return { world, ingress: createIngress({ world, log: SILENT }) };
}

async function sent(ingress: Ingress, request: InboundRequest): Promise<string> {
  const { status, body } = await ingress.handle(request);
  const { outcome, message } = JSON.parse(body) as { readonly outcome?: string; readonly message?: string };
  return `${status} ${outcome ?? message}`;
}

const REFUSED = '401 the signature fits no notification secret of this project';

describe('WR-11 MP-28 who may speak for a project', () => {
  const recordingBody = recordingNotice(70);
  const pushBody = pushNotice(1);
  it.each<[string, InboundRequest, string]>([
    ['a recording, signed with its secret', post(recordingBody), '200 told'],
    ['a converter, signed with its secret', post(pushBody, { secret: PUSH_SECRET }), '200 told'],
    ['a recording, signed for converters', post(recordingBody, { secret: PUSH_SECRET }), REFUSED],
    ['a converter, signed for recordings', post(pushBody), REFUSED],
    ['another secret', post(recordingBody, { secret: 'x' }), REFUSED],
    ['no signature', post(recordingBody, { headers: {} }), REFUSED],
    ['a project that does not exist', post(recordingBody, { target: '/notifications/media/nobody' }), REFUSED],
    ['a signed body that is no notice', post('hello'), '400 the body is no notification'],
    ['an unsigned body that is no notice', post('hello', { headers: {} }), REFUSED],
    ['another product', post({ productId: 1, eventType: 101, payload: {} }), '200 unknown'],
  ])('%s', async (_, request, expected) => {
    const { world, ingress } = ingressOf();
    expect(await sent(ingress, request)).toBe(expected);
    expect(world.told).toHaveLength(expected === '200 told' ? 1 : 0);
  });

  it('SHA-1 is enough where there is no V2', async () => {
    const { ingress } = ingressOf();
    const body = bytes(recordingBody);
    const headers = { 'agora-signature': hmac('sha1', RECORDING_SECRET, body) };
    expect(await sent(ingress, post(recordingBody, { headers }))).toBe('200 told');
  });

  it('both secrets of a rotation are good, and the old one no more when it is taken out', async () => {
    const { world, ingress } = ingressOf();
    world.secrets.set('media/hooks/recordingNotificationSecret', 'new');
    world.secrets.set('media/hooks/recordingNotificationSecretPrevious', RECORDING_SECRET);
    expect(await sent(ingress, post(recordingNotice(70)))).toBe('200 told');
    expect(await sent(ingress, post(recordingNotice(4, {}, { sequence: 10 }), { secret: 'new' }))).toBe('200 told');
    world.secrets.delete('media/hooks/recordingNotificationSecretPrevious');
    expect(await sent(ingress, post(recordingNotice(33)))).toBe(REFUSED);
  });

  it.each([
    ['no notifications declared', [project({ notifications: 'none' })], SECRETS],
    ['the Secret is missing', [project()], {}],
    ['the Secret is empty', [project()], { 'media/hooks/recordingNotificationSecret': '' }],
    [
      'the Secret stands in another namespace',
      [project()],
      { 'b/hooks/recordingNotificationSecret': RECORDING_SECRET },
    ],
  ])('%s: nobody', async (_, resources, secrets) => {
    const { ingress } = ingressOf(resources, secrets);
    expect(await sent(ingress, post(recordingBody))).toBe(REFUSED);
    expect(await sent(ingress, post(recordingBody, { secret: '' }))).toBe(REFUSED);
  });
});

describe('WR-11 MP-28 whom a notice concerns', () => {
  const OTHER = 'ffffffffffffffffffffffffffffffff';
  const KEYNOTE = 'WebPageRecording/media/keynote';
  const VERTICAL = 'RtmpConverter/media/vertical';

  it.each<[string, readonly Resource[], object, string | undefined]>([
    ['its sid', [recordingWith({ sid: SID })], {}, KEYNOTE],
    ['its sid, after a failover to another uid', [recordingWith({ sid: SID, uid: '1' })], {}, KEYNOTE],
    ['cname and uid of a start that was not answered', [recordingWith({ phase: 'Starting' })], {}, KEYNOTE],
    ['cname and uid of a start whose answer was lost', [recordingWith({ phase: 'Unknown' })], {}, KEYNOTE],
    ['not cname and uid of a task with another sid', [recordingWith({ sid: OTHER })], {}, undefined],
    ['not the cname alone', [recordingWith({ uid: '1' })], {}, undefined],
    ['not the uid alone', [recordingWith({ cname: 'x' })], {}, undefined],
    ['not a task under another App ID', [recordingWith({ sid: SID, appId: OTHER })], {}, undefined],
    ['nobody’s', [], {}, undefined],
    [
      'the sid before cname and uid',
      [recordingWith({ phase: 'Unknown' }, { name: 'early' }), recordingWith({ sid: SID })],
      {},
      KEYNOTE,
    ],
    ['without a sid', [recordingWith({})], { sid: undefined }, KEYNOTE],
  ])('a recording: %s', async (_, resources, payload, expected) => {
    const { world, ingress } = ingressOf([project(), ...resources]);
    const answer = await sent(ingress, post(recordingNotice(70, {}, payload)));
    expect(answer).toBe(expected === undefined ? '200 unknown' : '200 told');
    expect(world.told.map(({ key }) => key)).toEqual(expected === undefined ? [] : [expected]);
  });

  const intent = { call: 'create', requestId: 'r-1', holder: 'me', at: '2026-12-01T09:00:00.000Z' };
  it.each<[string, readonly Resource[], object, object, string | undefined]>([
    ['its id', [converterWith({ converterId: CONVERTER_ID })], {}, {}, VERTICAL],
    ['its id in capitals', [converterWith({ converterId: CONVERTER_ID.toUpperCase() })], {}, {}, VERTICAL],
    ['the request of an open create', [converterWith({ name: 'x', intent })], {}, { xRequestId: 'r-1' }, VERTICAL],
    [
      'the request of a create whose answer was lost',
      [converterWith({ name: 'x', createRequestIds: ['r-0', 'r-1'] })],
      {},
      { xRequestId: 'r-1' },
      VERTICAL,
    ],
    ['the name of a create whose answer was lost', [converterWith({})], { name: 'vertical' }, {}, VERTICAL],
    [
      'not the name of one with another id',
      [converterWith({ converterId: OTHER })],
      { name: 'vertical' },
      {},
      undefined,
    ],
    ['not another request', [converterWith({ name: 'x', intent })], {}, { xRequestId: 'r-2' }, undefined],
    ['not where no request is named', [converterWith({ name: 'x' })], {}, {}, undefined],
    [
      'the request before the name',
      [converterWith({}, { name: 'early' }), converterWith({ name: 'x', intent })],
      { name: 'vertical' },
      { xRequestId: 'r-1' },
      VERTICAL,
    ],
    [
      'not a task under another App ID',
      [converterWith({ converterId: CONVERTER_ID, appId: OTHER })],
      {},
      {},
      undefined,
    ],
    ['not a recording', [recordingWith({ name: 'vertical' })], { name: 'vertical' }, {}, undefined],
  ])('a converter: %s', async (_, resources, converter, payload, expected) => {
    const { world, ingress } = ingressOf([project(), ...resources]);
    const answer = await sent(ingress, post(pushNotice(1, converter, payload), { secret: PUSH_SECRET }));
    expect(answer).toBe(expected === undefined ? '200 unknown' : '200 told');
    expect(world.told.map(({ key }) => key)).toEqual(expected === undefined ? [] : [expected]);
  });

  describe('a task that was left behind (design §5.7)', () => {
    const entry = { uid: 'u', attempt: 1, kind: 'WebPageRecording', name: 'gone', appId: APP_ID, region: 'eu' };
    const left = { ...entry, cname: 'keynote', taskUid: '527841', why: '', since: '2026-12-01T08:00:00.000Z' };
    it.each<[string, readonly Resource[], string | undefined]>([
      ['is the project’s', [project({ leftBehind: [{ ...left, sid: SID }] })], 'AgoraProject/media/live'],
      ['by cname and uid', [project({ leftBehind: [left] })], 'AgoraProject/media/live'],
      ['not another’s', [project({ leftBehind: [{ ...left, sid: 'x' }] })], undefined],
      ['not where a resource is there', [project({ leftBehind: [left] }), recordingWith({ sid: SID })], KEYNOTE],
    ])('%s', async (_, resources, expected) => {
      const { world, ingress } = ingressOf(resources);
      await sent(ingress, post(recordingNotice(71, { code: 1 })));
      expect(world.told.map(({ key }) => key)).toEqual(expected === undefined ? [] : [expected]);
    });
  });

  describe('of another project with the same App ID (ADR 0026)', () => {
    const there = recordingWith({ sid: SID }, { namespace: 'stage' });
    it.each([
      [
        'where its secrets fit as well',
        {},
        { 'stage/hooks/recordingNotificationSecret': RECORDING_SECRET },
        '200 told',
      ],
      ['not where its secrets are others', {}, { 'stage/hooks/recordingNotificationSecret': 'x' }, '200 unknown'],
      ['not where it has none', { notifications: 'none' as const }, {}, '200 unknown'],
      ['not for another product', {}, { 'stage/hooks/mediaPushNotificationSecret': RECORDING_SECRET }, '200 unknown'],
    ])('%s', async (_, other, secrets, expected) => {
      const resources = [project(), project({ namespace: 'stage', ...other }), there];
      const { world, ingress } = ingressOf(resources, { ...SECRETS, ...secrets });
      expect(await sent(ingress, post(recordingNotice(70)))).toBe(expected);
      expect(world.told).toHaveLength(expected === '200 told' ? 1 : 0);
    });

    it('never one with another App ID', async () => {
      const resources = [project(), project({ namespace: 'stage', appId: OTHER }), there];
      const secrets = { ...SECRETS, 'stage/hooks/recordingNotificationSecret': RECORDING_SECRET };
      expect(await sent(ingressOf(resources, secrets).ingress, post(recordingNotice(70)))).toBe('200 unknown');
    });
  });
});

describe('WR-11 MP-28 repeats (reference D.3)', () => {
  async function outcomes(bodies: readonly object[], secret: string): Promise<readonly string[]> {
    const { ingress } = ingressOf();
    const found: string[] = [];
    for (const body of bodies) found.push((await sent(ingress, post(body, { secret }))).slice(4));
    return found;
  }
  const again = { notifyMs: 1, noticeId: 'another' };
  it.each<[string, readonly object[], readonly string[]]>([
    ['the notice ID', [recordingNotice(70), { ...recordingNotice(70), notifyMs: 1 }], ['told', 'duplicate']],
    [
      'sid and sequence, whatever the ID',
      [recordingNotice(70), recordingNotice(70, {}, {}, again)],
      ['told', 'duplicate'],
    ],
    ['not another sequence', [recordingNotice(33), recordingNotice(33, {}, { sequence: 10 }, again)], ['told', 'told']],
    [
      'not another event of that number',
      [recordingNotice(70), recordingNotice(71, { code: 6 }, {}, again)],
      ['told', 'told'],
    ],
    [
      'not that number under the uid of a failover, which may count anew',
      [recordingNotice(70), recordingNotice(70, {}, { uid: '5' }, again)],
      ['told', 'told'],
    ],
    [
      'without a sequence the ID alone',
      [recordingNotice(70, {}, { sequence: undefined }), recordingNotice(70, {}, { sequence: undefined }, again)],
      ['told', 'told'],
    ],
    [
      'without an ID sid and sequence alone',
      [recordingNotice(70, {}, {}, { noticeId: undefined }), recordingNotice(70, {}, {}, { noticeId: undefined })],
      ['told', 'duplicate'],
    ],
    [
      'unknown ones as well',
      [recordingNotice(70, {}, { sid: 'x' }), recordingNotice(70, {}, { sid: 'x' })],
      ['unknown', 'duplicate'],
    ],
  ])('of recordings are known by %s', async (_, bodies, expected) => {
    expect(await outcomes(bodies, RECORDING_SECRET)).toEqual(expected);
  });

  it.each<[string, readonly object[], readonly string[]]>([
    ['the notice ID', [pushNotice(1), pushNotice(1)], ['told', 'duplicate']],
    ['id, event and lts, whatever the ID', [pushNotice(1), pushNotice(1, {}, {}, again)], ['told', 'duplicate']],
    [
      'not another lts',
      [pushNotice(3, { state: 'a' }), pushNotice(3, { state: 'a' }, { lts: 1_796_115_000 }, again)],
      ['told', 'told'],
    ],
    [
      'not another state within the same second',
      [pushNotice(3, { state: 'connecting' }), pushNotice(3, { state: 'running' }, {}, again)],
      ['told', 'told'],
    ],
    [
      'not another update within the same second',
      [pushNotice(2, {}, { xRequestId: 'a' }), pushNotice(2, {}, { xRequestId: 'b' }, again)],
      ['told', 'told'],
    ],
    [
      'without lts the ID alone',
      [pushNotice(1, {}, { lts: undefined }), pushNotice(1, {}, { lts: undefined }, again)],
      ['told', 'told'],
    ],
  ])('of converters are known by %s', async (_, bodies, expected) => {
    expect(await outcomes(bodies, PUSH_SECRET)).toEqual(expected);
  });

  it('no project can use up the IDs of another', async () => {
    const stage = project({ namespace: 'stage' });
    const secrets = { ...SECRETS, 'stage/hooks/recordingNotificationSecret': 'theirs' };
    const { ingress } = ingressOf([...RUNNING, stage], secrets);
    const forged = post(recordingNotice(70), { target: '/notifications/stage/live', secret: 'theirs' });
    expect(await sent(ingress, forged)).toBe('200 unknown');
    expect(await sent(ingress, post(recordingNotice(70)))).toBe('200 told');
  });

  it('what could not be told is no repeat when it is sent again', async () => {
    const { world } = ingressOf();
    let broken = true;
    const tell: FakeWorld['tell'] = (key, evidence) => {
      if (broken) throw new Error('a defect');
      world.tell(key, evidence);
    };
    const ingress = createIngress({ world: { ...world, now: () => world.at, tell }, log: SILENT });
    expect(await sent(ingress, post(recordingNotice(70)))).toBe('500 the request could not be answered');
    broken = false;
    expect(await sent(ingress, post(recordingNotice(70)))).toBe('200 told');
  });
});

describe('addresses', () => {
  it.each<[string, Partial<InboundRequest>, number]>([
    ['the address of a project', {}, 200],
    ['with a slash at its end', { target: `${ADDRESS}/` }, 200],
    ['with a query', { target: `${ADDRESS}?a=b` }, 200],
    ['GET', { method: 'GET' }, 405],
    ['OPTIONS', { method: 'OPTIONS' }, 405],
    ['an odd method', { method: 'BREW' }, 405],
    ['nothing', { target: '/' }, 404],
    ['an empty target', { target: '' }, 404],
    ['an absolute target', { target: `http://a${ADDRESS}` }, 404],
    ['a part too many', { target: `${ADDRESS}/x` }, 404],
    ['a part too few', { target: '/notifications/media' }, 404],
    ['a name that cannot be one', { target: '/notifications/media/%2e%2e' }, 404],
    ['a name of a prototype', { target: '/notifications/__proto__/constructor' }, 404],
    ['the page watch, where there is none', { target: '/page-watch', method: 'POST' }, 404],
    ['as large as may be', { body: new Uint8Array(MAX_NOTICE_BYTES) }, 401],
    ['larger', { body: new Uint8Array(MAX_NOTICE_BYTES + 1) }, 413],
  ])('%s', async (_, more, status) => {
    const answer = await ingressOf().ingress.handle(post(recordingNotice(70), more));
    expect(answer.status).toBe(status);
    if (status === 405) expect(answer.headers['allow']).toBe('POST');
  });

  it('the page watch answers its own', async () => {
    const page = async ({ target }: InboundRequest) => ({ status: 200, headers: {}, body: target });
    const ingress = createIngress({ world: worldOf(RUNNING), log: SILENT, page });
    for (const target of ['/page-watch', '/page-watch.js', '/page-watch.js?v=1'])
      expect((await ingress.handle(post('', { target, method: 'GET' }))).body).toBe(target);
    expect((await ingress.handle(post('', { target: '/page-watch.css' }))).status).toBe(404);
  });

  it('before all resources are listed nothing is taken: it is to be sent again', async () => {
    const world = worldOf(RUNNING);
    let listed = false;
    const ingress = createIngress({ world, log: SILENT, ready: () => listed });
    const early = await ingress.handle(post(recordingNotice(70)));
    expect([early.status, early.headers['retry-after']]).toEqual([503, '1']);
    listed = true;
    expect(await sent(ingress, post(recordingNotice(70)))).toBe('200 told');
  });
});

describe('what is counted and logged', () => {
  it('by product, event and outcome, each of few values', async () => {
    const { ingress } = ingressOf();
    await ingress.handle(post(recordingNotice(70)));
    await ingress.handle(post(recordingNotice(70)));
    await ingress.handle(post(recordingNotice(31_337, {}, {}, { noticeId: 'a' })));
    await ingress.handle(post(recordingNotice(31_338, {}, {}, { noticeId: 'b' })));
    await ingress.handle(post(pushNotice(4), { secret: PUSH_SECRET }));
    await ingress.handle(post({ productId: 77, eventType: 4 }));
    await ingress.handle(post('x'));
    await ingress.handle(post(recordingNotice(70), { headers: {} }));
    expect(ingress.stats().notices).toEqual([
      { product: 'recording', event: '70', outcome: 'told', count: 1 },
      { product: 'recording', event: '70', outcome: 'duplicate', count: 1 },
      { product: 'recording', event: 'other', outcome: 'told', count: 2 },
      { product: 'media-push', event: '4', outcome: 'told', count: 1 },
      { product: 'other', event: 'other', outcome: 'unknown', count: 1 },
      { product: 'none', event: 'none', outcome: 'unreadable', count: 1 },
      { product: 'none', event: 'none', outcome: 'bad-signature', count: 1 },
    ]);
  });

  it('refusals are logged once a minute, with their number and without what was sent', async () => {
    const lines: unknown[] = [];
    const world = worldOf(RUNNING);
    const log = { ...SILENT, warn: (fields: object, message: string) => lines.push({ ...fields, message }) };
    const ingress = createIngress({ world, log });
    const forged = post(recordingNotice(70, { canary: 1 }), { secret: 'canary' });
    for (let count = 0; count < 5; count += 1) await ingress.handle(forged);
    world.at += 60_000;
    await ingress.handle(forged);
    const message = 'notifications were refused: their signature fits no secret of the project';
    const resource = 'AgoraProject/media/live';
    expect(lines).toEqual([
      { resource, refusals: 1, message },
      { resource, refusals: 5, message },
    ]);
  });
});
