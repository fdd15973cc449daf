import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DomainSettings } from '../../src/agora/domains.ts';
import { Secret } from '../../src/core/secret.ts';
import { createDial } from '../../src/doctor/gather/dial.ts';
import { placesOf, workingUrl } from '../../src/doctor/gather/domains.ts';
import { skewOf } from '../../src/doctor/gather/probe.ts';
import {
  converterSecrets,
  projectSecrets,
  recordingSecrets,
  type SecretLookup,
} from '../../src/doctor/gather/secrets.ts';
import { createTurns } from '../../src/doctor/gather/turns.ts';
import { realClock } from '../../src/engine/clock.ts';
import { NOW } from '../plan/builders.ts';
import { ManualClock } from '../simulator/manual-clock.ts';
import { answered, converter, project, recording } from './builders.ts';

describe('MP-27 clock skew from a Date header, which counts whole seconds', () => {
  const date = 'Tue, 01 Dec 2026 09:00:00 GMT';
  const at = Date.parse(date);
  it.each([
    ['sent and answered within that second', 100, 300, 0],
    ['at its last millisecond', 999, 999, 0],
    ['a millisecond after it', 1_000, 1_050, -1],
    ['answered as it began', -300, 0, 0],
    ['answered before it began', -300, -1, 1],
    ['a minute behind', -60_000, -59_900, 59_900],
    ['a minute ahead', 60_999, 61_100, -60_000],
  ])('%s', (_what, sent, received, skewMs) => {
    expect(skewOf(date, { sentAt: at + sent, receivedAt: at + received })).toBe(skewMs);
  });
  it.each([undefined, 'yesterday'])('%s tells nothing', (header) => {
    expect(skewOf(header, { sentAt: at, receivedAt: at })).toBeUndefined();
  });
});

describe('MP-27 domains: the places of the ladder', () => {
  const hosts = (settings: DomainSettings) => placesOf(settings, undefined).map(({ role, host }) => `${role} ${host}`);
  it('of a project that says nothing', () => {
    expect(hosts({ location: 'Global' })).toEqual(['primary api.agora.io', 'alternate api.sd-rtn.com']);
  });
  it('in mainland China, with a home', () => {
    expect(hosts({ location: 'MainlandChina', homeRegion: 'cn-north-1' })).toEqual([
      'primary api.sd-rtn.com',
      'alternate api.agora.io',
      'adjacent api-cn-east-1.sd-rtn.com',
      'adjacent api-cn-east-1.agora.io',
    ]);
  });
  it('narrowed (MP-13)', () => {
    expect(hosts({ location: 'Global', homeRegion: 'eu-west-1', adjacentDomains: ['us-east-1'] })).toHaveLength(2);
  });
  it('an endpoint stands for all', () => {
    expect(placesOf({ location: 'Global' }, 'http://127.0.0.1:8080/base')).toEqual([
      { role: 'endpoint', host: '127.0.0.1:8080', url: 'http://127.0.0.1:8080/base' },
    ]);
  });
  it('calls go to the first that works', () => {
    const places = placesOf({ location: 'Global' }, undefined);
    const facts = places.map(({ role, host }, index) => ({
      role,
      host,
      probe: index === 0 ? ({ outcome: 'failed', step: 'dns', code: 'ENOTFOUND' } as const) : answered(),
    }));
    expect(workingUrl(places, facts)).toBe('https://api.sd-rtn.com');
    expect(workingUrl(places, [])).toBeUndefined();
  });
});

describe('MP-27 secrets: what is looked up, and what is wrong with a value', () => {
  const holding =
    (values: Readonly<Record<string, string>>): SecretLookup =>
    (_namespace, name, key) => {
      const value = values[`${name}/${key}`];
      return value === undefined ? undefined : new Secret(value);
    };
  const brief = (facts: ReturnType<typeof projectSecrets>) =>
    facts.map(
      ({ name, key, state, fault }) =>
        `${name}/${key} ${state}${fault === undefined ? '' : ` ${fault.severity}: ${fault.text}`}`,
    );

  it('of a project', () => {
    const of = project({ notifications: { recordingSecretRef: { name: 'n' } } });
    const values = { 'agora/customerId': ' id', 'n/recordingNotificationSecret': '' };
    expect(brief(projectSecrets(of, holding(values)))).toEqual([
      'agora/customerId there fail: begins or ends in white space or a line break',
      'agora/customerSecret absent',
      'n/recordingNotificationSecret there fail: is empty',
    ]);
  });

  it.each([
    ['1', 'fail: is over: the temporary credentials have expired'],
    [String(NOW / 1_000), 'fail: is over: the temporary credentials have expired'],
    [String(NOW / 1_000 + 1), 'warn: is less than 4 h ahead, and Agora asks for as much'],
    [String(NOW / 1_000 + 4 * 3_600 - 1), 'warn: is less than 4 h ahead, and Agora asks for as much'],
    [String(NOW / 1_000 + 4 * 3_600), undefined],
    ['tomorrow', 'fail: is no time in Unix seconds'],
  ])('temporary credentials until %s', (text, fault) => {
    const values = { 's3/accessKey': 'a', 's3/secretKey': 'b', 's3/stsExpiration': text };
    expect(brief(recordingSecrets(recording(), holding(values), NOW))).toEqual([
      's3/accessKey there',
      's3/secretKey there',
      `s3/stsExpiration there${fault === undefined ? '' : ` ${fault}`}`,
    ]);
  });

  const from = (key: string) => ({ secretKeyRef: { name: 'cdn', key } });
  it('of addresses', () => {
    const { url: _, ...spec } = recording().spec;
    const of = { ...recording(), spec: { ...spec, urlFrom: from('page'), publish: { rtmpUrlFrom: from('push') } } };
    const values = { 'cdn/page': 'stage.example.com', 'cdn/push': 'https://live.example.com/app' };
    expect(brief(recordingSecrets(of, holding(values), NOW)).slice(0, 2)).toEqual([
      'cdn/page there fail: is no address of a page (https://…)',
      'cdn/push there fail: is not of the form rtmp://host/path or rtmps://host/path',
    ]);
    const outputs = [{ rtmpUrlFrom: from('a') }, { rtmpUrlFrom: from('b') }];
    const redundant = converter('a', { redundancy: { mode: 'Parallel', isolation: true, outputs } as never });
    expect(converterSecrets(redundant, () => 'unreadable').map(({ field, state }) => `${field} ${state}`)).toEqual([
      'spec.redundancy.outputs[0].rtmpUrlFrom unreadable',
      'spec.redundancy.outputs[1].rtmpUrlFrom unreadable',
    ]);
  });
});

describe('MP-27 each probe ends, and all of them together', () => {
  it('few at once, each with its own deadline', async () => {
    const clock = new ManualClock();
    const turns = createTurns(clock, new AbortController().signal);
    let running = 0;
    let most = 0;
    const hang = (signal: AbortSignal): Promise<string> => {
      running += 1;
      most = Math.max(most, running);
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          running -= 1;
          resolve('ended');
        });
      });
    };
    const began = clock.now();
    const all = Promise.all(Array.from({ length: 8 }, () => turns.take(hang)));
    expect(await clock.run(all)).toEqual(Array.from({ length: 8 }, () => 'ended'));
    expect({ most, ms: clock.now() - began, outOfTime: turns.outOfTime }).toEqual({
      most: 4,
      ms: 10_000,
      outOfTime: false,
    });
  });

  it('when the whole time is over nothing more begins, and that is known', async () => {
    const over = new AbortController();
    const turns = createTurns(new ManualClock(), over.signal);
    over.abort();
    expect(await turns.take(async () => 'done')).toBeUndefined();
    expect(turns.outOfTime).toBe(true);
  });
});

describe('MP-27 one request tells how far it came', () => {
  const dial = createDial(realClock());
  const never = new AbortController().signal;
  const serve = async (listener: RequestListener): Promise<string> => {
    const server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  it('an answer, whatever its status, with its times', async () => {
    let seen = '';
    const host = await serve((request, response) => {
      request.on('data', (part) => (seen += String(part)));
      request.on('end', () => response.writeHead(404, { 'X-Which': 'this' }).end('body'));
    });
    const dialled = await dial({ method: 'POST', url: `http://${host}/a?b=c`, body: 'sent' }, never);
    expect(dialled).toMatchObject({
      ok: true,
      status: 404,
      headers: { 'x-which': 'this' },
      connectMs: expect.any(Number),
    });
    // An address needs no lookup, plain HTTP no TLS.
    expect(dialled).not.toHaveProperty('dnsMs');
    expect(dialled).not.toHaveProperty('tlsMs');
    expect(seen).toBe('sent');
  });

  it('nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    expect(await dial({ method: 'GET', url: `https://127.0.0.1:${port}` }, never)).toEqual({
      ok: false,
      step: 'connect',
      code: 'ECONNREFUSED',
    });
  });

  it('who listens speaks no TLS', async () => {
    const host = await serve((_request, response) => response.end());
    expect(await dial({ method: 'GET', url: `https://${host}` }, never)).toMatchObject({ ok: false, step: 'tls' });
  });

  it('who listens does not answer', async () => {
    const end = new AbortController();
    const host = await serve(() => end.abort());
    expect(await dial({ method: 'GET', url: `http://${host}` }, end.signal)).toEqual({
      ok: false,
      step: 'http',
      code: 'ETIMEDOUT',
    });
  });
});
