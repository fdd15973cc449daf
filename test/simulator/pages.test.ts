import { describe, expect, it } from 'vitest';
import type { FaultRule } from '../../src/simulator/fault-rules.ts';
import { tokenOf } from '../../src/simulator/page-script.ts';
import { asks, type Listener, listener, OK } from './listener.ts';

const WATCHED = { web: { url: 'https://stage.example.com/?room=1&agoraPageToken=v1.a.b' } };

/** Reports as `12.3s loading element: #a`, since the recording began. */
const said = (test: Listener): readonly string[] =>
  test.reports().map(({ at, body }) => [`${at / 1_000}s`, body.state, ...body.faults].join(' '));

const loads = (test: Listener): number => new Set(test.reports().map(({ body }) => body.load)).size;

async function watched(faults: readonly FaultRule[] = [], web: Record<string, unknown> = {}) {
  const test = listener();
  test.cloud.addFaults(faults);
  test.answer((request) => (request.target === '/page-watch' ? asks({ elements: ['#a', '#b'], media: true }) : OK));
  const handle = await test.record({ web: { ...WATCHED.web, ...web } });
  return { test, handle };
}

describe('WR-8: the page of a recording reports', () => {
  it.each([
    ['https://a.example/?agoraPageToken=v1.x.y&b=1', 'v1.x.y'],
    ['https://a.example/?b=1#agoraPageToken=v1.x.y', 'v1.x.y'],
    ['https://a.example/#/route?c=1&agoraPageToken=v1.x%2Ey', 'v1.x.y'],
    ['https://a.example/?myagoraPageToken=v1.x.y', undefined],
    ['https://a.example/', undefined],
  ])('token of %s: %s', (url, token) => {
    expect(tokenOf(url)).toBe(token);
  });

  it('loading, ready, and then at each heartbeat that it is asked for', async () => {
    const { test } = await watched();
    await test.clock.pass(32_000);
    expect(said(test)).toEqual(['0.5s loading', '1.5s ready', '16.5s ready', '31.5s ready']);
    expect(test.reports()[0]?.request).toMatchObject({
      method: 'POST',
      target: '/page-watch',
      headers: { 'content-type': 'text/plain;charset=UTF-8' },
    });
    expect(test.reports()[0]?.body).toMatchObject({ token: 'v1.a.b', load: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(loads(test)).toBe(1);
    test.answer(() => asks({ heartbeatSeconds: 5 }));
    await test.clock.pass(26_000);
    expect(said(test).slice(-3)).toEqual(['46.5s ready', '51.5s ready', '56.5s ready']);
    expect(test.cloud.audit().told.reports).toEqual({ sent: 7, answers: { 200: 7 } });
  });

  it('a page without a token, and a cloud without a page watch, say nothing', async () => {
    const test = listener();
    await test.record();
    await test.clock.pass(60_000);
    expect(test.reports()).toEqual([]);
    const unwatched = listener({});
    await unwatched.close();
    await unwatched.record(WATCHED);
    await unwatched.clock.pass(60_000);
    expect(unwatched.heard).toEqual([]);
  });

  it('it ends with its recording', async () => {
    const { test, handle } = await watched();
    await test.clock.pass(20_000);
    await test.stop(handle);
    test.forget();
    await test.clock.pass(60_000);
    expect(test.reports()).toEqual([]);
  });

  it('without an answer it goes on, and is ready only once it knows what for', async () => {
    const { test } = await watched([{ kind: 'ingress-outage', untilAt: Date.parse('2026-03-01T00:00:40Z') }]);
    await test.clock.pass(60_000);
    expect(said(test)).toEqual(['46.5s loading', '46.5s ready']);
    expect(test.cloud.audit().told.reports.answers).toEqual({ none: 4, 200: 2 });
  });
});

describe('WR-9, WR-12: what can be wrong with a page', () => {
  it('loads late: loading, with what is missing, until it is ready', async () => {
    const { test } = await watched([{ kind: 'page-loads-late', seconds: 40 }]);
    await test.clock.pass(56_000);
    expect(said(test)).toEqual([
      '0.5s loading',
      '15.5s loading element: #a element: #b',
      '30.5s loading element: #a element: #b',
      '40s ready',
      '55s ready',
    ]);
  });

  it('never loads: not a word, and with readyTimeout event 71 code 4 after the reload', async () => {
    const { test } = await watched([{ kind: 'page-never-loads' }], { readyTimeout: 20 });
    await test.clock.pass(60_000);
    expect(test.reports()).toEqual([]);
    expect(
      test.notices().map(({ body }) => [body.eventType, body.payload.details.reason ?? body.payload.details.code]),
    ).toEqual([
      [73, 'page_load_timeout'],
      [71, 4],
      [31, undefined],
      [11, undefined],
    ]);
  });

  it.each([404, 503])('answers %s: the recorder leaves with code 5', async (status) => {
    const { test } = await watched([{ kind: 'page-not-found', status }]);
    await test.clock.pass(10_000);
    expect(test.reports()).toEqual([]);
    expect(test.notices()[0]?.body.payload.details).toMatchObject({ code: 5, message: 'access_url_failed' });
  });

  it.each<[FaultRule, string]>([
    [{ kind: 'page-loses-element' }, 'element: #a'],
    [{ kind: 'page-loses-element', element: '#b' }, 'element: #b'],
    [{ kind: 'page-video-freezes' }, 'video: frozen'],
  ])('%j is told at once and at each heartbeat: %s', async (fault, words) => {
    const { test } = await watched();
    await test.clock.pass(20_000);
    test.forget();
    test.cloud.addFaults([fault]);
    await test.clock.pass(16_000);
    expect(said(test)).toEqual([`20s ready ${words}`, `35s ready ${words}`]);
  });

  it('forSeconds: it is well again by itself', async () => {
    const { test } = await watched();
    await test.clock.pass(20_000);
    test.forget();
    test.cloud.addFaults([{ kind: 'page-video-freezes', forSeconds: 7 }]);
    await test.clock.pass(10_000);
    expect(said(test)).toEqual(['20s ready video: frozen', '27s ready']);
  });

  it('what nobody asked to watch is not told', async () => {
    const test = listener();
    await test.record(WATCHED);
    await test.clock.pass(5_000);
    test.cloud.addFaults([{ kind: 'page-video-freezes' }, { kind: 'page-loses-element', element: '#c' }]);
    await test.clock.pass(30_000);
    expect(said(test).every((line) => !line.includes(':'))).toBe(true);
  });

  it('goes silent: Agora reloads it (event 73), and it stays silent', async () => {
    const { test } = await watched();
    await test.clock.pass(20_000);
    test.forget();
    test.cloud.addFaults([{ kind: 'page-goes-silent' }]);
    await test.clock.pass(2_000);
    expect(said(test)).toEqual([
      '20s ready audio: silent',
      '20.5s loading element: #a element: #b audio: silent',
      '21.5s loading audio: silent',
    ]);
    expect(test.notices()[0]?.body.payload.details).toMatchObject({
      msgName: 'web_recorder_reload',
      reason: 'audio_silence',
    });
    expect(loads(test)).toBe(2);
  });

  it('its script stops: silence, although the page is well', async () => {
    const { test, handle } = await watched();
    await test.clock.pass(20_000);
    test.forget();
    test.cloud.addFaults([{ kind: 'page-script-stops', forSeconds: 100 }]);
    await test.clock.pass(120_000);
    expect(said(test)[0]).toBe('120s ready');
    expect((await test.query(handle)).body.serverResponse.status).toBe(5);
  });

  it('is reloaded: another load, loading and ready again', async () => {
    const { test } = await watched();
    await test.clock.pass(20_000);
    const before = test.reports().at(-1)?.body.load;
    test.forget();
    test.cloud.addFaults([{ kind: 'page-reloads' }]);
    await test.clock.pass(5_000);
    expect(said(test)).toEqual(['20.5s loading element: #a element: #b', '21.5s ready']);
    expect(test.reports()[0]?.body.load).not.toBe(before);
  });

  it('is opened anew on another server after a failover, and silent meanwhile', async () => {
    const { test } = await watched();
    await test.clock.pass(20_000);
    test.forget();
    test.cloud.addFaults([{ kind: 'migration', seconds: 60 }]);
    await test.clock.pass(70_000);
    expect(said(test)).toEqual(['80.5s loading element: #a element: #b', '81.5s ready']);
  });

  it('report-lost and an outage of reports alone: pages fall silent, notifications go on', async () => {
    const { test } = await watched();
    await test.clock.pass(20_000);
    test.forget();
    test.cloud.addFaults([
      { kind: 'report-lost', count: 1 },
      { kind: 'ingress-outage', only: 'reports', fromAt: test.clock.now() + 15_000 },
    ]);
    await test.clock.pass(60_000);
    expect(said(test)).toEqual([]);
    expect(test.notices().map(({ body }) => body.eventType)).toContain(33);
  });

  it('one that is refused or slowed down tries again with its next heartbeat', async () => {
    const test = listener();
    let status = 403;
    test.answer(() => ({ ...asks(), status }));
    await test.record(WATCHED);
    await test.clock.pass(10_000);
    status = 429;
    await test.clock.pass(10_000);
    status = 200;
    await test.clock.pass(20_000);
    expect(test.cloud.audit().told.reports.answers).toEqual({ 403: 2, 429: 1, 200: 2 });
    expect(said(test).at(-1)).toBe('31.5s ready');
  });
});
