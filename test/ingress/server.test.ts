import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Inbound, InboundRequest } from '../../src/core/inbound.ts';
import { realClock } from '../../src/engine/clock.ts';
import { createIngress } from '../../src/ingress/ingress.ts';
import { type IngressServer, type ServerBounds, startIngressServer } from '../../src/ingress/server.ts';
import { SILENT } from '../../src/observability/log.ts';
import { createDice } from '../simulation/dice.ts';
import { ADDRESS, type FakeWorld, post, project, recordingNotice, recordingWith, SID, worldOf } from './builders.ts';

const open: IngressServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(async (server) => server.close()));
});

async function serve(
  bounds: Partial<ServerBounds> = {},
  handle?: Inbound,
): Promise<{ readonly port: number; readonly server: IngressServer; readonly world: FakeWorld }> {
  const world = worldOf([project(), recordingWith({ sid: SID })]);
  const own = createIngress({ world, log: SILENT }).handle;
  const address = { host: '127.0.0.1', port: 0 };
  const server = await startIngressServer({ address, handle: handle ?? own, clock: realClock(), bounds });
  open.push(server);
  return { port: server.port, server, world };
}

/** A request line and headers as Agora sends them, and the body. */
function wire(value: object, more: Readonly<Record<string, string>> = {}): string {
  const { headers, body } = post(value);
  const lines = Object.entries({ host: 'a', ...headers, 'content-length': `${body.length}`, ...more });
  const head = lines.map(([name, text]) => `${name}: ${text}\r\n`).join('');
  return `POST ${ADDRESS} HTTP/1.1\r\n${head}\r\n${Buffer.from(body).toString()}`;
}

interface Line {
  readonly socket: Socket;
  /** All that came until the other side ended. */
  readonly ended: Promise<string>;
  /** What has come so far. */
  read(): string;
}

async function dial(port: number): Promise<Line> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  let text = '';
  socket.on('data', (part) => (text += String(part)));
  const ended = new Promise<string>((resolve) => {
    socket.on('end', () => resolve(text));
    socket.on('close', () => resolve(text));
  });
  await once(socket, 'connect');
  return { socket, ended, read: () => text };
}

const answersIn = (text: string): readonly string[] => text.match(/HTTP\/1\.1 \d{3}/g) ?? [];
const notice = (sequence: number): object => recordingNotice(33, {}, { sequence }, { noticeId: `n${sequence}` });

describe('WR-11 MP-28 the server takes notices', () => {
  it('over one connection, more than a hundred of them (reference D.3)', async () => {
    const { port, world } = await serve();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    for (let sequence = 0; sequence < 120; sequence += 1) {
      const { headers, body } = post(notice(sequence));
      const status = await new Promise((resolve, reject) => {
        const sent = httpRequest(
          { port, host: '127.0.0.1', path: ADDRESS, method: 'POST', agent, headers },
          (answer) => {
            ports.add(answer.socket.localPort);
            answer.resume().on('end', () => resolve(answer.statusCode));
          },
        );
        sent.on('error', reject).end(body);
      });
      expect(status).toBe(200);
    }
    agent.destroy();
    expect([world.told.length, ports.size]).toEqual([120, 1]);
  });

  it('that are sent one after the other without waiting, each answered in its turn', async () => {
    const { port, world } = await serve();
    const { socket, ended } = await dial(port);
    const last = { connection: 'close' };
    socket.write(Array.from({ length: 50 }, (_, at) => wire(notice(at), at === 49 ? last : {})).join(''));
    expect(answersIn(await ended)).toEqual(Array.from({ length: 50 }, () => 'HTTP/1.1 200'));
    expect(world.told).toHaveLength(50);
  });

  it('of a sender that ends its side and listens', async () => {
    const { port } = await serve();
    const { socket, ended } = await dial(port);
    socket.end(wire(notice(1)));
    expect(await ended).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*\{"outcome":"told"\}\n$/);
  });

  it('with Expect: 100-continue', async () => {
    const { port } = await serve();
    const { socket, ended } = await dial(port);
    socket.end(wire(notice(1), { expect: '100-continue' }));
    expect(answersIn(await ended)).toEqual(['HTTP/1.1 100', 'HTTP/1.1 200']);
  });

  it('byte by byte', async () => {
    const { port } = await serve();
    const { socket, ended } = await dial(port);
    for (const byte of Buffer.from(wire(notice(1), { connection: 'close' }))) socket.write(Uint8Array.of(byte));
    expect(answersIn(await ended)).toEqual(['HTTP/1.1 200']);
  });
});

describe('the server holds its bounds', () => {
  const short = { headersMs: 150, requestMs: 300 };

  it.each<[string, string, Partial<ServerBounds>, RegExp]>([
    ['headers that never end', `POST ${ADDRESS} HTTP/1.1\r\nhost: a\r\n`, short, /^HTTP\/1\.1 408/],
    ['nothing at all', '', short, /^(HTTP\/1\.1 408|$)/],
    ['a body that never comes', wire(notice(1)).slice(0, -5), short, /^HTTP\/1\.1 408/],
    ['a body that is said to be too large', wire(notice(1), { 'content-length': '65537' }), {}, /^HTTP\/1\.1 413/],
    [
      'a body in chunks that grows too large',
      `POST ${ADDRESS} HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n11000\r\n${'x'.repeat(0x11000)}\r\n`,
      {},
      /^HTTP\/1\.1 413/,
    ],
    [
      'headers that are too large',
      `GET / HTTP/1.1\r\nhost: a\r\na: ${'x'.repeat(20_000)}\r\n\r\n`,
      {},
      /^HTTP\/1\.1 431/,
    ],
    ['no HTTP', '\u0016\u0003\u0001\u0000', {}, /^HTTP\/1\.1 400/],
    ['a length that is none', wire(notice(1), { 'content-length': '-1' }), {}, /^HTTP\/1\.1 400/],
    ['two lengths, as for smuggling', wire(notice(1), { 'transfer-encoding': 'chunked' }), {}, /^HTTP\/1\.1 400/],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', {}, /^HTTP\/1\.1 400/],
    ['another method', `BREW ${ADDRESS} HTTP/1.1\r\nhost: a\r\n\r\n`, {}, /^HTTP\/1\.1 400/],
    ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n', {}, /^$/],
    [
      'an upgrade, which there is none to',
      `GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n\r\n`,
      short,
      /^HTTP\/1\.1 404/,
    ],
  ])('%s', async (_, text, bounds, expected) => {
    const { port, world } = await serve(bounds);
    const { socket, ended } = await dial(port);
    socket.write(text);
    expect(await ended).toMatch(expected);
    socket.destroy();
    expect(world.told).toEqual([]);
    await stillServes(port);
  });

  it('a body that drips is cut off, however often something comes', async () => {
    const { port, world } = await serve(short);
    const { socket, ended } = await dial(port);
    const text = wire(notice(1));
    const head = text.indexOf('\r\n\r\n') + 4;
    socket.write(text.slice(0, head));
    let at = head;
    const drip = setInterval(() => socket.write(text[at++] ?? ''), 20);
    await ended;
    clearInterval(drip);
    socket.destroy();
    expect(world.told).toEqual([]);
    await stillServes(port);
  });

  it('senders that go away in the middle', async () => {
    const { port } = await serve();
    const text = wire(notice(1));
    for (let cut = 0; cut < text.length; cut += 13) {
      const { socket } = await dial(port);
      await new Promise<void>((resolve) => socket.write(text.slice(0, cut), () => resolve()));
      socket.resetAndDestroy();
    }
    await stillServes(port);
  });

  it('an answer of a defect is none, and the next request is answered', async () => {
    let first = true;
    const { port } = await serve({}, async (request: InboundRequest) => {
      if (!first) return { status: 200, headers: {}, body: request.target };
      first = false;
      throw new Error('never');
    });
    const { socket, ended } = await dial(port);
    socket.write(wire(notice(1)));
    expect(await ended).toBe('');
    expect(answersIn(await exchange(port, wire(notice(2), { connection: 'close' })))).toEqual(['HTTP/1.1 200']);
  });

  it('connections beyond the bound are closed, and those after them served', async () => {
    const { port } = await serve({ connections: 5 });
    const lines = await Promise.all(Array.from({ length: 20 }, async () => dial(port)));
    await Promise.race(lines.map(async ({ ended }) => ended));
    for (const { socket } of lines) socket.destroy();
    await stillServes(port);
  });

  it('requests beyond the bound are to be sent again', async () => {
    const held = Promise.withResolvers<void>();
    const { port } = await serve({ atOnce: 2 }, async () => {
      await held.promise;
      return { status: 200, headers: {}, body: '' };
    });
    const last = { connection: 'close' };
    const lines = [await dial(port), await dial(port)];
    for (const [at, { socket }] of lines.entries()) socket.write(wire(notice(at), last));
    let refused = '';
    for (let tries = 0; tries < 50 && !refused.includes('503'); tries += 1) {
      const line = await dial(port);
      line.socket.write(wire(notice(3), last));
      refused = await Promise.race([line.ended, new Promise<string>((resolve) => setTimeout(resolve, 40, ''))]);
    }
    expect(refused).toMatch(/^HTTP\/1\.1 503[\s\S]*retry-after: 1/);
    held.resolve();
    for (const text of await Promise.all(lines.map(async ({ ended }) => ended)))
      expect(answersIn(text)).toEqual(['HTTP/1.1 200']);
  });
});

describe('WR-11 MP-28 hundreds of senders that keep to no rule', () => {
  it('change nothing, and leave the server as it was', async () => {
    const { port, world } = await serve({ headersMs: 300, requestMs: 600, keepAliveMs: 200 });
    const { next, whole, pick, chance } = createDice('sockets');
    const forged = (): string => wire(notice(whole(0, 99)), { 'agora-signature-v2': '0'.repeat(64) });
    const noise = (): string => String.fromCharCode(...Array.from({ length: whole(1, 300) }, () => whole(0, 255)));
    const texts: readonly (() => string)[] = [
      noise,
      forged,
      () => forged().slice(0, whole(0, 400)),
      () => Array.from({ length: whole(2, 40) }, forged).join(''),
      () => forged().replace('POST', pick(['GET', 'PUT', 'OPTIONS', 'POST\r\n', ''])),
      () => forged().replace('HTTP/1.1', pick(['HTTP/1.0', 'HTTP/9.9', 'FTP/1'])),
      () => forged().replace(/content-length: \d+/, `content-length: ${pick(['1e3', '999999', '+5', '0x10', ''])}`),
      () =>
        `POST ${ADDRESS} HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n${pick(['zz', '5', 'FFFFFFFFFF'])}\r\n${noise()}`,
      () => `POST /${'a'.repeat(whole(0, 20_000))} HTTP/1.1\r\nhost: a\r\n\r\n`,
      () => '',
    ];
    const sender = async (): Promise<void> => {
      const { socket, ended } = await dial(port);
      const text = pick(texts)();
      // In pieces, as a network cuts it.
      for (let at = 0; at < text.length; ) {
        const size = chance(0.5) ? text.length : whole(1, 200);
        if (socket.destroyed) break;
        await new Promise<void>((resolve) => socket.write(text.slice(at, at + size), 'latin1', () => resolve()));
        at += size;
      }
      const how = next();
      if (how < 0.3) socket.resetAndDestroy();
      else if (how < 0.6) socket.end();
      if (how >= 0.3) await ended;
      socket.destroy();
    };
    for (let round = 0; round < 5; round += 1) await Promise.all(Array.from({ length: 60 }, sender));
    expect(world.told).toEqual([]);
    await stillServes(port);
    expect(answersIn(await exchange(port, wire(notice(1), { connection: 'close' })))).toEqual(['HTTP/1.1 200']);
  }, 60_000);
});

describe('the end', () => {
  it('lets what was begun end, and accepts nothing more', async () => {
    const held = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const { port, server } = await serve({}, async () => {
      begun.resolve();
      await held.promise;
      return { status: 200, headers: {}, body: 'done' };
    });
    const idle = await dial(port);
    const { socket, ended } = await dial(port);
    socket.write(wire(notice(1)));
    await begun.promise;
    const closed = server.close();
    await idle.ended;
    held.resolve();
    expect(await ended).toMatch(/connection: close[\s\S]*done$/i);
    await closed;
    await expect(dial(port)).rejects.toThrow('ECONNREFUSED');
  });

  it('breaks off what does not end', async () => {
    const begun = Promise.withResolvers<void>();
    const { port, server } = await serve({ closeMs: 50 }, () => {
      begun.resolve();
      return new Promise(() => undefined);
    });
    const { socket, ended } = await dial(port);
    socket.write(wire(notice(1)));
    await begun.promise;
    await server.close();
    expect(await ended).toBe('');
  });

  it('an address that is taken is said', async () => {
    const { port } = await serve();
    const again = startIngressServer({
      address: { host: '127.0.0.1', port },
      handle: createIngress({ world: worldOf([]), log: SILENT }).handle,
      clock: realClock(),
    });
    await expect(again).rejects.toThrow('EADDRINUSE');
  });
});

async function exchange(port: number, text: string): Promise<string> {
  const { socket, ended } = await dial(port);
  socket.end(text);
  return ended;
}

async function stillServes(port: number): Promise<void> {
  expect(answersIn(await exchange(port, 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'))).toEqual([
    'HTTP/1.1 404',
  ]);
}
