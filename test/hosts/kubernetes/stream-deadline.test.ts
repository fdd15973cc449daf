import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Api, createApi } from '../../../src/hosts/kubernetes/api.ts';
import type { Read } from '../../../src/hosts/kubernetes/flow.ts';
import { ManualClock } from '../manual-clock.ts';
import { accessTo } from './fixture.ts';

describe('the deadline for the headers of a stream', () => {
  let server: Server | undefined;
  let api: Api | undefined;
  let connection: Socket | undefined;

  afterEach(async () => {
    await api?.close();
    await new Promise((done) => (server === undefined ? done(undefined) : server.close(done)));
  });

  const never = new AbortController().signal;

  async function streamOf(answer: string): Promise<{ readonly clock: ManualClock; readonly stream: Promise<unknown> }> {
    const clock = new ManualClock();
    const heard = Promise.withResolvers<void>();
    server = createServer((socket) => {
      connection = socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.write(answer);
        heard.resolve();
      });
    });
    await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    api = createApi({ access: accessTo(`http://127.0.0.1:${port}`), clock, userAgent: 'test' });
    const stream = api.stream('/watched', {}, never);
    // Settled later than it is looked at.
    stream.catch(() => undefined);
    await heard.promise;
    return { clock, stream };
  }

  it.each([
    ['no answer at all', ''],
    ['half of the headers', 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n'],
    ['a refused token whose answer never ends', 'HTTP/1.1 401 Unauthorized\r\ncontent-length: 100\r\n\r\n{'],
    ['a refusal whose words never end', 'HTTP/1.1 500 Oops\r\ncontent-length: 100\r\n\r\n{'],
  ])('ends %s', async (_what, answer) => {
    const { clock, stream } = await streamOf(answer);
    await vi.waitFor(() => expect(clock.sleeping()).toContain(10_000));
    await new Promise((done) => setTimeout(done, 50));
    clock.advance(10_000);
    await expect(stream).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('lets what follows good headers last as long as it does', async () => {
    const { clock, stream } = await streamOf('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
    const read = (await stream) as Read;
    clock.advance(60_000);
    connection?.write('2\r\nab\r\n0\r\n\r\n');
    const parts: Uint8Array[] = [];
    await read((chunk) => {
      parts.push(chunk);
      return undefined;
    });
    expect(Buffer.concat(parts).toString()).toBe('ab');
    expect(clock.sleeping()).toEqual([]);
  });
});
