import { describe, expect, it } from 'vitest';
import { createRuntime } from '../../src/cli/runtime.ts';
import type { HttpAnswer } from '../../src/core/http.ts';
import { hasFinalizer, type Key, keyOf, type Resource } from '../../src/core/resource.ts';
import { Secret } from '../../src/core/secret.ts';
import { realClock } from '../../src/engine/clock.ts';
import { createMemoryHost } from '../../src/hosts/memory/host.ts';
import { type TaskStatus, tasksOf } from '../../src/kinds/task.ts';
import { SILENT } from '../../src/observability/log.ts';
import { project, recordingWith } from '../ingress/builders.ts';
import { recording } from '../kinds/recording/builders.ts';

const bare = ({ metadata, ...rest }: Resource): Resource => ({
  ...rest,
  metadata: { ...metadata, finalizers: [] },
});
const fresh = (): Resource => {
  const { status: _none, ...rest } = recording();
  return bare(rest);
};
const KEYNOTE: Key = keyOf(recording());
const credentials = { customerId: new Secret('id'), customerSecret: new Secret('secret') };

interface Seen {
  readonly path: string;
  readonly held: boolean;
  readonly intents: readonly (string | undefined)[];
}

/** Runs the engine over these resources until `enough`; what stood in the host whenever a call left. */
async function run(resources: readonly Resource[], enough: (seen: readonly Seen[]) => boolean) {
  const host = createMemoryHost({
    now: () => Date.now(),
    newUid: () => 'uid',
    resources,
    secrets: [
      { namespace: 'media', name: 'agora', values: credentials },
      { namespace: 'media', name: 's3', values: { accessKey: new Secret('a'), secretKey: new Secret('s') } },
    ],
  });
  const seen: Seen[] = [];
  const end = new AbortController();
  const { engine } = createRuntime({
    clock: realClock(),
    host,
    endpoint: 'http://agora.test',
    log: SILENT,
    graceMs: () => 0,
    async transport({ url }, signal): Promise<HttpAnswer> {
      const resource = host.get(KEYNOTE);
      const tasks = tasksOf(resource?.status as TaskStatus | undefined);
      seen.push({
        path: url.slice(url.lastIndexOf('/') + 1),
        held: resource !== undefined && hasFinalizer(resource),
        intents: tasks.map(({ intent }) => intent?.call),
      });
      if (url.endsWith('/acquire')) return { status: 200, headers: {}, body: '{"resourceId":"handle"}' };
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    },
  });
  const running = engine.run(end.signal);
  for (let turn = 0; turn < 2_000 && !(enough(seen) && host.get(KEYNOTE)?.status !== undefined); turn += 1)
    await new Promise((resolve) => setTimeout(resolve, 1));
  const resource = host.get(KEYNOTE);
  end.abort();
  await running;
  return { seen, resource };
}

describe('a finalizer is there before anything can live at Agora, and not before (ADR 0035)', () => {
  it('what only waits has none', async () => {
    const { resource } = await run([fresh()], () => true);
    expect(resource?.status).toMatchObject({ conditions: expect.arrayContaining([expect.anything()]) });
    expect(resource?.metadata.finalizers).toEqual([]);
  });

  it('a start finds it in place, with its intent', async () => {
    const { seen } = await run([project(), fresh()], (calls) => calls.some(({ path }) => path === 'start'));
    expect(seen.map(({ path }) => path)).toEqual(['acquire', 'start']);
    expect(seen.at(-1)).toEqual({ path: 'start', held: true, intents: ['start'] });
  });

  it('a resource that came back with tasks and without it gets it before anything is asked about them', async () => {
    const restored = bare(recordingWith({ phase: 'Confirming', resourceId: 'handle', sid: 'sid' }));
    const { seen } = await run([project(), restored], (calls) => calls.length > 0);
    expect(seen[0]).toMatchObject({ path: 'query', held: true });
  });
});
