import { describe, expect, it } from 'vitest';
import { type Resource } from '../../../src/core/resource.ts';
import type { Api } from '../../../src/hosts/kubernetes/api.ts';
import { EventWriter } from '../../../src/hosts/kubernetes/event-writer.ts';
import { SILENT } from '../../../src/observability/log.ts';
import { recording } from '../builders.ts';
import { ManualClock } from '../manual-clock.ts';

describe('events of a rollout', () => {
  it.each`
    afterMs   | written
    ${0}      | ${51}
    ${1_000}  | ${71}
    ${10_000} | ${251}
  `('after $afterMs ms $written of 1,500 are written', async ({ afterMs, written }) => {
    const { clock, posted, stop } = writing(1_500);
    await pass(clock, afterMs);
    expect(posted()).toBe(written);
    await stop();
  });

  it('beyond a thousand that wait, the oldest are dropped', async () => {
    const { writer, stop } = writing(1_500);
    expect(writer.dropped).toBe(500);
    await stop();
  });
});

const KEYNOTE: Resource = {
  apiVersion: 'agora-reconciler.dev/v1alpha1',
  kind: 'WebPageRecording',
  metadata: {
    namespace: 'media',
    name: 'keynote',
    uid: '1',
    generation: 1,
    resourceVersion: '1',
    creationTimestamp: '',
    finalizers: [],
  },
  spec: recording().spec,
};

function writing(count: number) {
  const clock = new ManualClock();
  let posted = 0;
  const api = { call: async () => (posted += 1) } as unknown as Api;
  const writer = new EventWriter({ api, clock, log: SILENT, instance: 'test', random: () => 0.5 });
  for (let index = 0; index < count; index += 1) {
    writer.add(KEYNOTE, { type: 'Normal', reason: 'TaskStarted', note: `number ${index}` });
  }
  const end = new AbortController();
  const running = writer.run(end.signal);
  return {
    clock,
    writer,
    posted: () => posted,
    async stop() {
      end.abort();
      await running;
    },
  };
}

async function pass(clock: ManualClock, ms: number): Promise<void> {
  await settled();
  for (let passed = 0; passed < ms; passed += 10) {
    clock.advance(10);
    await settled();
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
