import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Condition, findCondition, setConditions, type Verdict } from '../../src/core/conditions.ts';
import { seconds, timestamp } from '../../src/core/time.ts';

const T0 = Date.parse('2026-12-01T09:00:00.000Z');

const starting: Verdict = { ready: 'False', reason: 'Starting', message: 'sent', progress: 'Reconciling' };
const running: Verdict = { ready: 'True', reason: 'Running', message: 'runs', progress: 'Settled' };
const refused: Verdict = { ready: 'False', reason: 'ParameterRefused', message: 'spec.url', progress: 'Stalled' };

const set = (old: readonly Condition[], verdict: Verdict, at: { afterSeconds?: number; generation?: number } = {}) =>
  setConditions(old, verdict, { generation: at.generation ?? 1, now: T0 + seconds(at.afterSeconds ?? 0) });

const shown = (conditions: readonly Condition[]) =>
  Object.fromEntries(conditions.map(({ type, status, reason }) => [type, `${status} ${reason}`]));

describe('setConditions', () => {
  it.each([
    ['Reconciling', starting, { Ready: 'False Starting', Reconciling: 'True Starting' }],
    ['Settled', running, { Ready: 'True Running' }],
    ['Stalled', refused, { Ready: 'False ParameterRefused', Stalled: 'True ParameterRefused' }],
  ] as const)('%s: shows Ready and its progress with the same reason', (_, verdict, expected) => {
    expect(shown(set([], verdict))).toEqual(expected);
  });

  it('replaces Reconciling by Stalled and back', () => {
    const stalled = set(set([], starting), refused);
    expect(shown(stalled)).toEqual({ Ready: 'False ParameterRefused', Stalled: 'True ParameterRefused' });
    expect(shown(set(stalled, starting))).toEqual({ Ready: 'False Starting', Reconciling: 'True Starting' });
  });

  it('moves lastTransitionTime only when the status changes', () => {
    const before = set([], starting);
    const after = set(
      before,
      { ...starting, reason: 'Confirming', message: 'answered' },
      { afterSeconds: 5, generation: 2 },
    );
    expect(findCondition(after, 'Ready')).toEqual({
      type: 'Ready',
      status: 'False',
      reason: 'Confirming',
      message: 'answered',
      observedGeneration: 2,
      lastTransitionTime: timestamp(T0),
    });
    const ready = set(after, running, { afterSeconds: 9, generation: 2 });
    expect(findCondition(ready, 'Ready')?.lastTransitionTime).toBe(timestamp(T0 + seconds(9)));
  });

  it('starts a new transition when a condition comes back after it was absent', () => {
    const back = set(set(set([], starting), running, { afterSeconds: 1 }), starting, { afterSeconds: 2 });
    expect(findCondition(back, 'Reconciling')?.lastTransitionTime).toBe(timestamp(T0 + seconds(2)));
  });

  it('returns the same array when nothing changed, so that a steady task causes no write', () => {
    const before = set([], running);
    expect(set(before, running, { afterSeconds: 60 })).toBe(before);
  });

  it('observes a new generation even where nothing else changed', () => {
    const after = set(set([], running), running, { generation: 2 });
    expect(findCondition(after, 'Ready')?.observedGeneration).toBe(2);
  });

  it('keeps further conditions that are not named, sets those that are, removes those named undefined', () => {
    const admitted = { status: 'True', reason: 'SlotHeld', message: 'eu HD' } as const;
    const held = set([], { ...starting, further: { Admitted: admitted } });
    expect(shown(held)).toMatchObject({ Admitted: 'True SlotHeld' });
    expect(shown(set(held, running))).toEqual({ Ready: 'True Running', Admitted: 'True SlotHeld' });
    expect(shown(set(held, { ...running, further: { Admitted: undefined } }))).toEqual({ Ready: 'True Running' });
  });

  it('leaves conditions of others alone', () => {
    const foreign: Condition = {
      type: 'Audited',
      status: 'False',
      reason: 'Because',
      message: '',
      lastTransitionTime: timestamp(T0),
    };
    expect(set([foreign], running)).toContainEqual(foreign);
  });

  it('never shows Reconciling and Stalled together, either only when True, and one condition a type', () => {
    const verdict = fc.record({
      ready: fc.constantFrom('True', 'False', 'Unknown'),
      reason: fc.constantFrom('Starting', 'Running', 'NameConflict'),
      message: fc.constantFrom('', 'a', 'b'),
      progress: fc.constantFrom('Reconciling', 'Stalled', 'Settled'),
    });
    fc.assert(
      fc.property(fc.array(verdict, { minLength: 1, maxLength: 8 }), (verdicts) => {
        let conditions: readonly Condition[] = [];
        for (const [step, each] of verdicts.entries()) {
          const before = conditions;
          conditions = set(before, each, { afterSeconds: step + 1 });
          const progress = conditions.filter(({ type }) => type === 'Reconciling' || type === 'Stalled');
          expect(progress.map(({ type, status }) => `${type} ${status}`)).toEqual(
            each.progress === 'Settled' ? [] : [`${each.progress} True`],
          );
          expect(new Set(conditions.map(({ type }) => type)).size).toBe(conditions.length);
          const [old, now] = [findCondition(before, 'Ready'), findCondition(conditions, 'Ready')];
          expect(now?.lastTransitionTime === old?.lastTransitionTime).toBe(now?.status === old?.status);
        }
      }),
    );
  });
});
