import type { RecordingSpec } from './types.ts';

/** A field that is complete in the schema but has no effect yet: it stalls the resource, so that no option does nothing. */
export const unsupportedField = (spec: RecordingSpec): string | undefined =>
  spec.pageWatch === undefined ? undefined : 'spec.pageWatch';
