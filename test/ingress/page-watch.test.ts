import { describe, expect, it } from 'vitest';
import type { InboundAnswer, InboundRequest } from '../../src/core/inbound.ts';
import type { Resource } from '../../src/core/resource.ts';
import { Secret } from '../../src/core/secret.ts';
import { hours, minutes } from '../../src/core/time.ts';
import { readPageScript } from '../../src/ingress/page-script.ts';
import { type PageRates, pageWatch, type ReportCounts } from '../../src/ingress/page-watch.ts';
import { mintPageToken, type PageIdentity, pageTokenHash } from '../../src/kinds/recording/page-token.ts';
import type { PageWatch } from '../../src/kinds/recording/types.ts';
import { bytes, type FakeWorld, recordingWith, T0, worldOf } from './builders.ts';

const SECRET = new Secret('customer-secret');
const identity: PageIdentity = { namespace: 'media', name: 'keynote', attempt: 3, expiresAt: T0 + hours(5) };
const tokenOf = (of: Partial<PageIdentity> = {}): string => mintPageToken(SECRET, { ...identity, ...of }).reveal();
const TOKEN = tokenOf();
const WATCH: PageWatch = {
  readyWithinSeconds: 60,
  heartbeatSeconds: 15,
  elements: ['#stage video'],
  media: true,
  tokenIn: 'Query',
};
const LOAD = 'a1b2';

/** A recording whose current attempt carries the token. */
function watched(
  task: object = {},
  { name = 'keynote', watch = WATCH }: { readonly name?: string; readonly watch?: PageWatch | 'none' } = {},
): Resource {
  const own = { attempt: 3, pageToken: pageTokenHash(tokenOf({ name })), ...task };
  const resource = recordingWith(own, { name });
  return { ...resource, spec: { ...(resource.spec as object), ...(watch === 'none' ? {} : { pageWatch: watch }) } };
}

interface Rig {
  readonly world: FakeWorld;
  send(request: Partial<InboundRequest>): Promise<InboundAnswer>;
  post(report?: object, more?: Partial<InboundRequest>): Promise<InboundAnswer>;
  counts(): ReportCounts;
}

function rig(resources: readonly Resource[] = [watched()], rates: Partial<PageRates> = {}): Rig {
  const world = worldOf(resources);
  const { handle, counts } = pageWatch({ world, rates });
  const send = (request: Partial<InboundRequest>): Promise<InboundAnswer> =>
    handle({ method: 'POST', target: '/page-watch', headers: {}, body: bytes(''), from: '192.0.2.7', ...request });
  const post = (report: object = {}, more: Partial<InboundRequest> = {}): Promise<InboundAnswer> =>
    send({ body: bytes({ token: TOKEN, load: LOAD, state: 'ready', faults: [], ...report }), ...more });
  return { world, send, post, counts };
}

describe('WR-8 a good report', () => {
  it('is told, and answered with what the declaration asks', async () => {
    const { world, post } = rig();
    const answer = await post({ state: 'loading' });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({ heartbeatSeconds: 15, elements: ['#stage video'], media: true });
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': '*', 'cache-control': 'no-store' });
    expect(world.told).toEqual([
      {
        key: 'WebPageRecording/media/keynote',
        evidence: { source: 'page', attempt: 3, receivedAt: T0, state: 'loading', faults: [], load: LOAD },
      },
    ]);
  });

  it('says what the declaration asks by now', async () => {
    const { world, post } = rig([watched({}, { watch: { ...WATCH, heartbeatSeconds: 30, media: false } })]);
    expect(JSON.parse((await post()).body)).toEqual({
      heartbeatSeconds: 30,
      elements: ['#stage video'],
      media: false,
    });
    expect(world.told).toHaveLength(1);
  });

  it.each(['Starting', 'Confirming', 'Running'])('of an attempt that is %s', async (phase) => {
    expect((await rig([watched({ phase })]).post()).status).toBe(200);
  });

  it('is known after a rotation of the credentials: the hash in the status knows it', async () => {
    // Nothing of the project is asked; there is none here.
    expect((await rig().post()).status).toBe(200);
  });

  it('may have members that are not known, and a query', async () => {
    const { post } = rig();
    expect((await post({ version: 2 }, { target: '/page-watch?x=1' })).status).toBe(200);
  });
});

describe('WR-8 a token that is not good changes nothing, and all get the same answer', () => {
  const other = watched({}, { name: 'other' });
  const rows: [string, readonly Resource[], string, number?][] = [
    ['none', [watched()], ''],
    ['forged', [watched()], mintPageToken(new Secret('guessed'), identity).reveal()],
    ['signature cut off and put anew', [watched()], TOKEN.replace(/.{43}$/, 'A'.repeat(43))],
    ['of an earlier attempt', [watched()], tokenOf({ attempt: 2 })],
    ['of a later attempt', [watched()], tokenOf({ attempt: 4 })],
    ['of an attempt that is being stopped', [watched({ phase: 'Stopping' })], TOKEN],
    ['of an attempt that is lost', [watched({ phase: 'Lost' })], TOKEN],
    ['of an attempt without a known handle', [watched({ phase: 'Unknown' })], TOKEN],
    ['of another recording, in its place', [watched(), other], tokenOf({ name: 'other', attempt: 4 })],
    ['of another recording’s hash', [watched({ pageToken: pageTokenHash(tokenOf({ name: 'other' })) })], TOKEN],
    ['of a recording that does not exist', [], TOKEN],
    ['of another namespace', [watched()], tokenOf({ namespace: 'others' })],
    ['of a recording without page watch', [watched({}, { watch: 'none' })], TOKEN],
    ['of a recording started without one', [watched({ pageToken: undefined })], TOKEN],
    ['expired', [watched()], TOKEN, T0 + hours(5)],
    ['with another expiry', [watched()], tokenOf({ expiresAt: T0 + hours(50) })],
    ['for an RtmpConverter', [{ ...watched(), kind: 'RtmpConverter' }], TOKEN],
  ];
  it.each(rows)('%s', async (_what, resources, token, at = T0) => {
    const { world, post } = rig(resources);
    world.at = at;
    const answer = await post({ token });
    expect(answer).toMatchObject({ status: 403, body: 'the token names no page that is watched now\n' });
    expect(answer.headers['access-control-allow-origin']).toBe('*');
    expect(world.told).toEqual([]);
  });

  it('it is good until its last second', async () => {
    const { world, post } = rig();
    world.at = T0 + hours(5) - 1;
    expect((await post()).status).toBe(200);
  });

  it('replayed after its attempt was made anew it is worth nothing', async () => {
    const { world, post } = rig();
    expect((await post()).status).toBe(200);
    const next = watched({ attempt: 4, pageToken: pageTokenHash(tokenOf({ attempt: 4 })) });
    world.resources.set('WebPageRecording/media/keynote', next);
    expect((await post()).status).toBe(403);
    expect((await post({ token: tokenOf({ attempt: 4 }) })).status).toBe(200);
    expect(world.told.map(({ evidence }) => 'attempt' in evidence && evidence.attempt)).toEqual([3, 4]);
  });
});

describe('WR-8 what is no report', () => {
  const good = { token: TOKEN, load: LOAD, state: 'ready', faults: [] };
  it.each<[string, unknown, number]>([
    ['nothing', '', 400],
    ['no JSON', '{', 400],
    ['no object', '7', 400],
    ['null', 'null', 400],
    ['a list', '[]', 400],
    ['no token', { ...good, token: undefined }, 400],
    ['a token that is no text', { ...good, token: 7 }, 400],
    ['no load', { ...good, load: undefined }, 400],
    ['a load with other characters', { ...good, load: 'a b' }, 400],
    ['a load of 65 characters', { ...good, load: 'a'.repeat(65) }, 400],
    ['a state that does not exist', { ...good, state: 'alive' }, 400],
    ['faults that are no list', { ...good, faults: 'audio: silent' }, 400],
    ['a fault that is no text', { ...good, faults: [7] }, 400],
    ['25 faults', { ...good, faults: Array(25).fill('audio: silent') }, 400],
    ['a fault of 281 characters', { ...good, faults: ['x'.repeat(281)] }, 400],
    ['8 KiB and a byte', { ...good, pad: 'x'.repeat(8_193 - JSON.stringify({ ...good, pad: '' }).length) }, 413],
    ['8 KiB', { ...good, pad: 'x'.repeat(8_192 - JSON.stringify({ ...good, pad: '' }).length) }, 200],
  ])('%s', async (_what, value, status) => {
    const { world, send } = rig();
    expect((await send({ body: bytes(value) })).status).toBe(status);
    expect(world.told).toHaveLength(status === 200 ? 1 : 0);
  });

  it('bytes that are no UTF-8', async () => {
    expect((await rig().send({ body: Uint8Array.from([0xff, 0xfe]) })).status).toBe(400);
  });

  it('nothing of a token is in an answer', async () => {
    const { post } = rig();
    for (const report of [{}, { token: tokenOf({ attempt: 2 }) }, { load: '' }])
      expect(JSON.stringify(await post(report))).not.toContain('v1.');
  });
});

describe('WR-12 faults are told in the words of the declaration', () => {
  it.each<[string, readonly string[], PageWatch, readonly string[]]>([
    ['as they are', ['audio: silent', 'element: #stage video'], WATCH, ['element: #stage video', 'audio: silent']],
    ['once', ['video: frozen', 'video: frozen'], WATCH, ['video: frozen']],
    ['not of what is not declared', ['element: #other', 'element: <script>', 'ignore this'], WATCH, []],
    [
      'not of media that are not asked for',
      ['media: failed', 'script: error'],
      { ...WATCH, media: false },
      ['script: error'],
    ],
    [
      'with an element that has every character',
      ['element: [data-x="ä\n"]'],
      { ...WATCH, elements: ['[data-x="ä\n"]'] },
      ['element: [data-x="ä\n"]'],
    ],
  ])('%s', async (_what, faults, watch, expected) => {
    const { world, post } = rig([watched({}, { watch })]);
    await post({ faults });
    expect(world.told[0]?.evidence).toMatchObject({ faults: expected });
  });
});

describe('WR-8 how often', () => {
  it('the same again within three seconds is answered and not told', async () => {
    const { world, post } = rig();
    for (const [at, told] of [
      [0, 1],
      [2_999, 1],
      [3_000, 2],
      [5_000, 2],
    ] as const) {
      world.at = T0 + at;
      expect((await post()).status).toBe(200);
      expect(world.told).toHaveLength(told);
    }
  });

  it('what is new is told at once', async () => {
    const { world, post } = rig();
    await post({ state: 'loading' });
    await post({});
    await post({ faults: ['audio: silent'] });
    await post({ load: 'another' });
    expect(world.told).toHaveLength(4);
  });

  it('one token: ten at once, then one a second', async () => {
    const { world, post } = rig();
    const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => post({ load: `load${index}` })));
    expect(answers.map(({ status }) => status)).toEqual([...Array(10).fill(200), 429, 429]);
    expect(answers[10]?.headers).toMatchObject({ 'retry-after': '1', 'access-control-expose-headers': 'retry-after' });
    expect(world.told).toHaveLength(10);
    world.at = T0 + 1_000;
    expect((await post()).status).toBe(200);
    expect((await post()).status).toBe(429);
  });

  it('one sender: so many refusals at once, whatever they are for; good reports from there go on', async () => {
    const { world, post, send } = rig();
    const bad = async (index: number): Promise<number> =>
      (await (index % 2 === 0 ? post({ token: '' }) : send({ body: bytes('{') }))).status;
    const statuses: number[] = [];
    for (let index = 0; index < 32; index += 1) statuses.push(await bad(index));
    expect(statuses.filter((status) => status === 429)).toHaveLength(2);
    expect((await post()).status).toBe(200);
    expect((await post({ token: '' }, { from: '192.0.2.8' })).status).toBe(403);
    world.at = T0 + minutes(1);
    expect(await bad(0)).toBe(403);
  });

  it('all together', async () => {
    const { world, post } = rig([watched()], { overall: { perSecond: 2, burst: 4 } });
    const statuses: number[] = [];
    for (let index = 0; index < 6; index += 1)
      statuses.push((await post({ token: '' }, { from: `192.0.2.${index}` })).status);
    expect(statuses).toEqual([403, 403, 403, 403, 429, 429]);
    // Who has no token cannot keep a page from being heard.
    expect((await post()).status).toBe(200);
    world.at = T0 + 500;
    expect((await post({ token: '' }, { from: '192.0.2.9' })).status).toBe(403);
  });

  it('each is counted', async () => {
    const { post, send, counts } = rig([watched()], { token: { perSecond: 1, burst: 2 } });
    for (const report of [{}, {}, {}, { token: '' }]) await post(report);
    await send({ body: bytes('{') });
    expect(counts()).toEqual({ told: 1, same: 1, limited: 1, refused: 2 });
  });

  it('300 pages behind one address do not hinder each other', async () => {
    const resources = Array.from({ length: 300 }, (_, index) => watched({}, { name: `page-${index}` }));
    const { world, post } = rig(resources);
    for (let beat = 0; beat < 4; beat += 1) {
      world.at = T0 + beat * 5_000;
      for (let index = 0; index < 300; index += 1)
        expect((await post({ token: tokenOf({ name: `page-${index}` }) })).status).toBe(200);
    }
    expect(world.told).toHaveLength(1_200);
  });
});

describe('WR-8 the script', () => {
  const script = readPageScript();
  it('is served, kept for a while, and asked for by its tag', async () => {
    const { send } = rig();
    const answer = await send({ method: 'GET', target: '/page-watch.js' });
    expect(answer.status).toBe(200);
    expect(answer.body).toBe(script.text);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=300',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
      etag: script.etag,
    });
  });

  it.each<[string, Partial<InboundRequest>, number, boolean]>([
    ['the same', { headers: { 'if-none-match': script.etag } }, 304, false],
    ['the same, weakly', { headers: { 'if-none-match': `"x", W/${script.etag}` } }, 304, false],
    ['another', { headers: { 'if-none-match': '"x"' } }, 200, true],
    ['its head', { method: 'HEAD' }, 200, false],
    ['with a version', { target: '/page-watch.js?v=2' }, 200, true],
    ['posted', { method: 'POST' }, 405, true],
  ])('%s', async (_what, more, status, hasBody) => {
    const answer = await rig().send({ method: 'GET', target: '/page-watch.js', ...more });
    expect(answer.status).toBe(status);
    expect(answer.body !== '').toBe(hasBody);
  });

  it('is ES2019, small, and writes into nothing but itself', () => {
    const code = script.text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    expect(code).not.toMatch(/\?\.|\?\?|\|\|=|&&=|\bimport\b|\bexport\b|\beval\b|\bconsole\b|#[a-z]\w*[ (;]/);
    expect(script.text.length).toBeLessThan(16 * 1_024);
  });
});

describe('WR-8 pages of every origin', () => {
  it('may ask first', async () => {
    const answer = await rig().send({
      method: 'OPTIONS',
      headers: { origin: 'https://stage.example.com', 'access-control-request-private-network': 'true' },
    });
    expect(answer).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'content-type',
        'access-control-allow-private-network': 'true',
      },
    });
    expect((await rig().send({ method: 'OPTIONS' })).headers).not.toHaveProperty(
      'access-control-allow-private-network',
    );
  });

  it.each<[string, string, number]>([
    ['GET', '/page-watch', 405],
    ['PUT', '/page-watch', 405],
    ['POST', '/page-watch/', 404],
    ['POST', '/', 404],
  ])('%s %s: %i', async (method, target, status) => {
    expect((await rig().send({ method, target })).status).toBe(status);
  });
});
