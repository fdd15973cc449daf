import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redacted, secretsOf } from '../../src/agora/redact.ts';
import { Secret } from '../../src/core/secret.ts';

const credentials = { customerId: new Secret('customer-1'), customerSecret: new Secret('s3cr3t-of-customer') };

const body = {
  cname: 'keynote',
  clientRequest: {
    extensionServices: [
      {
        serviceParam: {
          url: 'https://user:hunter22@stage.example.com/keynote/path-key?token=page%20token&x=1#fragment-key',
        },
      },
      { serviceParam: { outputs: [{ rtmpUrl: 'rtmp://cdn.example/live/stream-key-77' }] } },
    ],
    storageConfig: { bucket: 'talks', accessKey: 'AKIA"quoted', secretKey: 'storage-secret', stsToken: 'sts-token-1' },
  },
};
const secrets = secretsOf(credentials, body);

describe('a message shows no secret of the request that it answers', () => {
  it.each([
    ['the address', 'cannot open rtmp://cdn.example/live/stream-key-77'],
    ['its path', 'no such stream: /live/stream-key-77'],
    ['its last part', 'stream-key-77 is in use'],
    ['a page’s query', 'bad query token=page%20token&x=1'],
    ['a page’s token', 'token page%20token expired'],
    ['a page’s fragment', 'at fragment-key'],
    ['a page’s path', 'GET /keynote/path-key 404'],
    ['a page’s password', 'user hunter22 refused'],
    [
      'a page’s address, percent-encoded',
      encodeURIComponent('https://user:hunter22@stage.example.com/keynote/path-key'),
    ],
    ['a key with a quote in it', 'AKIA"quoted is disabled'],
    ['the same within JSON', JSON.stringify({ key: 'AKIA"quoted' })],
    ['a storage secret', 'signature by storage-secret does not match'],
    ['an STS token', 'sts-token-1 expired'],
    ['the customer’s secret', 's3cr3t-of-customer is wrong for customer-1'],
    ['the header', `authorization: Basic ${Buffer.from('customer-1:s3cr3t-of-customer').toString('base64')}`],
  ])('%s', (_, text) => {
    const shown = redacted(text, secrets);
    for (const canary of [
      '77',
      'page%20',
      'fragment-key',
      'path-key',
      'hunter',
      'AKIA',
      'storage-',
      'sts-',
      's3cr',
      'customer-1',
      'Y3Vz',
    ]) {
      expect(shown).not.toContain(canary);
    }
    expect(shown).toContain('***');
  });

  it.each([
    ['rtmps://other.example/app/key?sign=1 failed', 'rtmps://*** failed'],
    ['Basic dXNlcjpwYXNzd29yZA== is wrong', 'Basic *** is wrong'],
    ['Bearer abcdefgh12345678', 'Bearer ***'],
    ['{"accessKey":"AKIA123","x":1}', '{"accessKey":"***","x":1}'],
    ['secret_key=abc;', 'secret_key=***;'],
    [`page agoraPageToken=v1.bWVkaWEv.${'x'.repeat(43)} failed`, 'page agoraPageToken=*** failed'],
  ])('what looks like a secret is none the less shown as one: %s', (text, shown) =>
    expect(redacted(text, [])).toBe(shown),
  );

  it.each([
    'start: width type mismatch or missing under layoutConfig!',
    'Invalid parameter: rtmpUrl. Replace and retry.',
    'token invalid',
  ])('what a user needs stays: %s', (text) => expect(redacted(text, secrets)).toBe(text));
});

describe('a message is one line of at most 300 characters', () => {
  it.each([
    ['a\nb\tc\u0000d\u001B[31m', 'a b c d [31m'],
    ['  spaces   between  ', 'spaces between'],
    ['x'.repeat(300), 'x'.repeat(300)],
    ['x'.repeat(301), `${'x'.repeat(299)}…`],
  ])('%j', (text, shown) => expect(redacted(text, [])).toBe(shown));

  it('a secret is never cut open by the bound', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 }), (length) => {
        const shown = redacted(`${'x'.repeat(length)} stream-key-77 ${'y'.repeat(400)}`, secrets);
        expect(shown.length).toBeLessThanOrEqual(300);
        expect(shown).not.toMatch(/str/);
      }),
    );
  });

  it('a long text without an end of words takes no long time', () => {
    const startedAt = performance.now();
    redacted('a'.repeat(2 ** 20), secrets);
    redacted('token '.repeat(2 ** 17), secrets);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
