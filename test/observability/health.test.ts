import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { parseBindAddress } from '../../src/observability/bind-address.ts';
import type { CheckResult } from '../../src/observability/checks.ts';
import { type HealthOptions, type HealthServer, startHealthServer } from '../../src/observability/health.ts';

const LOOPBACK = { host: '127.0.0.1', port: 0 };
let server: HealthServer | undefined;
afterEach(async () => server?.close());

const synced: CheckResult = { name: 'synced', ok: true, message: '' };
const leader: CheckResult = { name: 'leader-election', ok: true, message: 'standing by' };
const cut: CheckResult = { name: 'watch', ok: false, message: 'nothing heard for 40 s' };

async function start(options: Partial<HealthOptions>): Promise<HealthServer> {
  server = await startHealthServer({
    health: LOOPBACK,
    metrics: LOOPBACK,
    live: () => [],
    ready: () => [],
    exposition: { contentType: 'text/plain; version=0.0.4', text: async () => 'up 1\n' },
    ...options,
  });
  return server;
}

interface Got {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** One connection a request, so that none holds the server open. */
const get = (port: number | undefined, path: string, method = 'GET'): Promise<Got> =>
  new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          text: Buffer.concat(parts).toString(),
        }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });

describe('/healthz and /readyz', () => {
  it.each([
    ['/readyz', 200, 'ok'],
    ['/readyz/', 200, 'ok'],
    ['/readyz?verbose', 200, '[+]synced ok\n[+]leader-election ok: standing by\nreadyz check passed\n'],
    ['/readyz/synced', 200, 'ok'],
    ['/readyz/synced?verbose=1', 200, '[+]synced ok\nreadyz check passed\n'],
    ['/readyz/other', 404, 'not found\n'],
    ['/readyz/synced/more', 404, 'not found\n'],
    ['/', 404, 'not found\n'],
    ['/metrics', 404, 'not found\n'],
  ])('%s answers %s', async (path, status, text) => {
    const { ports } = await start({ ready: () => [synced, leader] });
    expect(await get(ports.health, path)).toMatchObject({ status, text });
  });

  it('tells what fails without being asked to, and each endpoint has its own checks', async () => {
    const { ports } = await start({ live: () => [synced], ready: () => [synced, cut] });
    expect(await get(ports.health, '/healthz')).toMatchObject({ status: 200, text: 'ok' });
    expect(await get(ports.health, '/readyz')).toMatchObject({
      status: 500,
      text: '[+]synced ok\n[-]watch failed: nothing heard for 40 s\nreadyz check failed\n',
    });
  });

  it('leaves out what is excluded, and warns of what is not there', async () => {
    const { ports } = await start({ ready: () => [synced, cut] });
    expect(await get(ports.health, '/readyz?exclude=watch&exclude=x&verbose')).toMatchObject({
      status: 200,
      text: '[+]synced ok\n[+]watch excluded: ok\nwarn: some health checks cannot be excluded: no such check\nreadyz check passed\n',
    });
  });

  it('asks the checks at each request, and does not repeat what a defective one throws', async () => {
    let results: readonly CheckResult[] | undefined = [synced];
    const { ports } = await start({
      ready: () => {
        if (results === undefined) throw new Error('customerSecret=hunter2');
        return results;
      },
    });
    expect((await get(ports.health, '/readyz')).status).toBe(200);
    results = undefined;
    const { status, text } = await get(ports.health, '/readyz?verbose');
    expect({ status, text }).toEqual({
      status: 500,
      text: '[-]checks failed: the checks themselves failed\nreadyz check failed\n',
    });
  });

  it('refuses to be written to', async () => {
    const { ports } = await start({});
    expect((await get(ports.health, '/healthz', 'POST')).status).toBe(405);
    expect((await get(ports.metrics, '/metrics', 'DELETE')).status).toBe(405);
    expect(await get(ports.health, '/healthz', 'HEAD')).toMatchObject({ status: 200, text: '' });
  });
});

describe('/metrics', () => {
  it('has an address of its own', async () => {
    const { ports } = await start({});
    expect(await get(ports.metrics, '/metrics')).toEqual({
      status: 200,
      type: 'text/plain; version=0.0.4',
      text: 'up 1\n',
    });
    expect((await get(ports.metrics, '/readyz')).status).toBe(404);
  });

  it('answers 500 without the reason when they cannot be read', async () => {
    const text = (): Promise<string> => Promise.reject(new Error('customerSecret=hunter2'));
    const { ports } = await start({ exposition: { contentType: 'text/plain', text } });
    expect(await get(ports.metrics, '/metrics')).toMatchObject({
      status: 500,
      text: 'the metrics could not be read\n',
    });
  });

  it('shares one server with the checks where the addresses are equal', async () => {
    const free = (await start({ metrics: undefined })).ports.health ?? 0;
    await server?.close();
    const address = { host: '127.0.0.1', port: free };
    const { ports } = await start({ health: address, metrics: { ...address } });
    expect(ports).toEqual({ health: free, metrics: free });
    expect((await get(free, '/metrics')).text).toBe('up 1\n');
    expect((await get(free, '/healthz')).text).toBe('ok');
  });

  it('is not served where it is switched off', async () => {
    const { ports } = await start({ metrics: undefined });
    expect(ports).toEqual({ health: expect.any(Number) });
  });
});

describe('the health address', () => {
  it('answers what else it is given, on no other address', async () => {
    const { ports } = await start({
      further: ({ url }, response) => {
        if (url !== '/debug') return false;
        response.end('told');
        return true;
      },
    });
    expect((await get(ports.health, '/debug')).text).toBe('told');
    expect((await get(ports.health, '/other')).status).toBe(404);
    expect((await get(ports.metrics, '/debug')).status).toBe(404);
  });

  it('says so when it is taken, and leaves nothing open', async () => {
    const taken = (await start({})).ports.health ?? 0;
    const again = startHealthServer({
      health: LOOPBACK,
      metrics: { host: '127.0.0.1', port: taken },
      live: () => [],
      ready: () => [],
      exposition: { contentType: '', text: async () => '' },
    });
    await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('parseBindAddress', () => {
  it.each([
    [':8080', { port: 8080 }],
    ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    ['[::1]:65535', { host: '::1', port: 65_535 }],
    ['0', undefined],
  ])('%s', (text, address) => expect(parseBindAddress(text)).toEqual(address));

  it.each(['', '8080', ':', ':65536', '::1:80', 'http://x:80', ':80a'])('%j is refused', (text) =>
    expect(() => parseBindAddress(text)).toThrow(/^cannot listen on .*: write :8080/),
  );
});
