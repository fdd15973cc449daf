import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgoraApi } from '../../src/agora/api.ts';
import { createAgoraApi } from '../../src/agora/client.ts';
import { fixedEndpoint } from '../../src/agora/domain-book.ts';
import { createTransport, type HttpTransport } from '../../src/agora/transport.ts';
import { APP_ID, call, type HandClock, handClock } from './setup.ts';

let transport: HttpTransport;
let clock: HandClock;
const servers: Server[] = [];
const sockets = new Set<Socket>();

beforeEach(() => {
  transport = createTransport();
  clock = handClock();
});

afterEach(async () => {
  await transport.close();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const server of servers.splice(0)) server.close();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const apiAt = (baseUrl: string): AgoraApi =>
  createAgoraApi({ transport: transport.send, clock, domains: fixedEndpoint(baseUrl) });

interface Served {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A server that answers so, and what reached it. */
async function served(handler: (request: IncomingMessage, response: ServerResponse) => void) {
  const requests: Served[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      requests.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      handler(request, response);
    });
  });
  const port = await listen(server);
  const url = `http://127.0.0.1:${port}`;
  return { requests, url, api: apiAt(url) };
}

const start = (api: AgoraApi, signal = new AbortController().signal) =>
  api.start(call({ signal }), { resourceId: 'R' }, { cname: 'c', clientRequest: { token: 'canary-ü' } });

describe('over real HTTP', () => {
  it('a request arrives as it was made, and its answer is read', async () => {
    const { api, requests } = await served((_request, response) => {
      response.setHeader('X-Request-ID', 'agora-1');
      response.end(JSON.stringify({ sid: 'S', cname: 'ü' }));
    });
    expect(await start(api)).toMatchObject({ ok: true, value: { sid: 'S' }, ids: { agoraRequestId: 'agora-1' } });
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      method: 'POST',
      url: `/v1/apps/${APP_ID}/cloud_recording/resourceid/R/mode/web/start`,
      headers: { 'content-type': 'application/json', 'x-request-id': 'request-1' },
      body: '{"cname":"c","clientRequest":{"token":"canary-ü"}}',
    });
  });

  it.each([
    [201, '{"code":7,"reason":"already started"}', 'already-started', 'maybe'],
    [206, '{"code":65}', 'jitter', 'maybe'],
    [400, '{"code":2,"reason":"bad"}', 'parameter', 'none'],
    [429, '{"message":"API rate limit exceeded"}', 'throttle', 'none'],
    [500, '', 'server', 'maybe'],
    [504, 'x', 'gateway-timeout', 'maybe'],
  ])('%i %s: %s with effect %s', async (status, body, kind, effect) => {
    const { api, requests } = await served((_request, response) => response.writeHead(status).end(body));
    expect(await start(api)).toMatchObject({ ok: false, kind, effect, status });
    expect(requests).toHaveLength(1);
  });

  it('an empty 204 to a delete', async () => {
    const { api, requests } = await served((_request, response) => response.writeHead(204).end());
    expect(await api.deleteConverter(call(), { region: 'eu', converterId: 'c' })).toMatchObject({ ok: true });
    expect(requests[0]).toMatchObject({ method: 'DELETE', body: '' });
  });

  it('connections are kept and used again', async () => {
    const { api } = await served((_request, response) => response.end('{"sid":"S"}'));
    for (let index = 0; index < 5; index++) expect((await start(api)).ok).toBe(true);
    // A request that follows within the tick of an answer may find its connection still busy.
    expect(sockets.size).toBeLessThanOrEqual(2);
  });

  it('an address without a path, as doctor asks for, leads to the root', async () => {
    const { url, requests } = await served((_request, response) => response.end());
    for (const address of [url, `${url}?a=b`]) {
      await transport.send({ method: 'GET', url: address, headers: {} }, new AbortController().signal);
    }
    expect(requests.map(({ url: path }) => path)).toEqual(['/', '/?a=b']);
  });

  it('redirects are not followed', async () => {
    const { api, requests } = await served((_request, response) =>
      response.writeHead(307, { location: '/elsewhere' }).end(),
    );
    expect(await start(api)).toMatchObject({ ok: false, kind: 'server', effect: 'maybe', status: 307 });
    expect(requests).toHaveLength(1);
  });
});

describe('MP-12 without an answer', () => {
  const refusedPort = async (): Promise<number> => {
    const server = createTcpServer();
    const port = await listen(server);
    server.close();
    await once(server, 'close');
    return port;
  };

  it('a refused connection', async () => {
    const failure = await start(apiAt(`http://127.0.0.1:${await refusedPort()}`));
    expect(failure).toMatchObject({ ok: false, kind: 'refused', effect: 'none', message: /ECONNREFUSED$/ });
  });

  it('a name that does not resolve', async () => {
    // Longer than a label may be: refused by the resolver itself, so that no name server is asked.
    const failure = await start(apiAt(`http://${'a'.repeat(64)}.invalid`));
    expect(failure).toMatchObject({ ok: false, kind: 'dns', effect: 'none' });
  });

  it('a reset after the request has arrived', async () => {
    const { api, requests } = await served((request) => request.socket.resetAndDestroy());
    expect(await start(api)).toMatchObject({ ok: false, kind: 'lost', effect: 'maybe' });
    expect(requests).toHaveLength(1);
  });

  it('a connection that ends in the middle of the answer', async () => {
    const { api, requests } = await served((request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"sid":');
      setImmediate(() => request.socket.destroy());
    });
    expect(await start(api)).toMatchObject({ ok: false, kind: 'lost', effect: 'maybe' });
    expect(requests).toHaveLength(1);
  });

  it('a TLS handshake that fails', async () => {
    const port = await listen(createTcpServer((socket) => socket.end('HTTP/1.1 400 no TLS here\r\n\r\n')));
    expect(await start(apiAt(`https://127.0.0.1:${port}`))).toMatchObject({
      ok: false,
      kind: 'refused',
      effect: 'none',
    });
  });

  it('a reset during the TLS handshake: nothing was sent', async () => {
    const port = await listen(createTcpServer((socket) => socket.once('data', () => socket.resetAndDestroy())));
    expect(await start(apiAt(`https://127.0.0.1:${port}`))).toMatchObject({
      ok: false,
      kind: 'refused',
      effect: 'none',
    });
  });
});

describe('deadlines and giving up', () => {
  it('a server that does not answer: lost at the deadline', async () => {
    const { api, requests } = await served(() => clock.expire());
    expect(await start(api)).toMatchObject({ ok: false, kind: 'lost', effect: 'maybe', message: /TimeoutError$/ });
    expect(clock.deadlines).toEqual([15_000]);
    expect(requests).toHaveLength(1);
  });

  it('a body that does not end: lost at the deadline', async () => {
    const { api } = await served((_request, response) => {
      response.writeHead(200);
      response.write('{"sid":"S"', () => clock.expire());
    });
    expect(await start(api)).toMatchObject({ ok: false, kind: 'lost', effect: 'maybe' });
  });

  it('a connection that does not come about until the deadline: nothing was sent', async () => {
    const port = await listen(createTcpServer((socket) => socket.once('data', () => clock.expire())));
    const failure = await start(apiAt(`https://127.0.0.1:${port}`));
    expect(failure).toMatchObject({ ok: false, kind: 'refused', effect: 'none', message: /UND_ERR_CONNECT_TIMEOUT$/ });
  });

  it('a request that was given up while it waited for its connection is never written later', async () => {
    const { api, requests } = await served((_request, response) => response.end('{"sid":"S"}'));
    const controller = new AbortController();
    await start(api);
    const second = start(api, controller.signal);
    const third = start(api, controller.signal);
    controller.abort();
    for (const failure of [await second, await third])
      expect(failure).toMatchObject({ ok: false, kind: 'refused', effect: 'none' });
    expect((await start(api)).ok).toBe(true);
    expect(requests).toHaveLength(2);
  });

  it('a shutdown while the answer is awaited: lost, and may have had its effect', async () => {
    const controller = new AbortController();
    const { api } = await served(() => controller.abort());
    expect(await start(api, controller.signal)).toMatchObject({ ok: false, kind: 'lost', effect: 'maybe' });
  });

  it('close ends what is on the wire, and nothing begins after it', async () => {
    const { api } = await served(() => void transport.close());
    expect(await start(api)).toMatchObject({ ok: false, kind: 'lost', effect: 'maybe' });
    expect(await start(api)).toMatchObject({ ok: false, kind: 'refused', effect: 'none' });
  });
});

describe('the size of an answer is bounded', () => {
  const MIB = 2 ** 20;
  const page = (bytes: number): string =>
    JSON.stringify({ sid: 'S', name: 'n', data: { members: [], pad: 'x'.repeat(bytes) } });

  it.each([
    ['start, 1 MiB less a little', (api: AgoraApi) => start(api), MIB - 100, true],
    ['start, above 1 MiB', (api: AgoraApi) => start(api), MIB, false],
    ['list, above 1 MiB', (api: AgoraApi) => api.list(call(), undefined), 2 * MIB, true],
    ['list, above 8 MiB', (api: AgoraApi) => api.list(call(), undefined), 8 * MIB, false],
  ])('%s: read %s', async (_, run, bytes, ok) => {
    const { api } = await served((_request, response) => response.end(page(bytes)));
    const got = await run(api);
    expect(got.ok).toBe(ok);
    if (!got.ok) expect(got.kind).toBe('unreadable');
  });

  it('an endless body is cut off', async () => {
    const { api } = await served((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    expect(await start(api)).toMatchObject({ ok: false, kind: 'unreadable', effect: 'maybe' });
  });
});
