import { expect, it } from 'vitest';
import { createRuntime } from '../../src/cli/runtime.ts';
import { keyOf } from '../../src/core/resource.ts';
import { realClock } from '../../src/engine/clock.ts';
import type { ResourceHost } from '../../src/hosts/host.ts';
import { createMemoryHost } from '../../src/hosts/memory/host.ts';
import type { RecordingNotice } from '../../src/kinds/evidence.ts';
import { SILENT } from '../../src/observability/log.ts';
import { project, recordingWith, SID } from '../ingress/builders.ts';

it('WR-11 what is told before the first list is kept, and no pass runs on a declaration that may be old', async () => {
  const resource = recordingWith({ sid: SID });
  const now = realClock().now();
  const memory = createMemoryHost({ now: () => now, newUid: () => 'uid', resources: [project(), resource] });
  const listed = Promise.withResolvers<void>();
  const host: ResourceHost = {
    ...memory,
    async run(listener, signal) {
      await listed.promise;
      await memory.run(listener, signal);
    },
  };
  const { engine } = createRuntime({
    clock: realClock(),
    host,
    transport: () => new Promise(() => undefined),
    log: SILENT,
    graceMs: () => 0,
  });
  const key = keyOf(resource);
  const notice: RecordingNotice = {
    ...{ source: 'recording-notice', noticeId: 'n', at: now, receivedAt: now, sid: SID, cname: 'keynote' },
    ...{ uid: '527841', event: { type: 'stopped', code: 6, message: 'recorder_error' } },
  };
  engine.tell(key, notice);
  const end = new AbortController();
  const running = engine.run(end.signal);
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect([engine.hasListed(), engine.stats().passes]).toEqual([false, 0]);
  expect(JSON.stringify(engine.memory.observations.get(key))).toContain(SID);
  listed.resolve();
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(engine.hasListed()).toBe(true);
  expect(engine.stats().passes).toBeGreaterThan(0);
  end.abort();
  await running;
});
