import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import type { InboundRequest } from '../../src/core/inbound.ts';
import { createIngress, MAX_NOTICE_BYTES } from '../../src/ingress/ingress.ts';
import { SILENT } from '../../src/observability/log.ts';
import { createDice } from '../simulation/dice.ts';
import {
  bytes,
  CONVERTER_ID,
  converterWith,
  hmac,
  PUSH_SECRET,
  project,
  pushNotice,
  RECORDING_SECRET,
  recordingNotice,
  recordingWith,
  SID,
  worldOf,
} from './builders.ts';

const REQUESTS = 100_000;
/** By then every cache is as full as it gets. */
const WARM = 70_000;
const GROWTH_BYTES = 4 * 1_024 * 1_024;

/** 100,000 requests of people who know the addresses, the ids and the shape of everything, and no secret; or no id. */
function generator(seed: string): () => InboundRequest {
  const { next: random } = createDice(seed);
  const below = (count: number): number => Math.floor(random() * count);
  const one = <Value>(values: readonly [Value, ...Value[]]): Value => values[below(values.length)] ?? values[0];
  const text = (longest: number): string =>
    Array.from({ length: below(longest) }, () => String.fromCharCode(below(random() < 0.9 ? 128 : 65_536))).join('');
  const odd = (): unknown =>
    one<() => unknown>([
      () => null,
      () => [],
      () => ({}),
      () => true,
      () => '',
      () => -0,
      () => 2 ** 53,
      () => -1e308,
      () => '1e999',
      () => text(40),
      () => ['__proto__', { toString: 1 }],
      () => ({ constructor: { prototype: 1 }, length: -1 }),
    ])();
  /** A notice of nobody's task, some of its members replaced by anything. */
  const garbled = (value: unknown, depth = 0): unknown => {
    if (random() < 0.08) return odd();
    if (typeof value !== 'object' || value === null || depth > 4) return value;
    const members = Object.entries(value).map(([name, inner]) => [name, garbled(inner, depth + 1)]);
    return Object.fromEntries(random() < 0.1 ? [...members, ['__proto__', odd()], [text(8), odd()]] : members);
  };
  const eventType = (): number => one([1, 2, 3, 4, 11, 12, 33, 70, 71, 72, 73, 100, below(1e6)]);
  const notice = (isOurs: boolean): object => {
    const noticeId = random() < 0.9 ? `${below(1e9)}` : text(30);
    if (random() < 0.5) {
      const sid = isOurs ? SID : `${below(1e9)}`;
      const own = isOurs ? {} : { cname: `${below(1e9)}` };
      return recordingNotice(eventType(), { code: below(9), message: text(20) }, { sid, ...own }, { noticeId });
    }
    return pushNotice(eventType(), { id: isOurs ? CONVERTER_ID : `${below(1e9)}`, state: text(9) }, {}, { noticeId });
  };
  const cut = (body: Uint8Array): Uint8Array => (random() < 0.3 ? body.subarray(0, below(body.length + 1)) : body);
  const noise = (): Uint8Array => {
    const length = random() < 0.01 ? below(MAX_NOTICE_BYTES + 5_000) : below(200);
    return Uint8Array.from({ length }, () => below(256));
  };
  const target = (): string =>
    random() < 0.8
      ? '/notifications/media/live'
      : one([
          '/',
          '',
          '*',
          '/notifications',
          '/notifications/media/nobody',
          `/notifications/${text(9)}/${text(9)}`,
          '/page-watch',
          `/${'a/'.repeat(below(300))}`,
        ]);
  const method = (): string => (random() < 0.9 ? 'POST' : one(['GET', 'PUT', 'OPTIONS', 'CONNECT', 'TRACE', text(6)]));
  const headers = (body: Uint8Array, secret: string): Record<string, string> => ({
    ...(random() < 0.9 ? { 'agora-signature-v2': hmac('sha256', secret, body) } : {}),
    ...(random() < 0.5 ? { 'agora-signature': hmac('sha1', secret, body) } : {}),
    ...(random() < 0.1 ? { 'agora-signature-v2': text(80), ['__proto__']: text(9) } : {}),
  });
  return () => {
    const isSigned = random() < 0.4;
    const body = random() < 0.2 ? noise() : cut(bytes(garbled(notice(!isSigned))));
    const secret = isSigned ? one([RECORDING_SECRET, PUSH_SECRET]) : one(['', 'secret', text(20)]);
    return { method: method(), target: target(), headers: headers(body, secret), body, from: '192.0.2.1' };
  };
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const heapUsed = (): number => {
  collect();
  return process.memoryUsage().heapUsed;
};

it('WR-11 MP-28 100,000 requests with bad signatures, bodies, sizes and methods: no crash, nothing told, memory flat', async () => {
  const world = worldOf([project(), recordingWith({ sid: SID }), converterWith({ converterId: CONVERTER_ID })]);
  const ingress = createIngress({ world, log: SILENT });
  const next = generator('ingress');
  const statuses = new Map<number, number>();
  const send = async (count: number): Promise<void> => {
    for (let sent = 0; sent < count; sent += 1) {
      const { status } = await ingress.handle(next());
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await send(WARM);
  const before = heapUsed();
  await send(REQUESTS - WARM);
  expect(heapUsed() - before).toBeLessThan(GROWTH_BYTES);
  expect(world.told).toEqual([]);
  expect([...statuses.keys()].sort((a, b) => a - b)).toEqual([200, 400, 401, 404, 405, 413]);
  expect(statuses.get(200)).toBeGreaterThan(REQUESTS / 20);
  expect(ingress.stats().journal).toBeLessThanOrEqual(20_000);
}, 120_000);
