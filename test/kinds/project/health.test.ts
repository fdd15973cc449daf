import { describe, expect, it } from 'vitest';
import type { AgoraAnswer, FailureKind } from '../../../src/agora/answer.ts';
import { minutes, seconds } from '../../../src/core/time.ts';
import type { ServiceHealth } from '../../../src/kinds/context.ts';
import { noteAnswer } from '../../../src/kinds/project/health.ts';
import { failure, T0 } from '../recording/builders.ts';
import { ProjectPlay } from './play.ts';

const answer = (kind: FailureKind, sentAt = T0): AgoraAnswer => ({ ...failure(kind), sentAt });
const good = (sentAt = T0): AgoraAnswer => ({
  ok: true,
  value: { call: 'stop', files: [] },
  ids: { requestId: 'r' },
  sentAt,
});

describe('§5.3 health of a service', () => {
  it.each<FailureKind>(['server', 'jitter', 'gateway-timeout', 'dns', 'refused', 'lost', 'unreadable'])(
    '%s: failing since the first of them',
    (kind) => {
      const first = noteAnswer({}, answer(kind), T0 + 1);
      expect(first.failingSince).toBe(T0);
      expect(noteAnswer(first, answer(kind, T0 + 5_000), T0 + 6_000)).toEqual({ ...first, failedAt: T0 + 5_000 });
    },
  );

  it.each<FailureKind>(['parameter', 'not-found', 'stopping', 'quota', 'no-resources', 'task-conflict', 'name-taken'])(
    '%s is a proper answer',
    (kind) => {
      const health: ServiceHealth = {
        failingSince: T0,
        refused: { kind: 'credential', message: 'm', at: T0, probeAt: T0 },
      };
      expect(noteAnswer(health, answer(kind, T0 + 9), T0 + 10)).toEqual({ lastGoodAt: T0 + 9 });
    },
  );

  it('429 by rate tells neither', () => {
    const health: ServiceHealth = { failingSince: T0 };
    expect(noteAnswer(health, answer('throttle'), T0 + 1)).toBe(health);
  });

  it.each<FailureKind>(['credential', 'entitlement', 'account'])('%s: refused, a probe after five minutes', (kind) => {
    expect(noteAnswer({}, answer(kind), T0).refused).toMatchObject({ kind, probeAt: T0 + minutes(5) });
  });

  it('a failure of the API does not lift a refusal, a good answer does', () => {
    const refused = noteAnswer({}, answer('credential'), T0);
    expect(noteAnswer(refused, answer('server'), T0 + 1).refused).toEqual(refused.refused);
    expect(noteAnswer(refused, good(T0 + 2), T0 + 2).refused).toBeUndefined();
  });

  it('an answer that was long on its way does not set lastGoodAt back', () => {
    expect(noteAnswer({ lastGoodAt: T0 + 10 }, good(T0 + 5), T0 + 20).lastGoodAt).toBe(T0 + 10);
  });
});

describe('§5.3 what the project says', () => {
  it('ApiReachable is False once every call has failed for 30 s, not before; it asks itself then', () => {
    const play = new ProjectPlay();
    play.health = { recording: { failingSince: T0, failedAt: T0 }, converter: {} };
    play.run(29.999);
    expect([play.reachable, play.ready]).toEqual(['True', 'True Accepted']);
    play.run(0.001);
    expect([play.reachable, play.ready]).toEqual(['False', 'False ApiUnreachable']);
    play.health = { recording: { lastGoodAt: T0 }, converter: {} };
    play.pass();
    expect([play.reachable, play.ready]).toEqual(['True', 'True Accepted']);
  });

  it('a failure with no call after it tells nothing of the API any more after ten minutes', () => {
    const play = new ProjectPlay();
    play.health = { recording: { failingSince: T0, failedAt: T0 }, converter: {} };
    play.run(599);
    expect(play.reachable).toBe('False');
    play.run(2);
    expect(play.reachable).toBe('True');
  });

  it.each([
    ['credential', 'False CredentialsRejected'],
    ['entitlement', 'False ServiceNotEnabled'],
    ['account', 'False ServiceNotEnabled'],
  ] as const)('%s: %s', (kind, ready) => {
    const play = new ProjectPlay();
    const refused = { kind, message: 'no', at: T0, probeAt: T0 + seconds(300) };
    play.health = { recording: {}, converter: { refused } };
    play.pass();
    expect(play.ready).toBe(ready);
  });

  it('missing credentials, suspend, rivals', () => {
    const play = new ProjectPlay();
    play.credentials = false;
    play.pass();
    expect(play.ready).toBe('False DependencyNotReady');
    play.credentials = true;
    play.rivals = ['AgoraProject/media/other'];
    play.pass();
    expect(play.ready).toBe('True LimitsDiffer');
    const suspended = new ProjectPlay({ suspend: true });
    suspended.pass();
    expect(suspended.ready).toBe('True Suspended');
  });

  it('a steady project writes nothing', () => {
    const play = new ProjectPlay();
    play.pass();
    const before = JSON.stringify(play.status);
    play.run(7_200);
    expect(JSON.stringify(play.status)).toBe(before);
  });
});
