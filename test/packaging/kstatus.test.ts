import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { kstatus } from './kstatus.ts';
import { ALL_REASONS, BEFORE, conditionsAfter, SHAPES, verdict } from './verdicts.ts';

/** Each verdict upon whatever stood there before, for each reason. */
function statuses(shape: (typeof SHAPES)[number]) {
  return ALL_REASONS.flatMap((reason) => BEFORE.map((before) => conditionsAfter(before, verdict(shape, reason), 2)));
}

describe('kstatus reads every status that the controller can produce', () => {
  it.each(SHAPES)('Ready=$ready $progress is $kstatus', (shape) => {
    const read = statuses(shape).map((conditions) =>
      kstatus({ metadata: { generation: 2 }, status: { observedGeneration: 2, conditions } }),
    );
    expect(new Set(read)).toEqual(new Set([shape.kstatus]));
  });

  it.each(SHAPES)('Ready=$ready $progress is InProgress while an edit was not seen', (shape) => {
    const read = statuses(shape).map((conditions) =>
      kstatus({ metadata: { generation: 3 }, status: { observedGeneration: 2, conditions } }),
    );
    expect(new Set(read)).toEqual(new Set(['InProgress']));
  });

  it.each(SHAPES)('Ready=$ready $progress is Terminating when it is deleted', (shape) => {
    const deleted = { generation: 3, deletionTimestamp: '2026-12-01T09:00:00Z' };
    const read = statuses(shape).map((conditions) =>
      kstatus({ metadata: deleted, status: { observedGeneration: 2, conditions } }),
    );
    expect(new Set(read)).toEqual(new Set(['Terminating']));
  });

  it('never shows Reconciling and Stalled at once, and neither but as True', () => {
    for (const conditions of SHAPES.flatMap(statuses)) {
      const abnormal = conditions.filter(({ type }) => type === 'Reconciling' || type === 'Stalled');
      expect(abnormal.length).toBeLessThanOrEqual(1);
      expect(abnormal.every(({ status }) => status === 'True')).toBe(true);
    }
  });

  it.each(['agoraprojects', 'rtmpconverters', 'webpagerecordings'])(
    'a new object of %s is InProgress, by the default of its status',
    (plural) => {
      const text = readFileSync(new URL(`../../crds/${plural}.yaml`, import.meta.url), 'utf8');
      const status = parse(text).spec.versions[0].schema.openAPIV3Schema.properties.status.default;
      expect(status.observedGeneration).toBe(-1);
      expect(kstatus({ metadata: { generation: 1 }, status })).toBe('InProgress');
      expect(kstatus({ metadata: { generation: 1 }, status: { ...status, observedGeneration: 1 } })).toBe('InProgress');
    },
  );
});
