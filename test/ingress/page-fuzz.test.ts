import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { hours } from '../../src/core/time.ts';
import { RateLimit } from '../../src/ingress/page-rate.ts';
import { PageTells } from '../../src/ingress/page-tells.ts';
import { pageWatch } from '../../src/ingress/page-watch.ts';
import { mintPageToken, pageTokenHash } from '../../src/kinds/recording/page-token.ts';
import { createDice } from '../simulation/dice.ts';
import { bytes, recordingWith, T0, worldOf } from './builders.ts';

const TOKEN = mintPageToken(new Secret('customer-secret'), {
  namespace: 'media',
  name: 'keynote',
  attempt: 3,
  expiresAt: T0 + hours(5),
}).reveal();
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\u00e4';
const UNLIMITED = { perSecond: 1e9, burst: 1e9 };

function world(): ReturnType<typeof worldOf> {
  const resource = recordingWith({ attempt: 3, pageToken: pageTokenHash(TOKEN) });
  const pageWatchSpec = { readyWithinSeconds: 60, heartbeatSeconds: 15, media: true, tokenIn: 'Query' };
  return worldOf([{ ...resource, spec: { ...(resource.spec as object), pageWatch: pageWatchSpec } }]);
}

/** One to four changes, of which at least one is one. */
function mutated(random: () => number): string {
  const pick = (below: number): number => Math.floor(random() * below);
  let text = TOKEN;
  for (let change = 0; change <= pick(4); change += 1) {
    const at = pick(text.length + 1);
    const character = ALPHABET[pick(ALPHABET.length)] ?? '';
    const kind = pick(5);
    if (kind === 0) text = text.slice(0, at) + text.slice(at + 1 + pick(4));
    else if (kind === 1) text = text.slice(0, at) + character + text.slice(at);
    else if (kind === 2) text = text.slice(0, at) + character + text.slice(at + 1);
    else if (kind === 3) text = text.slice(at) + text.slice(0, at);
    else {
      const [version = '', payload = '', signature = ''] = text.split('.');
      const swapped = [
        `${version}.${signature}.${payload}`,
        `v1.${Buffer.from(`media/keynote/${pick(9)}/${pick(4e9)}`).toString('base64url')}.${signature}`,
        `${version}.${payload}.${Buffer.from(String(random())).toString('base64url').padEnd(43, 'x')}`,
      ];
      text = swapped[pick(3)] ?? '';
    }
  }
  return text;
}

describe('WR-8 100,000 tokens that are almost good', () => {
  it('nothing is told, all are refused alike, and memory stays bounded', async () => {
    const place = world();
    const { handle } = pageWatch({ world: place, rates: { overall: UNLIMITED, refused: UNLIMITED, token: UNLIMITED } });
    const { next: random } = createDice('tokens');
    const answers = new Set<string>();
    let good = 0;
    for (let turn = 0; turn < 100_000; turn += 1) {
      const token = mutated(random);
      const body = bytes({ token, load: 'x', state: 'ready', faults: [] });
      const { status, body: said } = await handle({
        method: 'POST',
        target: '/page-watch',
        headers: {},
        body,
        from: `192.0.2.${turn % 200}`,
      });
      if (token === TOKEN) good += 1;
      else answers.add(`${status} ${said}`);
    }
    expect([...answers]).toEqual(['403 the token names no page that is watched now\n']);
    // A change that happened to change nothing.
    expect(place.told.length).toBeLessThanOrEqual(good);
  });
});

describe('WR-8 memory of senders and tokens is bounded', () => {
  it('of rates, whoever comes', () => {
    const limit = new RateLimit({ perSecond: 1, burst: 2 }, 100);
    for (let sender = 0; sender < 10_000; sender += 1) limit.take(`192.0.2.${sender}`, T0);
    expect(limit.size).toBe(100);
    expect([limit.take('a', T0), limit.take('a', T0), limit.take('a', T0)]).toEqual([undefined, undefined, 1_000]);
    expect(limit.take('a', T0 + 500)).toBe(500);
    expect(limit.take('a', T0 + 1_000)).toBeUndefined();
    // A clock that is set back is no way around it.
    expect(limit.take('a', T0 - hours(1))).toBe(1_000);
  });

  it('of reports that were told', () => {
    const tells = new PageTells(10);
    const report = { source: 'page', attempt: 1, receivedAt: T0, state: 'ready', faults: [], load: 'x' } as const;
    for (let name = 0; name < 1_000; name += 1)
      expect(tells.isNews(`WebPageRecording/media/${name}`, report, 15)).toBe(true);
    expect(tells.isNews('WebPageRecording/media/999', report, 15)).toBe(false);
    expect(tells.isNews('WebPageRecording/media/1', report, 15)).toBe(true);
  });
});
