import { expect, it } from 'vitest';
import type { Resource } from '../../src/core/resource.ts';
import { type AnyKind, KINDS } from '../../src/kinds/index.ts';
import type { RecordingStatus } from '../../src/kinds/recording/types.ts';
import { incarnate } from '../simulation/incarnation.ts';
import { APP_ID, recording } from '../simulation/manifests.ts';
import { fakeTimers } from './world.ts';

const { setting, ended, timers } = fakeTimers();

type Counted = RecordingStatus & { readonly answers: number };

const TASK = { attempt: 1, member: 'main', phase: 'Running', appId: APP_ID, region: 'eu', class: 'HD', generation: 1 };
const UNASKED = {
  observedGeneration: 1,
  conditions: [],
  answers: 0,
  tasks: [{ ...TASK, cname: 'c', uid: '1', applied: {} }],
};
const countedOf = ({ status }: Resource): Counted => (status ?? UNASKED) as Counted;

/** Calls, each time with an intent, until the status counts `enough` answers. */
function counting(enough: number, during: { call?: () => Promise<void>; decision?: (answers: number) => void }) {
  let calls = 0;
  const kind = {
    ...KINDS.WebPageRecording,
    decide(resource: Resource) {
      const status = countedOf(resource);
      during.decision?.(status.answers);
      if (status.answers >= enough) return { do: 'rest', status };
      const action = { type: 'update', class: 'update', limit: 'recording', appId: APP_ID, attempt: 1 };
      return { do: 'call', status, action, intent: { attempt: 1, call: 'update' } };
    },
    async perform() {
      calls += 1;
      await during.call?.();
      return { ok: true };
    },
    fold(resource: Resource, observation: unknown) {
      const { answers, ...status } = countedOf(resource);
      return { observation, status: { ...status, answers: answers + 1, tasks: UNASKED.tasks } };
    },
  };
  return { kinds: { ...KINDS, WebPageRecording: kind as unknown as AnyKind }, calls: () => calls };
}

it.each([
  { case: 'no pass has time for all of them', label: false },
  { case: 'no pass has time for all of them, and a label comes during each call', label: true },
])('each answer is on record, although $case', async ({ label }) => {
  const { memory, common } = await setting();
  const key = await memory.declare(recording('talk'));
  const { kinds, calls } = counting(100, label ? { call: () => memory.touch(key) } : {});
  const life = incarnate({ ...common, kinds });
  await timers().tickAsync(60_000);
  await ended(life);
  expect([calls(), countedOf(memory.get(key) as Resource).answers]).toEqual([100, 100]);
});

it('an answer is on record, although deciding on it failed', async () => {
  const { memory, common } = await setting();
  const key = await memory.declare(recording('talk'));
  let failures = 0;
  const decision = (answers: number): void => {
    if (answers !== 3 || failures > 0) return;
    failures += 1;
    throw new Error('a mistake in decide');
  };
  const { kinds, calls } = counting(5, { decision });
  const life = incarnate({ ...common, kinds });
  await timers().tickAsync(60_000);
  await ended(life);
  expect([failures, calls(), countedOf(memory.get(key) as Resource).answers]).toEqual([1, 5, 5]);
});
