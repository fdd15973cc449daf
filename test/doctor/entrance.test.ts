import { describe, expect, it } from 'vitest';
import { CERTIFICATE_MS } from '../../src/doctor/checks/public-url.ts';
import type { IngressFacts, PageFacts, Said } from '../../src/doctor/facts.ts';
import { NOW } from '../plan/builders.ts';
import { answered, converter, factsOf, findingsOf, project, recording, said, verdicts } from './builders.ts';

const URL_ = 'https://hooks.example.com/notifications/media/live';
const notifying = project({ notifications: { recordingSecretRef: { name: 'n' }, mediaPushSecretRef: { name: 'n' } } });
const ingress = (given: Partial<IngressFacts> = {}): IngressFacts => ({
  url: URL_,
  probe: answered(),
  notices: [],
  ...given,
});
const notice = (signed: Said, forged: Said): IngressFacts =>
  ingress({ notices: [{ service: 'recording', signed, forged }] });
const recordings = [recording()];

describe('MP-27 notifications', () => {
  it('each service in use wants a secret', () => {
    const facts = factsOf({ recordings, converters: [converter()] });
    expect(said('notifications', facts)).toEqual([
      'warn: notices of Cloud Recording are not taken: spec.notifications.recordingSecretRef is not declared',
      'warn: notices of Media Push are not taken: spec.notifications.mediaPushSecretRef is not declared',
    ]);
  });
  it('nobody listens, by the project’s condition', () => {
    const status = { conditions: [{ type: 'NotificationsReady', status: 'False', reason: 'NotListening' }] };
    const facts = factsOf({ recordings, project: { ...notifying, status: status as never } });
    expect(said('notifications', facts)).toEqual(['fail: notices of Cloud Recording are listened for by nobody']);
  });
  it('without a public URL nothing is tried', () => {
    expect(verdicts('notifications', factsOf({ recordings, project: notifying }))).toBe('skip');
  });
  it.each([
    ['a signed one is taken, a forged one refused', { status: 200 }, { status: 401 }, 'pass'],
    ['refused with 403', { status: 200 }, { status: 403 }, 'pass'],
    ['a forged one is taken', { status: 200 }, { status: 200 }, 'pass fail'],
    ['a forged one meets something else', { status: 200 }, { status: 500 }, 'pass warn'],
    ['a signed one is refused', { status: 401 }, { status: 401 }, 'fail pass'],
    ['nothing is at the address', { status: 404 }, { status: 404 }, 'fail warn'],
    ['no replica takes it', { status: 503 }, { status: 503 }, 'fail warn'],
    ['no answer', { code: 'ETIMEDOUT' }, { code: 'ETIMEDOUT' }, 'fail warn'],
    ['a redirect is no acknowledgement', { status: 301 }, { status: 301 }, 'fail warn'],
  ] as const)('%s', (_what, signed, forged, verdict) => {
    expect(
      verdicts('notifications', factsOf({ recordings, project: notifying, ingress: notice(signed, forged) })),
    ).toBe(verdict);
  });
  it('a URL that cannot be reached is said once', () => {
    const facts = factsOf({
      recordings,
      project: notifying,
      ingress: ingress({ probe: { outcome: 'failed', step: 'dns', code: 'ENOTFOUND' } }),
    });
    expect(said('notifications', facts)).toEqual([]);
    expect(said('public-url', facts)).toEqual([`fail: ${URL_}: its name does not resolve (ENOTFOUND)`]);
  });
});

describe('MP-27 public URL', () => {
  it.each([
    ['https', URL_, 'pass'],
    ['plain http', URL_.replace('https', 'http'), 'fail'],
    ['plain http to this machine', 'http://127.0.0.1:8082/notifications/media/live', 'warn'],
  ])('over %s', (_what, url, verdict) => {
    expect(verdicts('public-url', factsOf({ ingress: ingress({ url }) }))).toBe(verdict);
  });
  it.each([
    [CERTIFICATE_MS, 'pass'],
    [CERTIFICATE_MS - 1, 'warn'],
  ])('a certificate that ends in %i ms: %s', (left, verdict) => {
    const probe = answered({ certificateEndsAt: NOW + left });
    expect(verdicts('public-url', factsOf({ ingress: ingress({ probe }) }))).toBe(verdict);
  });
  it('a certificate that is not valid', () => {
    const probe = { outcome: 'failed', step: 'tls', code: 'CERT_HAS_EXPIRED' } as const;
    const [finding] = findingsOf('public-url', factsOf({ ingress: ingress({ probe }) }));
    expect(finding).toMatchObject({ verdict: 'fail', action: expect.stringContaining('certificate') });
  });
});

describe('MP-27 page watch', () => {
  const watched = [
    recording('keynote', {
      pageWatch: { readyWithinSeconds: 60, heartbeatSeconds: 15, media: true, tokenIn: 'Query' },
    }),
  ];
  const good: PageFacts = {
    script: { status: 200, type: 'text/javascript; charset=utf-8' },
    preflight: { status: 204, allowOrigin: '*' },
    forged: { status: 403 },
  };
  const judged = (pages: Partial<PageFacts>) =>
    verdicts('page-watch', factsOf({ recordings: watched, ingress: ingress({ pages: { ...good, ...pages } }) }));

  it.each<[string, Partial<PageFacts>, string]>([
    ['all gets through', {}, 'pass'],
    ['no script', { script: { status: 404 } }, 'fail'],
    ['a page instead of the script', { script: { status: 200, type: 'text/html' } }, 'fail'],
    ['a preflight without leave', { preflight: { status: 204 } }, 'fail'],
    ['a preflight that is refused', { preflight: { status: 405, allowOrigin: '*' } }, 'fail'],
    ['a forged token that is taken', { forged: { status: 200 } }, 'fail'],
    ['no answer', { forged: { code: 'ECONNRESET' } }, 'fail'],
  ])('%s', (_what, pages, verdict) => {
    expect(judged(pages)).toBe(verdict);
  });
  it('without a public URL nothing is tried', () => {
    expect(said('page-watch', factsOf({ recordings: watched }))).toEqual([
      'skip: whether the page of recording keynote can report was not tried',
    ]);
  });
  it.each([
    ['NotListening', 'fail'],
    ['PagesSilent', 'fail pass'],
    ['PagesHeard', 'pass'],
  ])('the project’s condition says %s: %s', (why, verdict) => {
    const status = { conditions: [{ type: 'PagesReporting', status: 'False', reason: why }] };
    const facts = factsOf({
      recordings: watched,
      project: { ...project(), status: status as never },
      ingress: ingress({ pages: good }),
    });
    expect(verdicts('page-watch', facts)).toBe(verdict);
  });
  it('where no page is watched there is nothing to say', () => {
    expect(said('page-watch', factsOf({ recordings, ingress: ingress() }))).toEqual([]);
  });
});
