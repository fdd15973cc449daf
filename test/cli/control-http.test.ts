import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exchangeWith } from '../../src/cli/control/address.ts';
import { askBy } from '../../src/cli/control/http-client.ts';
import { controlOverHttp } from '../../src/cli/control/http-server.ts';
import { MAX_REQUEST_BYTES } from '../../src/cli/control/protocol.ts';
import type { ControlAnswers } from '../../src/cli/control/server.ts';

const AT = '2026-12-01T09:00:00.000Z';
const ANSWERS: ControlAnswers = {
  get: () => ({ at: AT, resources: [] }),
  explain: () => {
    throw new Error('secret detail');
  },
  support: () => {
    throw new Error('secret detail');
  },
  prune: () => ({ result: 'confirmed', held: [], digest: 'abc' }),
  stats: () => ({ at: AT, pid: 1, passes: 7, waiting: 0, lanes: [], slots: [] }),
  plan: () => ({ at: AT, appIds: [] }),
};
const SIGNAL = new AbortController().signal;
const JSON_TYPE = { 'content-type': 'application/json' };

let leads = true;
let address = '';
const handle = controlOverHttp(() => (leads ? ANSWERS : undefined));
const server = createServer((request, response) => {
  if (!handle(request, response)) response.writeHead(404).end('not here');
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const post = (body: string, headers: Readonly<Record<string, string>> = JSON_TYPE): Promise<Response> =>
  fetch(`http://${address}/control`, { method: 'POST', body, headers });

describe('POST /control of a controller', () => {
  it('answers as the socket does', async () => {
    const exchange = exchangeWith(address, { signal: SIGNAL });
    expect(await askBy(exchange, { ask: 'stats', request: {} }, SIGNAL)).toMatchObject({ passes: 7 });
    expect(await askBy(exchange, { ask: 'get', request: { kinds: ['RtmpConverter'] } }, SIGNAL)).toMatchObject({
      at: AT,
    });
  });

  it('only answers: what would change something is refused', async () => {
    const answer = await post('{"version":1,"ask":"prune","confirm":"abc"}');
    expect(await answer.json()).toMatchObject({ ok: false, error: { code: 'bad-request' } });
  });

  it.each([
    ['no JSON', 'hello', 'bad-request'],
    ['another version', '{"version":2,"ask":"get"}', 'version'],
    ['too long', `{"version":1,"ask":"stats","name":"${'x'.repeat(MAX_REQUEST_BYTES)}"}`, 'bad-request'],
  ])('refuses what is %s', async (_what, body, code) => {
    expect(await (await post(body)).json()).toMatchObject({ ok: false, error: { code } });
  });

  it('tells nothing of a mistake of its own', async () => {
    const text = await (await post('{"version":1,"ask":"explain","key":"RtmpConverter/media/a"}')).text();
    expect(text).not.toContain('secret detail');
    expect(JSON.parse(text)).toMatchObject({ ok: false, error: { code: 'failed' } });
  });

  it('a page in a browser cannot ask: forms and plain texts are refused, and so is a GET', async () => {
    expect((await post('{"version":1,"ask":"stats"}', { 'content-type': 'text/plain' })).status).toBe(415);
    const got = await fetch(`http://${address}/control`);
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await fetch(`http://${address}/controls`, { method: 'POST' })).status).toBe(404);
  });

  it('a standby says that it is none who knows', async () => {
    leads = false;
    const asking = askBy(exchangeWith(address, { signal: SIGNAL }), { ask: 'stats', request: {} }, SIGNAL);
    await expect(asking).rejects.toMatchObject({ code: 'standby' });
    leads = true;
  });

  it('nobody there, or somebody else: one line', async () => {
    const ask = (to: string) => askBy(exchangeWith(to, { signal: SIGNAL }), { ask: 'stats', request: {} }, SIGNAL);
    await expect(ask('127.0.0.1:1')).rejects.toThrow('no controller answers at 127.0.0.1:1');
    await expect(ask(`${address}/elsewhere`)).rejects.toThrow('is no controller of this version');
    expect(() => ask('no address')).toThrow('no address is no address');
  });
});
