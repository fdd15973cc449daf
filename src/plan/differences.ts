import { sameData } from '../core/equal.ts';

export interface Difference {
  /** As `transcodeOptions.videoOptions.bitrate` or `transcodeOptions.videoOptions.layout[0].region.xPos`. */
  readonly path: string;
  readonly old: unknown;
  readonly new: unknown;
}

/** The leaves in which two specs differ. A list that changed its length differs as a whole. */
export function differences(before: unknown, after: unknown, path = ''): readonly Difference[] {
  if (sameData(before, after)) return [];
  if (isFields(before) && isFields(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => differences(before[name], after[name], path === '' ? name : `${path}.${name}`));
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((each: unknown, index) => differences(each, after[index], `${path}[${index}]`));
  }
  return [{ path, old: before, new: after }];
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
