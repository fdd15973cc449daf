import { readFileSync } from 'node:fs';
import { sha256 } from '../core/hash.ts';

/** The script that pages include, with the tag that tells its versions apart. */
export interface PageScript {
  readonly text: string;
  readonly etag: string;
}

/** Beside this file in the sources and in the package. */
export function readPageScript(): PageScript {
  const text = readFileSync(new URL('browser/page-watch.js', import.meta.url), 'utf8');
  return { text, etag: `"${sha256(text, 32)}"` };
}
