import type { Declared } from '../declared.ts';
import type { Problem } from './schema-findings.ts';

/** Fields that are complete in the schema and are refused by the controller until it brings them to life. */
const NOT_YET_SUPPORTED = {
  AgoraProject: ['notifications'],
  WebPageRecording: ['pageWatch'],
  RtmpConverter: ['redundancy'],
} as const;

/** What is valid and yet probably not meant. */
export function warningsOf({ kind, spec }: Declared): readonly Problem[] {
  if (typeof spec !== 'object' || spec === null) return [];
  const fields: Readonly<Record<string, unknown>> = { ...spec };
  const warnings: Problem[] = NOT_YET_SUPPORTED[kind]
    .filter((field) => fields[field] !== undefined)
    .map((field) => ({
      path: ['spec', field],
      part: 'key',
      message: 'is not supported yet: the resource will be Stalled with NotYetSupported',
      advice: 'remove it to go on',
    }));
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
