import { appendFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Key } from '../../src/core/resource.ts';
import { realClock } from '../../src/engine/clock.ts';
import { createIngress, type Ingress } from '../../src/ingress/ingress.ts';
import type { JournalEntry } from '../../src/ingress/journal.ts';
import { type JournalFile, journalPaths, openJournal } from '../../src/ingress/journal-file.ts';
import { SILENT } from '../../src/observability/log.ts';
import { type FakeWorld, post, project, recordingNotice, recordingWith, SID, T0, worldOf } from './builders.ts';

let directory = '';
let path = '';
let asidePath = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'journal-'));
  [path, asidePath] = journalPaths(directory);
});
afterEach(async () => rm(directory, { recursive: true, force: true }));

const opened = async (maxBytes?: number): Promise<JournalFile> =>
  openJournal({ directory, clock: realClock(), log: SILENT, ...(maxBytes === undefined ? {} : { maxBytes }) });

/** A process: the journal as it stands, an ingress, a world. */
async function started(at = T0): Promise<{ world: FakeWorld; ingress: Ingress; file: JournalFile; recalled: number }> {
  const file = await opened();
  const world = worldOf([project(), recordingWith({ sid: SID })]);
  world.at = at;
  const ingress = createIngress({ world, log: SILENT, journal: file.journal });
  return { world, ingress, file, recalled: ingress.recall(file.takeKept()) };
}

const outcomeOf = async (ingress: Ingress, notice: object): Promise<unknown> =>
  (JSON.parse((await ingress.handle(post(notice))).body) as { readonly outcome?: string }).outcome;

const entry = (at: number, more: Partial<JournalEntry> = {}): JournalEntry => ({ at, marks: [`m${at}`], ...more });
const ended = (sequence: number): object =>
  recordingNotice(71, { code: 4, message: 'page_load_timeout' }, { sequence }, { noticeId: `n${sequence}` });

describe('WR-11 a journal of notices in the state directory', () => {
  it('what was taken before a restart is known as a repeat, and told once more', async () => {
    const first = await started();
    expect(await outcomeOf(first.ingress, ended(9))).toBe('told');
    expect(await outcomeOf(first.ingress, recordingNotice(33, {}, { sid: 'x' }, { noticeId: 'u' }))).toBe('unknown');
    await first.file.close();
    const second = await started(T0 + 1_000);
    expect(second.recalled).toBe(1);
    expect(second.world.told).toEqual(first.world.told);
    expect(await outcomeOf(second.ingress, ended(9))).toBe('duplicate');
    expect(await outcomeOf(second.ingress, recordingNotice(33, {}, { sid: 'x' }, { noticeId: 'u' }))).toBe('duplicate');
    await second.file.close();
  });

  it('what only says that a task goes on is known, and not told again', async () => {
    const first = await started();
    expect(await outcomeOf(first.ingress, recordingNotice(33))).toBe('told');
    await first.file.close();
    const second = await started(T0 + 1_000);
    expect([second.recalled, await outcomeOf(second.ingress, recordingNotice(33))]).toEqual([0, 'duplicate']);
    await second.file.close();
  });

  it('after a quarter of an hour it is known, and told no more: queries have found it by then', async () => {
    const first = await started();
    await outcomeOf(first.ingress, ended(9));
    await first.file.close();
    const second = await started(T0 + 15 * 60_000);
    expect([second.recalled, await outcomeOf(second.ingress, ended(9))]).toEqual([0, 'duplicate']);
    await second.file.close();
  });

  it('holds what was read of a notice, never its addresses, files or secrets', async () => {
    const { ingress, file } = await started();
    const details = { rtmpUrl: 'rtmp://a/canary', status: 'publishing', fileList: [{ filename: 'canary.m3u8' }] };
    expect(await outcomeOf(ingress, recordingNotice(100, details))).toBe('told');
    await file.close();
    const text = await readFile(path, 'utf8');
    expect(text).toContain('publishing');
    expect(text).not.toContain('canary');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('cut at every byte, as by a crash, all whole lines before the cut are there, and later ones are kept', async () => {
    const writer = await opened();
    const told = { key: 'WebPageRecording/media/keynote' as Key, evidence: evidence() };
    for (const each of [entry(1, { told }), entry(2)]) await writer.journal.append(each);
    await writer.close();
    const whole = await readFile(path);
    const ends = [...whole.entries()].filter(([, byte]) => byte === 10).map(([at]) => at);
    for (let cut = 0; cut <= whole.length; cut += 1) {
      await writeFile(path, whole.subarray(0, cut));
      const after = await opened();
      // The line is whole without its end as well.
      const expected = ends.filter((end) => end <= cut).map((_, index) => index + 1);
      expect(after.takeKept().map(({ at }) => at)).toEqual(expected);
      await after.journal.append(entry(9));
      await after.close();
      expect((await opened()).takeKept().map(({ at }) => at)).toEqual([...expected, 9]);
    }
  }, 60_000);

  it('what is no line of ours is passed over', async () => {
    await writeFile(path, `nonsense\n\u0000\u0000\n{"v":2,"at":1,"marks":[]}\n{"v":1}\n[]\n`);
    await appendFile(path, `{"v":1,"at":5,"marks":["a",1,null],"told":{"key":"Node/a/b","evidence":{}}}\n`);
    expect((await opened()).takeKept()).toEqual([{ at: 5, marks: ['a'] }]);
  });

  it('stays within its bound: the older file gives way', async () => {
    const { journal, close } = await opened(2_000);
    for (let at = 1; at <= 500; at += 1) await journal.append(entry(at));
    await close();
    expect((await stat(path)).size).toBeLessThanOrEqual(2_000);
    expect((await stat(asidePath)).size).toBeLessThanOrEqual(2_000);
    const reopened = await opened(2_000);
    const again = reopened.journal;
    const kept = reopened.takeKept();
    expect(reopened.takeKept()).toEqual([]);
    expect(kept.at(-1)?.at).toBe(500);
    expect(kept.map(({ at }) => at)).toEqual(Array.from(kept, (_, index) => 501 - kept.length + index));
    expect(again.depth()).toBe(kept.length);
    expect(journal.depth()).toBe(kept.length);
  });

  it('many at once are written in their order', async () => {
    const { journal, close } = await opened();
    await Promise.all(Array.from({ length: 200 }, async (_, at) => journal.append(entry(at + 1))));
    await close();
    expect((await opened()).takeKept().map(({ at }) => at)).toEqual(Array.from({ length: 200 }, (_, at) => at + 1));
  });

  it('a file that cannot be written is said once, the notice is told all the same, and it is tried again', async () => {
    await rm(directory, { recursive: true });
    const warned: unknown[] = [];
    const log = { ...SILENT, warn: (fields: object) => warned.push(fields) };
    const { journal, close } = await openJournal({ directory, clock: realClock(), log });
    const world = worldOf([project(), recordingWith({ sid: SID })]);
    const ingress = createIngress({ world, log: SILENT, journal });
    expect(await outcomeOf(ingress, ended(1))).toBe('told');
    expect(await outcomeOf(ingress, ended(2))).toBe('told');
    expect(warned).toEqual([{ because: 'ENOENT' }]);
    await mkdir(directory);
    expect(await outcomeOf(ingress, ended(3))).toBe('told');
    await close();
    expect((await opened()).takeKept().map(({ told }) => told?.evidence.noticeId)).toEqual(['n3']);
  });

  function evidence(): NonNullable<JournalEntry['told']>['evidence'] {
    return {
      source: 'recording-notice',
      noticeId: 'n',
      at: T0,
      receivedAt: T0,
      sid: SID,
      cname: 'ké\u2028ynote',
      uid: '1',
      event: { type: 'started' },
    };
  }
});
