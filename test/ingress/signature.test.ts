import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { isSignedWith } from '../../src/ingress/signature.ts';

/** Reference D.2: the vector that was computed with two languages. */
const BODY = Buffer.from(
  '{"eventType":10,"noticeId":"4eb720f0-8da7-11e9-a43e53f411c2761f","notifyMs":1560408533119,"payload":{"a":"1","b":2},"productId":1}',
);
const SHA1 = '92ea60c5249b641f80de046d11e1cb2d15f1d1b2';
const SHA256 = '6ba85d7c1122f6c51143cce7765f06c601c0fbd691987f4510e45b943b2639e8';

type Headers = Readonly<Record<string, string>>;
const v1 = (text: string): Headers => ({ 'agora-signature': text });
const v2 = (text: string): Headers => ({ 'agora-signature-v2': text });

describe('WR-11 MP-28 signature (reference D.2)', () => {
  it.each<[string, Headers, string, boolean]>([
    ['both good', { ...v1(SHA1), ...v2(SHA256) }, 'secret', true],
    ['V2 alone', v2(SHA256), 'secret', true],
    ['V1 alone, from a sender that knows no V2', v1(SHA1), 'secret', true],
    ['V2 good beside a bad V1', { ...v1('0'.repeat(40)), ...v2(SHA256) }, 'secret', true],
    ['V1 good beside a bad V2: V2 alone counts', { ...v1(SHA1), ...v2('0'.repeat(64)) }, 'secret', false],
    ['V1 good beside an empty V2', { ...v1(SHA1), ...v2('') }, 'secret', false],
    ['upper case', v2(SHA256.toUpperCase()), 'secret', true],
    ['space around it', v2(` ${SHA256} `), 'secret', true],
    ['none', {}, 'secret', false],
    ['another secret', v2(SHA256), 'secres', false],
    ['an empty secret', v2(SHA256), '', false],
    ['the digest of V1 as V2', v2(SHA1), 'secret', false],
    ['the digest of V2 as V1', v1(SHA256), 'secret', false],
    ['one digit less', v2(SHA256.slice(1)), 'secret', false],
    ['one digit more', v2(`${SHA256}0`), 'secret', false],
    ['two values of a header that came twice', v2(`${SHA256}, ${SHA256}`), 'secret', false],
    ['no digit in it', v2(`${SHA256.slice(0, 63)}g`), 'secret', false],
    ['a multi-byte character of the same length', v2(`${SHA256.slice(0, 63)}é`), 'secret', false],
  ])('%s', (_, headers, secret, expected) => {
    expect(isSignedWith({ headers, body: BODY }, new Secret(secret))).toBe(expected);
  });

  it('each digit of the signature and each byte of the body counts', () => {
    const good = { headers: v2(SHA256), body: BODY };
    for (let at = 0; at < SHA256.length; at += 1) {
      const changed = SHA256.slice(0, at) + (SHA256[at] === '0' ? '1' : '0') + SHA256.slice(at + 1);
      expect(isSignedWith({ ...good, headers: v2(changed) }, new Secret('secret'))).toBe(false);
    }
    for (let at = 0; at < BODY.length; at += 1) {
      const body = Buffer.from(BODY);
      body[at] = (body[at] ?? 0) ^ 1;
      expect(isSignedWith({ ...good, body }, new Secret('secret'))).toBe(false);
    }
  });
});
