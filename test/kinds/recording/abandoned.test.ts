import { describe, expect, it } from 'vitest';
import { minutes, seconds, timestamp } from '../../../src/core/time.ts';
import { tidy } from '../../../src/kinds/recording/tidy.ts';
import type { RecordingTask } from '../../../src/kinds/recording/types.ts';
import { T0 } from './builders.ts';
import { Play } from './play.ts';

describe('§5.2 a start whose process died', () => {
  it('uses up no rung of its ladder, however often it happens: the same handle is asked while it lasts', () => {
    const play = new Play();
    let task: RecordingTask = {
      attempt: 1,
      member: 'main',
      phase: 'Starting',
      appId: 'app',
      region: 'eu',
      class: 'HD',
      generation: 1,
      cname: 'media-talk',
      uid: '1',
      applied: {},
      resourceId: 'R1',
      acquiredAt: timestamp(T0),
      endsAt: timestamp(T0 + minutes(600)),
    };
    for (let death = 0; death < 6; death += 1) {
      const at = T0 + death * seconds(20);
      const intent = { call: 'start', requestId: `r${death}`, holder: 'dead', at: timestamp(at) };
      const status = { observedGeneration: 1, conditions: [], tasks: [{ ...task, intent }] };
      const situation = { resource: play.resource, context: play.context(), now: at + seconds(16) };
      const [next] = tidy(status, situation).tasks ?? [];
      if (next === undefined) throw new Error('the entry is gone');
      task = next;
    }
    expect(task).toMatchObject({ phase: 'Starting', resourceId: 'R1', mayHaveEffect: true });
    expect(task.intent).toBeUndefined();
    expect(task.failures?.count).toBe(0);
  });
});
