import { canonical } from './hash.ts';

/** Deep equality of plain JSON data; absent and undefined members are equal. */
export const sameData = (a: unknown, b: unknown): boolean => a === b || canonical(a) === canonical(b);
