import type { Declared } from '../declared.ts';
import type { Problem } from './schema-findings.ts';

/** What is valid and yet probably not meant. */
export function warningsOf({ spec }: Declared): readonly Problem[] {
  if (typeof spec !== 'object' || spec === null) return [];
  const fields: Readonly<Record<string, unknown>> = { ...spec };
  const warnings: Problem[] = [];
  if (fields.cdnArea !== undefined && fields.cdnArea !== fields.region) {
    warnings.push({
      path: ['spec', 'cdnArea'],
      part: 'value',
      message: 'differs from region, and a converter belongs into the area of its CDN’s origin (MP-15)',
      advice: 'set region to the same area',
    });
  }
  return warnings;
}
