import { spawnSync } from 'node:child_process';
import { stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { askController } from '../../src/cli/control/client.ts';
import { type ControlError, MAX_REQUEST_BYTES, parseAnswer, parseRequest } from '../../src/cli/control/protocol.ts';
import { type ControlAnswers, serveControl } from '../../src/cli/control/server.ts';
import { inDirectory } from './commands.ts';

const AT = '2026-12-01T09:00:00.000Z';
const ANSWERS: ControlAnswers = {
  get: () => ({ at: AT, resources: [] }),
  explain: () => {
    throw new Error('secret detail');
  },
  support: () => {
    throw new Error('secret detail');
  },
  prune: ({ confirm }) => ({ result: confirm === 'abc' ? 'confirmed' : 'listed', held: [], digest: 'abc' }),
  stats: () => ({ at: AT, pid: 1, passes: 7, waiting: 0, lanes: [], slots: [] }),
  plan: () => ({ at: AT, appIds: [] }),
};
const SIGNAL = new AbortController().signal;

/** A served socket, and what a raw line to it is answered with. */
async function served(work: (path: string, say: (line: string) => Promise<string>) => Promise<void>): Promise<void> {
  await inDirectory(async (directory) => {
    const path = join(directory, 'socket');
    const stop = new AbortController();
    const server = await serveControl(path, ANSWERS, stop.signal);
    try {
      await work(path, (line) => raw(path, line));
    } finally {
      stop.abort();
      await server.closed;
    }
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });
}

const raw = (path: string, line: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(path, () => socket.end(line));
    socket.on('data', (part) => (text += String(part)));
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });

describe('the control socket', () => {
  it('answers one line with one line, for its owner alone', () =>
    served(async (path, say) => {
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect(await say('{"version":1,"ask":"stats"}\n')).toBe(
        `{"version":1,"ok":true,"answer":${JSON.stringify(await ANSWERS.stats({}))}}\n`,
      );
      expect(await askController(path, 'prune', { confirm: 'abc' }, SIGNAL)).toMatchObject({ result: 'confirmed' });
      expect(await askController(path, 'get', { kinds: ['RtmpConverter'] }, SIGNAL)).toEqual({ at: AT, resources: [] });
    }));

  it.each([
    ['no JSON', 'hello', 'bad-request'],
    ['no object', '[]', 'bad-request'],
    ['another version', '{"version":2,"ask":"get"}', 'version'],
    ['an unknown ask', '{"version":1,"ask":"delete"}', 'bad-request'],
    ['an inherited name', '{"version":1,"ask":"constructor"}', 'bad-request'],
    ['no key', '{"version":1,"ask":"explain"}', 'bad-request'],
    ['a key of another form', '{"version":1,"ask":"explain","key":"../../etc"}', 'bad-request'],
    ['kinds that are no list', '{"version":1,"ask":"get","kinds":"all"}', 'bad-request'],
    ['too long', `{"version":1,"ask":"get","name":"${'x'.repeat(MAX_REQUEST_BYTES)}"}`, 'bad-request'],
  ])('refuses what is %s', (_what, line, code) =>
    served(async (_path, say) => {
      expect(JSON.parse(await say(`${line}\n`))).toMatchObject({ version: 1, ok: false, error: { code } });
    }),
  );

  it('tells nothing of a mistake of its own', () =>
    served(async (path, say) => {
      const line = await say('{"version":1,"ask":"explain","key":"RtmpConverter/media/a"}\n');
      expect(line).not.toContain('secret detail');
      await expect(askController(path, 'explain', { key: 'RtmpConverter/media/a' }, SIGNAL)).rejects.toMatchObject({
        code: 'failed',
      } satisfies Partial<ControlError>);
    }));

  it('a request that ends without its line ends the connection', () =>
    served(async (_path, say) => {
      expect(await say('{"version":1')).toBe('');
    }));

  it('nobody there: undefined', () =>
    inDirectory(async (directory) => {
      expect(await askController(join(directory, 'socket'), 'stats', {}, SIGNAL)).toBeUndefined();
    }));

  it('a socket that a killed process left is no answer, and is taken over by the next', () =>
    inDirectory(async (directory) => {
      const path = join(directory, 'socket');
      const script = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
      spawnSync(process.execPath, ['-e', script, path]);
      expect((await stat(path)).isSocket()).toBe(true);
      expect(await askController(path, 'stats', {}, SIGNAL)).toBeUndefined();
      const stop = new AbortController();
      const server = await serveControl(path, ANSWERS, stop.signal);
      expect(await askController(path, 'stats', {}, SIGNAL)).toMatchObject({ passes: 7 });
      stop.abort();
      await server.closed;
    }));

  it('something else in its place is left alone', () =>
    inDirectory(async (directory) => {
      const path = join(directory, 'socket');
      await writeFile(path, 'mine');
      await expect(serveControl(path, ANSWERS, SIGNAL)).rejects.toMatchObject({ name: 'ControlError' });
    }));

  it('a path that is too long says so', () =>
    inDirectory(async (directory) => {
      const path = join(directory, 'x'.repeat(150));
      await expect(serveControl(path, ANSWERS, SIGNAL)).rejects.toMatchObject({ name: 'ControlError' });
      expect(await askController(path, 'stats', {}, SIGNAL)).toBeUndefined();
    }));
});

describe('lines', () => {
  it('an answer of another version or form is an error, never data', () => {
    expect(() => parseAnswer('{"version":2,"ok":true,"answer":{}}')).toThrow('different versions');
    expect(() => parseAnswer('nothing')).toThrow('no JSON');
    expect(() =>
      parseAnswer('{"version":1,"ok":false,"error":{"code":"not-found","message":"there is no a"}}'),
    ).toThrow('there is no a');
  });

  it('a request keeps its fields', () => {
    expect(parseRequest('{"version":1,"ask":"prune","confirm":"abc"}')).toMatchObject({ ask: 'prune', confirm: 'abc' });
  });
});
