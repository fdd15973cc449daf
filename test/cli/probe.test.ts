import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createProbe } from '../../src/cli/probe.ts';
import type { Reach } from '../../src/kinds/endpoint.ts';

const never = new AbortController().signal;
const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

/** A server on loopback; what it does with a connection. */
async function serving(connected: (socket: Socket) => void, host = '127.0.0.1'): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    connected(socket);
  });
  open.push(server);
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const port = await serving(() => undefined);
  const server = open.pop();
  server?.close();
  if (server !== undefined) await once(server, 'close');
  return port;
}

/** Deadlines that a test ends by hand. */
const clock = (deadline: AbortSignal = never) => ({ deadline: () => ({ signal: deadline, end: () => undefined }) });

const ask = (
  port: number,
  {
    addresses = ['127.0.0.1'],
    tls = false,
    connect = true,
    allowPrivate = true,
    deadline = never,
  }: Partial<{
    addresses: readonly string[];
    tls: boolean;
    connect: boolean;
    allowPrivate: boolean;
    deadline: AbortSignal;
  }> = {},
): Promise<Reach> =>
  createProbe({ clock: clock(deadline), resolve: () => Promise.resolve(addresses) })(
    { host: 'cdn.example.com', port, tls },
    { connect, allowPrivate },
    never,
  );

describe('MP-22 the check of a CDN’s address', () => {
  it('a port that takes connections answers; nothing is sent to it', async () => {
    const heard: Buffer[] = [];
    const ended = Promise.withResolvers<void>();
    const port = await serving((socket) => {
      socket.on('data', (data) => heard.push(data));
      socket.on('close', () => ended.resolve());
    });
    expect(await ask(port)).toBe('Answers');
    await ended.promise;
    expect(heard).toEqual([]);
  });

  it('leaves no timer behind once it has an answer', async () => {
    const end = vi.fn();
    const probe = createProbe({
      clock: { deadline: () => ({ signal: never, end }) },
      resolve: async () => ['127.0.0.1'],
    });
    await probe(
      { host: 'cdn.example.com', port: await closedPort(), tls: false },
      { connect: true, allowPrivate: true },
      never,
    );
    expect(end).toHaveBeenCalledOnce();
  });

  it('a port that nobody listens on refuses', async () => {
    expect(await ask(await closedPort())).toBe('Refused');
  });

  it('rtmps to what does not speak TLS', async () => {
    const port = await serving((socket) => socket.end('RTMP'));
    expect(await ask(port, { tls: true })).toBe('TlsFailed');
  });

  it('rtmps to what says nothing: no answer when the time is over', async () => {
    const over = new AbortController();
    const port = await serving(() => over.abort());
    expect(await ask(port, { tls: true, deadline: over.signal })).toBe('NoAnswer');
  });

  it('by name alone nothing is connected to', async () => {
    let connections = 0;
    const port = await serving(() => (connections += 1));
    expect(await ask(port, { connect: false })).toBe('Resolves');
    expect(connections).toBe(0);
  });

  it('private addresses are not connected to unless allowed, whatever form they come in', async () => {
    let connections = 0;
    const port = await serving(() => (connections += 1));
    for (const addresses of [['127.0.0.1'], ['::ffff:127.0.0.1'], ['::1', '10.0.0.1'], ['169.254.169.254'], []])
      expect(await ask(port, { addresses, allowPrivate: false })).toBe('Private');
    expect(await ask(port, { addresses: ['169.254.169.254', '0.0.0.0'] })).toBe('Private');
    expect(connections).toBe(0);
  });

  it('no rebinding: the name is looked up once, and the address that was judged is the one that is used', async () => {
    const port = await serving(() => undefined);
    let asked = 0;
    const resolve = (): Promise<readonly string[]> => Promise.resolve([(asked += 1) === 1 ? '127.0.0.1' : '127.0.0.2']);
    const probe = createProbe({ clock: clock(), resolve });
    expect(
      await probe({ host: 'rebind.invalid', port, tls: false }, { connect: true, allowPrivate: true }, never),
    ).toBe('Answers');
    expect(asked).toBe(1);
  });

  it('of several addresses one that answers is enough', async () => {
    const port = await serving(() => undefined);
    expect(await ask(port, { addresses: ['127.0.0.2', '127.0.0.1'] })).toBe('Answers');
  });

  it('one that leads nowhere does not use up the time of the others', async () => {
    // Whoever says nothing to a TLS handshake keeps us waiting; the other refuses to speak it.
    const over = new AbortController();
    const port = await serving((socket) => {
      if (socket.localAddress !== '127.0.0.1') return;
      socket.once('close', () => over.abort());
      socket.resume().end('RTMP');
    }, '0.0.0.0');
    const addresses = ['127.0.0.2', '127.0.0.1'];
    expect(await ask(port, { addresses, tls: true, deadline: over.signal })).toBe('TlsFailed');
  });

  it.each<[string, Reach]>([
    ['ENOTFOUND', 'DoesNotResolve'],
    ['EAI_AGAIN', 'Unknown'],
    ['ETIMEOUT', 'Unknown'],
  ])('a resolver that says %s: %s', async (code, reach) => {
    const resolve = (): Promise<never> => Promise.reject(Object.assign(new Error(code), { code }));
    const probe = createProbe({ clock: clock(), resolve });
    const endpoint = { host: 'cdn.example.com', port: 1_935, tls: false };
    expect(await probe(endpoint, { connect: true, allowPrivate: false }, never)).toBe(reach);
  });

  it('a resolver that does not answer in time proves nothing', async () => {
    const over = new AbortController();
    const resolve = (): Promise<never> => {
      over.abort();
      return new Promise(() => undefined);
    };
    const probe = createProbe({ clock: clock(over.signal), resolve });
    const endpoint = { host: 'cdn.example.com', port: 1_935, tls: false };
    expect(await probe(endpoint, { connect: true, allowPrivate: false }, never)).toBe('Unknown');
  });

  it.each(['0x7f000001', '2130706433', '127.1', '::1'])(
    'a host as a number is judged by what it means: %s',
    async (host) => {
      const probe = createProbe({ clock: clock() });
      // Not every resolver reads all these forms; none of them leads to a connection.
      expect(['Private', 'DoesNotResolve', 'Unknown']).toContain(
        await probe({ host, port: 1_935, tls: false }, { connect: true, allowPrivate: false }, never),
      );
    },
  );

  it.each(['a\u0000b', 'x'.repeat(300), 'ä..b'])(
    'a host that is none is never thrown at the caller: %j',
    async (host) => {
      const probe = createProbe({ clock: clock(), resolve: () => Promise.resolve(['127.0.0.1']) });
      const endpoint = { host, port: await closedPort(), tls: true };
      expect(['Refused', 'Unknown']).toContain(await probe(endpoint, { connect: true, allowPrivate: true }, never));
      const found = await createProbe({ clock: clock() })(endpoint, { connect: false, allowPrivate: false }, never);
      expect(['DoesNotResolve', 'Unknown']).toContain(found);
    },
  );
});

describe('MP-22 many checks at once', () => {
  const range = { connect: false, allowPrivate: false };
  const at = (host: string) => ({ host, port: 1_935, tls: false });

  it('converters that push to one CDN share its check', async () => {
    let asked = 0;
    const resolve = async (): Promise<readonly string[]> => [`127.0.0.${(asked += 1)}`];
    const probe = createProbe({ clock: clock(), resolve });
    const found = await Promise.all(Array.from({ length: 299 }, () => probe(at('cdn.example.com'), range, never)));
    expect(new Set(found)).toEqual(new Set(['Resolves']));
    expect(asked).toBe(1);
    // What it told is not kept: the next one looks again.
    await probe(at('cdn.example.com'), range, never);
    expect(asked).toBe(2);
  });

  it('names are looked up one after the other, so that Agora’s own does not wait behind those of CDNs', async () => {
    let atOnce = 0;
    let most = 0;
    const resolve = async (): Promise<readonly string[]> => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise((done) => setImmediate(done));
      atOnce -= 1;
      return ['192.0.2.1'];
    };
    const probe = createProbe({ clock: clock(), resolve });
    const found = await Promise.all(
      Array.from({ length: 20 }, (_, index) => probe(at(`cdn${index}.example.com`), range, never)),
    );
    expect(new Set(found)).toEqual(new Set(['Resolves']));
    expect(most).toBe(1);
  });

  it('behind a resolver that does not answer nobody waits longer than the deadline, and more than so many not at all', async () => {
    const over = new AbortController();
    const probe = createProbe({ clock: clock(over.signal), resolve: () => new Promise(() => undefined) });
    const found = Array.from({ length: 64 }, (_, index) => probe(at(`cdn${index}.example.com`), range, never));
    expect(await probe(at('one.too.many'), range, never)).toBe('Unknown');
    over.abort();
    expect(new Set(await Promise.all(found))).toEqual(new Set(['Unknown']));
  });
});
