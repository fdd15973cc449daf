import { describe, expect, it } from 'vitest';
import { deletionRequested, type Key, type Resource } from '../../src/core/resource.ts';
import type { Declared } from '../../src/hosts/declared.ts';
import type { MemoryHost } from '../../src/hosts/memory/host.ts';
import { type AnyKind, KINDS as KINDS_OF } from '../../src/kinds/index.ts';
import { SILENT } from '../../src/observability/log.ts';
import { type IncarnationParts, incarnate } from '../simulation/incarnation.ts';
import { converter, recording } from '../simulation/manifests.ts';
import { fakeTimers } from './world.ts';

const { setting, ended, timers } = fakeTimers();

/** As an API server that does not see a finalizer which was added a moment before. */
async function vanish(memory: MemoryHost, key: Key): Promise<void> {
  await memory.remove(key);
  const left = memory.get(key);
  if (left !== undefined) await memory.setFinalizer(left, 'absent');
}

const NOT_BEGUN = { status: 504, headers: {}, body: '{"message":"Gateway timeout."}' };

type Meanwhile = 'it was not begun' | 'its project is deleted' | 'it is declared again' | 'the answer is lost';

/** A resource that goes while the call that begins its task is under way. */
async function gone(declared: Declared, ...meanwhile: readonly (Meanwhile | Partial<IncarnationParts>)[]) {
  const { cloud, memory, common } = await setting();
  const key = await memory.declare(declared);
  const errors: string[] = [];
  let times = 0;
  const life = incarnate({
    ...common,
    ...meanwhile.find((one) => typeof one === 'object'),
    log: { ...SILENT, error: (_fields: object, message: string) => void errors.push(message) },
    async transport(request, signal) {
      const begins = request.url.endsWith('/start') || (request.method === 'POST' && request.url.includes('rtmp'));
      const isFirst = begins && times === 0;
      const answer =
        isFirst && meanwhile.includes('it was not begun') ? NOT_BEGUN : await cloud.transport(request, signal);
      if (!isFirst) return answer;
      times += 1;
      await vanish(memory, key);
      if (meanwhile.includes('its project is deleted')) await memory.remove('AgoraProject/media/live');
      if (meanwhile.includes('it is declared again')) await memory.declare(declared);
      if (meanwhile.includes('the answer is lost'))
        throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
      return answer;
    },
  });
  await timers().tickAsync(300_000);
  const [old, ...others] = cloud.tasks();
  const result = { times, old, others, live: cloud.liveTasks(), errors, at: (name: Key) => memory.get(name) };
  await ended(life);
  return result;
}

describe('what a call began for a resource that went meanwhile, finalizer or not', () => {
  const KINDS = [
    { kind: 'recording', declared: recording('talk'), end: 'stop' },
    { kind: 'converter', declared: converter('show'), end: 'delete' },
  ] as const;

  it.each(KINDS)('is ended: a $kind', async ({ declared, end }) => {
    const { times, old, live, errors } = await gone(declared);
    expect([times, old?.endedBy, live, errors]).toEqual([1, end, [], []]);
  });

  it('is ended although a pass over it fails', async () => {
    let failures = 0;
    const decide: AnyKind['decide'] = (resource, ...rest) => {
      if (deletionRequested(resource) && (failures += 1) === 1) throw new Error('a mistake in decide');
      return KINDS_OF.WebPageRecording.decide(resource, ...rest);
    };
    const kinds = { ...KINDS_OF, WebPageRecording: { ...KINDS_OF.WebPageRecording, decide } };
    const { old, live, errors } = await gone(recording('talk'), { kinds });
    expect([old?.endedBy, live]).toEqual(['stop', []]);
    expect(errors).toEqual(['a pass over what was begun for a resource that is gone failed']);
  });

  it.each(KINDS)('is ended before its project is let go: a $kind', async ({ declared, end }) => {
    const { times, old, live, errors, at } = await gone(declared, 'its project is deleted');
    expect([times, old?.endedBy, live, errors]).toEqual([1, end, [], []]);
    expect(at('AgoraProject/media/live')).toBeUndefined();
  });

  it.each(KINDS)('is ended before another of its name begins: a $kind', async ({ declared, end }) => {
    const { old, others, live, errors } = await gone(declared, 'it is declared again');
    expect([old?.endedBy, others, live.length, errors]).toEqual([end, live, 1, []]);
    expect(others[0]?.createdAt).toBeGreaterThanOrEqual(old?.endedAt ?? Number.POSITIVE_INFINITY);
  });

  it('is looked up where the answer was lost, and ended: a converter', async () => {
    const { old, live, errors } = await gone(converter('show'), 'the answer is lost');
    expect([old?.endedBy, live, errors]).toEqual(['delete', [], []]);
  });

  it.each(KINDS)('is looked up where nothing may have begun: a $kind', async ({ declared }) => {
    const { live, errors } = await gone(declared, 'it was not begun');
    expect([live, errors]).toEqual([[], []]);
  });

  it('is told, with what identifies it, where it cannot be ended within half an hour: a recording', async () => {
    const { cloud, memory, common } = await setting();
    const key = await memory.declare(recording('talk'));
    const told: unknown[] = [];
    const life = incarnate({
      ...common,
      log: { ...SILENT, error: (fields: object) => void told.push(fields) },
      async transport(request, signal) {
        if (request.url.endsWith('/stop')) return { status: 500, headers: {}, body: '{}' };
        const answer = await cloud.transport(request, signal);
        if (request.url.endsWith('/start')) await vanish(memory, key);
        return answer;
      },
    });
    await timers().tickAsync(29 * 60_000);
    expect(told).toEqual([]);
    await timers().tickAsync(2 * 60_000);
    const [live] = cloud.liveTasks();
    expect(told).toEqual([{ resource: key, tasks: [expect.objectContaining({ sid: live?.id, uid: live?.uid })] }]);
    await ended(life);
  });

  it('is left behind, and listed by its project, where nobody can know of it: a recording', async () => {
    const { old, live, errors, at } = await gone(recording('talk'), 'the answer is lost');
    expect([live, errors]).toEqual([[old], []]);
    const { status } = at('AgoraProject/media/live') as Resource;
    expect(status).toMatchObject({ leftBehind: [{ kind: 'WebPageRecording', taskUid: old?.uid }] });
  });

  it('is left behind, and another of its name begins: a recording', async () => {
    const { old, others, errors, at } = await gone(recording('talk'), 'the answer is lost', 'it is declared again');
    expect([others.length, errors]).toEqual([1, []]);
    const { status } = at('AgoraProject/media/live') as Resource;
    expect(status).toMatchObject({ leftBehind: [{ kind: 'WebPageRecording', taskUid: old?.uid }] });
  });
});
