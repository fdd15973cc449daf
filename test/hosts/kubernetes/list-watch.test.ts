import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Api, createApi } from '../../../src/hosts/kubernetes/api.ts';
import type { Access } from '../../../src/hosts/kubernetes/credentials.ts';
import { ListWatch } from '../../../src/hosts/kubernetes/list-watch.ts';
import { createStreamingLists } from '../../../src/hosts/kubernetes/streaming.ts';
import { SILENT } from '../../../src/observability/log.ts';
import { ManualClock } from '../manual-clock.ts';
import { type Asked, type Reply, ScriptedServer } from './scripted-server.ts';

interface Thing {
  readonly name: string;
  readonly version: string;
}

const PATH = '/apis/example.com/v1/things';
const WITHOUT_STREAMS = { major: '1', minor: '20' };
const WITH_STREAMS = { major: '1', minor: '36+' };

/** As it stands in an object. */
const thing = (name: string, version: number): object => ({
  metadata: { namespace: 'media', name, resourceVersion: String(version) },
});
const list = (version: number, things: readonly object[], next = ''): object => ({
  metadata: { resourceVersion: String(version), continue: next },
  items: things,
});
const bookmark = (version: number, annotations?: object): readonly [string, object] => [
  'BOOKMARK',
  { metadata: { resourceVersion: String(version), annotations } },
];
const END = { 'k8s.io/initial-events-end': 'true' };

describe('list-watch', () => {
  let server: ScriptedServer;
  let clock: ManualClock;
  let api: Api;
  let end: AbortController;
  let running: Promise<void>;
  let things: Map<string, string>;
  let calls: string[];
  let tokens: string[];

  beforeEach(async () => {
    server = await ScriptedServer.start();
    clock = new ManualClock();
    end = new AbortController();
    running = Promise.resolve();
    things = new Map();
    calls = [];
    tokens = [];
    const access: Access = {
      server: server.url,
      namespace: 'media',
      async credentials(how) {
        tokens.push(how);
        return { headers: { authorization: `Bearer ${how}` }, tls: NO_TLS };
      },
    };
    api = createApi({ access, clock, userAgent: 'test' });
  });
  afterEach(async () => {
    end.abort();
    await running;
    await api.close();
    await server.stop();
  });

  /** Answers the version, and lists and watches by their turn; what is not said is answered by the last. */
  function script(given: {
    readonly version?: object;
    readonly lists?: readonly ((reply: Reply, asked: Asked) => void)[];
    readonly watches?: readonly ((reply: Reply, asked: Asked) => void)[];
    readonly probe?: (reply: Reply, asked: Asked) => void;
  }): void {
    const {
      version = WITHOUT_STREAMS,
      lists = [],
      watches = [],
      probe = (reply) => reply.bytes(NOTHING).end(),
    } = given;
    server.script = (asked, reply) => {
      if (asked.path === '/version') return reply.json(version);
      if (asked.query['timeoutSeconds'] === '1') return probe(reply, asked);
      const isWatch = asked.query['watch'] !== undefined;
      const turns = isWatch ? watches : lists;
      const turn = (isWatch ? server.watches() : server.lists()).length;
      const answer = turns[Math.min(turn, turns.length) - 1];
      if (answer === undefined) reply.bytes(NOTHING);
      else answer(reply, asked);
    };
  }

  function start(forbidden?: () => 'end' | 'retry'): ListWatch<Thing> {
    const watch = new ListWatch<Thing>({
      api,
      path: PATH,
      clock,
      random: () => 0,
      log: SILENT,
      streaming: createStreamingLists(api),
      ...(forbidden === undefined ? {} : { forbidden }),
      collection: {
        read(object) {
          const { metadata } = object as { metadata: { name: string; resourceVersion: string } };
          return { name: metadata.name, version: metadata.resourceVersion };
        },
        replace(all, version) {
          calls.push(`replace ${version}: ${all.map(({ name }) => name).join(' ')}`);
          things = new Map(all.map(({ name, version: own }) => [name, own]));
        },
        changed({ name, version }) {
          calls.push(`changed ${name}`);
          if (name === 'bad') throw new Error('cannot be handled');
          things.set(name, version);
        },
        removed({ name }) {
          calls.push(`removed ${name}`);
          things.delete(name);
        },
      },
    });
    running = watch.run(end.signal);
    return watch;
  }

  const eventually = <Value>(check: () => Value): Promise<Value> => vi.waitFor(check, { timeout: 5_000, interval: 2 });
  /** Waits until somebody sleeps for exactly so long, then lets it pass. */
  async function pass(ms: number): Promise<void> {
    await eventually(() => expect(clock.sleeping()).toContain(ms));
    clock.advance(ms);
  }

  it('reads a list page by page, takes it over at once, and watches from its version', async () => {
    script({
      lists: [
        (reply) => reply.json(list(7, [thing('a', 1), thing('b', 2)], 'more')),
        (reply) => reply.json(list(7, [thing('c', 3)], 'yet more')),
        (reply) => reply.json(list(7, [thing('d', 4)])),
      ],
      watches: [(reply) => reply.frames(['ADDED', thing('e', 8)], ['DELETED', thing('a', 9)])],
    });
    const watch = start();
    await eventually(() => expect(calls).toEqual(['replace 7: a b c d', 'changed e', 'removed a']));
    expect(server.lists().map(({ query }) => query)).toEqual([
      { limit: '500' },
      { limit: '500', continue: 'more' },
      { limit: '500', continue: 'yet more' },
    ]);
    expect(server.watches().map(({ query }) => query)).toEqual([
      { watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds: '240', resourceVersion: '7' },
    ]);
    expect(watch.synced).toBe(true);
  });

  it('lists anew when its pages expire under it', async () => {
    script({
      lists: [
        (reply) => reply.json(list(7, [thing('a', 1)], 'more')),
        (reply) => reply.fail(410, 'Expired'),
        (reply) => reply.json(list(9, [thing('b', 8)])),
      ],
    });
    start();
    await pass(400);
    await eventually(() => expect(calls).toEqual(['replace 9: b']));
    expect(server.lists()[2]?.query).toEqual({ limit: '500' });
  });

  it('streams the first list where the server offers it, and takes it over when it is complete', async () => {
    let stream: Reply | undefined;
    script({ version: WITH_STREAMS, watches: [(reply) => (stream = reply.frames(['ADDED', thing('a', 1)]))] });
    const watch = start();
    await eventually(() => expect(stream).toBeDefined());
    stream?.frames(['ADDED', thing('b', 2)], ['MODIFIED', thing('a', 3)], ['DELETED', thing('b', 4)]);
    expect([calls, watch.synced]).toEqual([[], false]);
    stream?.frames(bookmark(5, END), ['ADDED', thing('c', 6)]);
    await eventually(() => expect(calls).toEqual(['replace 5: a', 'changed c']));
    expect(things).toEqual(
      new Map([
        ['a', '3'],
        ['c', '6'],
      ]),
    );
    expect(server.lists()).toEqual([]);
    expect(server.watches()[0]?.query).toMatchObject({
      sendInitialEvents: 'true',
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: 'true',
    });
  });

  it.each([400, 422])('lists in pages at once where a streamed list is refused with %i', async (status) => {
    script({
      version: WITH_STREAMS,
      lists: [(reply) => reply.json(list(7, [thing('a', 1)]))],
      watches: [(reply) => reply.fail(status, 'Invalid'), (reply) => reply.bytes(NOTHING)],
    });
    start();
    await eventually(() => expect(server.watches()[1]?.query['resourceVersion']).toBe('7'));
    expect(calls).toEqual(['replace 7: a']);
  });

  it('lists in pages where a streamed list never ends', async () => {
    script({
      version: WITH_STREAMS,
      lists: [(reply) => reply.json(list(7, [thing('a', 1)]))],
      watches: [(reply) => reply.frames(['ADDED', thing('a', 1)]), (reply) => reply.bytes(NOTHING)],
    });
    start();
    await pass(12_000);
    await eventually(() => expect(calls).toEqual(['replace 7: a']));
  });

  it('resumes from a bookmark when the server ends the watch', async () => {
    let first: Reply | undefined;
    script({
      lists: [(reply) => reply.json(list(7, []))],
      watches: [(reply) => (first = reply.frames(bookmark(50))), (reply) => reply.frames(['ADDED', thing('a', 51)])],
    });
    start();
    await eventually(() => expect(first).toBeDefined());
    clock.advance(5_000);
    first?.end();
    await eventually(() => expect(calls).toEqual(['replace 7: ', 'changed a']));
    expect(server.watches().map(({ query }) => query['resourceVersion'])).toEqual(['7', '50']);
    expect(server.lists()).toHaveLength(1);
  });

  it('does not spin where each watch ends at once', async () => {
    script({ lists: [(reply) => reply.json(list(7, []))], watches: [(reply) => reply.bytes(NOTHING).end()] });
    start();
    for (const ms of [100, 200, 400, 750]) await pass(ms);
    await eventually(() => expect(server.watches()).toHaveLength(5));
    expect(server.lists()).toHaveLength(1);
  });

  it.each([
    ['the status', (reply: Reply) => reply.fail(410, 'Expired')],
    ['a frame', (reply: Reply) => void reply.frames(['ERROR', { kind: 'Status', code: 410, reason: 'Expired' }])],
  ])('lists anew after 410 in %s; what is kept stays until then, and what vanished is gone', async (_, expire) => {
    let second: Reply | undefined;
    script({
      lists: [(reply) => reply.json(list(7, [thing('a', 1), thing('b', 2)])), (reply) => (second = reply)],
      watches: [expire, (reply) => reply.bytes(NOTHING)],
    });
    start();
    await pass(400);
    await eventually(() => expect(second).toBeDefined());
    expect([...things.keys()]).toEqual(['a', 'b']);
    second?.json(list(70, [thing('b', 2), thing('c', 60)]));
    await eventually(() => expect(server.watches()[1]?.query['resourceVersion']).toBe('70'));
    expect([...things.keys()]).toEqual(['b', 'c']);
  });

  it('waits longer for each 410 in a row', async () => {
    script({ lists: [(reply) => reply.json(list(7, []))], watches: [(reply) => reply.fail(410, 'Expired')] });
    start();
    for (const ms of [400, 800, 1_600, 3_200, 6_400, 12_800, 15_000, 15_000]) await pass(ms);
    await eventually(() => expect(server.lists()).toHaveLength(9));
  });

  it('resumes from the last version after another ERROR frame', async () => {
    script({
      lists: [(reply) => reply.json(list(7, []))],
      watches: [
        (reply) => reply.frames(['ADDED', thing('a', 8)], ['ERROR', { kind: 'Status', code: 500, message: 'etcd' }]),
        (reply) => reply.frames(['ADDED', thing('b', 9)]),
      ],
    });
    start();
    await pass(200);
    await eventually(() => expect(calls).toEqual(['replace 7: ', 'changed a', 'changed b']));
    expect(server.watches()[1]?.query['resourceVersion']).toBe('8');
    expect(server.lists()).toHaveLength(1);
  });

  it('begins with a list again where resuming fails on and on', async () => {
    script({ lists: [(reply) => reply.json(list(7, []))], watches: [(reply) => reply.bytes(Buffer.from('<html>\n'))] });
    start();
    for (const ms of [100, 200, 400, 750, 750, 750]) await pass(ms);
    await eventually(() => expect(server.lists()).toHaveLength(2));
  });

  it('resumes after a cut in the middle of a frame, and handles it once', async () => {
    const frame = Buffer.from(`${JSON.stringify({ type: 'ADDED', object: thing('b', 9) })}\n`);
    let first: Reply | undefined;
    script({
      lists: [(reply) => reply.json(list(7, []))],
      watches: [
        (reply) => (first = reply.frames(['ADDED', thing('a', 8)]).bytes(frame.subarray(0, 30))),
        (reply) => reply.bytes(frame),
      ],
    });
    start();
    await eventually(() => expect(calls).toContain('changed a'));
    first?.cut();
    await pass(100);
    await eventually(() => expect(calls).toEqual(['replace 7: ', 'changed a', 'changed b']));
    expect(server.watches()[1]?.query['resourceVersion']).toBe('8');
  });

  it('keeps characters whole that arrive in two parts, and frames that arrive together apart', async () => {
    const bytes = Buffer.from(
      ['Bühne', '舞台', '🎥'].map((name) => `${JSON.stringify({ type: 'ADDED', object: thing(name, 9) })}\n`).join(''),
    );
    let stream: Reply | undefined;
    script({ lists: [(reply) => reply.json(list(7, []))], watches: [(reply) => (stream = reply.bytes(NOTHING))] });
    start();
    await eventually(() => expect(stream).toBeDefined());
    for (const byte of bytes) {
      stream?.bytes(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually(() => expect([...things.keys()]).toEqual(['Bühne', '舞台', '🎥']));
  });

  it('lists anew where a frame never ends', async () => {
    script({
      lists: [(reply) => reply.json(list(7, []))],
      watches: [(reply) => reply.bytes(Buffer.alloc(9 * 2 ** 20, 'x')), (reply) => reply.bytes(NOTHING)],
    });
    start();
    await pass(100);
    await eventually(() => expect(server.lists()).toHaveLength(2));
  });

  describe('a watch that is cut without a word', () => {
    async function silent(probe: (reply: Reply, asked: Asked) => void): Promise<ListWatch<Thing>> {
      script({
        lists: [(reply) => reply.json(list(7, []))],
        watches: [(reply) => reply.bytes(NOTHING), (reply) => reply.frames(['ADDED', thing('a', 8)])],
        probe,
      });
      const watch = start();
      await pass(12_000);
      await eventually(() => expect(server.probes()).toHaveLength(1));
      return watch;
    }

    it('is replaced when a second one shows what it did not', async () => {
      const watch = await silent((reply) => reply.frames(['ADDED', thing('a', 8)]));
      expect(server.probes()[0]?.query['resourceVersion']).toBe('7');
      await pass(2_000);
      await eventually(() => expect(calls).toEqual(['replace 7: ', 'changed a']));
      expect(server.watches()[1]?.query['resourceVersion']).toBe('7');
      expect(server.lists()).toHaveLength(1);
      expect(watch.counts.cuts).toBe(1);
    });

    it('is kept when a second one shows nothing, and asked about again', async () => {
      const watch = await silent((reply) => reply.bytes(NOTHING).end());
      await pass(12_000);
      await eventually(() => expect(server.probes()).toHaveLength(2));
      expect(server.watches()).toHaveLength(1);
      await eventually(() => expect(watch.health()).toEqual({ ok: true, message: 'up to date' }));
    });

    it('is replaced when its versions are known no more', async () => {
      await silent((reply) => reply.frames(['ERROR', { kind: 'Status', code: 410, reason: 'Expired' }]));
      await eventually(() => expect(server.watches()).toHaveLength(2));
    });

    it('is replaced within 30 s when nothing gets through at all', async () => {
      const began = clock.now();
      await silent(() => undefined);
      await pass(4_000);
      await pass(1_000);
      await eventually(() => expect(server.probes()).toHaveLength(2));
      await pass(4_000);
      await eventually(() => expect(server.watches()).toHaveLength(2));
      expect(clock.now() - began).toBeLessThan(30_000);
    });
  });

  it('waits as long as 429 asks, for a list and for a watch', async () => {
    script({
      lists: [
        (reply) => reply.fail(429, 'TooManyRequests', { 'retry-after': '3' }),
        (reply) => reply.json(list(7, [])),
      ],
      watches: [(reply) => reply.fail(429, 'TooManyRequests', { 'retry-after': '7' }), (reply) => reply.bytes(NOTHING)],
    });
    start();
    await pass(3_000);
    await pass(7_000);
    await eventually(() => expect(server.watches()).toHaveLength(2));
    expect(server.lists()).toHaveLength(2);
  });

  it('reads its token anew after 401, once a request', async () => {
    script({
      lists: [(reply) => reply.fail(401, 'Unauthorized'), (reply) => reply.json(list(7, []))],
    });
    start();
    await eventually(() => expect(server.watches()).toHaveLength(1));
    expect(server.lists().map(({ authorization }) => authorization)).toEqual(['Bearer cached', 'Bearer renewed']);
    expect(tokens.filter((how) => how === 'renewed')).toHaveLength(1);
  });

  it('goes on after what one handler throws', async () => {
    script({
      lists: [(reply) => reply.json(list(7, []))],
      watches: [(reply) => reply.frames(['ADDED', thing('bad', 8)], ['ADDED', thing('good', 9)])],
    });
    const watch = start();
    await eventually(() => expect(calls).toEqual(['replace 7: ', 'changed bad', 'changed good']));
    expect(watch.counts.handlerErrors).toBe(1);
  });

  it('says what is not so: not listed, silent, up to date again; and forgets nothing while the server is away', async () => {
    const port = Number(new URL(server.url).port);
    script({
      lists: [(reply) => reply.fail(403, 'Forbidden'), (reply) => reply.json(list(7, [thing('a', 1)]))],
    });
    const watch = start();
    await eventually(() =>
      expect(watch.health()).toEqual({ ok: false, message: `not listed yet: GET ${PATH}: 403 Forbidden` }),
    );
    await pass(200);
    await eventually(() => expect(server.watches()).toHaveLength(1));
    expect(watch.health().ok).toBe(true);
    await server.stop();
    for (const ms of [100, 200, 400, 750, 750]) await pass(ms);
    clock.advance(45_000);
    await eventually(() => expect(watch.health().message).toContain('nothing heard for'));
    expect([...things.keys()]).toEqual(['a']);
    await server.restart(port);
    await eventually(() => {
      clock.advance(750);
      expect(server.watches()[1]?.query['resourceVersion']).toBe('7');
    });
    await eventually(() => expect(watch.health().ok).toBe(true));
    expect(server.lists()).toHaveLength(2);
  });

  it('ends where the first list is forbidden and nobody wants it tried again', async () => {
    script({ lists: [(reply) => reply.fail(403, 'Forbidden')] });
    start(() => 'end');
    await running;
    expect(server.lists()).toHaveLength(1);
  });
});

const NOTHING = Buffer.alloc(0);
const NO_TLS = {};
