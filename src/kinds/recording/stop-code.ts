import type { ToldReason } from './ended.ts';
import type { ToldEnd } from './notices.ts';

/** What event 71 says of an end (D.4). */
interface StopCode {
  readonly words: string;
  readonly planned: boolean;
}

export const CAPABILITY_LIMIT = 2;
/** Also why a page is loaded again (event 73). */
export const PAGE_LOAD_TIMEOUT = 'page_load_timeout';

/**
 * WR-11: 0 and 1 complete a recording where the restart policy lets an end do so; 2 is the page's own fault; all others,
 * known or not, are failures and are begun anew.
 */
const STOP_CODES: Readonly<Record<number, StopCode>> = {
  0: { words: 'stopped by somebody else', planned: true },
  1: { words: 'max_recording_hour', planned: true },
  2: { words: 'capability_limit', planned: false },
  3: { words: 'start_engine_failed', planned: false },
  4: { words: PAGE_LOAD_TIMEOUT, planned: false },
  5: { words: 'access_url_failed', planned: false },
  6: { words: 'recorder_error', planned: false },
};

/** In words of our own: what a notice says may name the page. Without a code the time tells whether it was planned. */
export function reasonOf({ code }: ToldEnd): ToldReason & { readonly reason: string } {
  if (code === undefined) return { reason: 'session_exit' };
  const known = STOP_CODES[code];
  return known === undefined
    ? { reason: `stop code ${code}`, planned: false }
    : { reason: known.words, planned: known.planned };
}

/** Where from: for people who look it up. */
export const sourceOf = ({ code }: ToldEnd): string => (code === undefined ? 'event 11' : `event 71, code ${code}`);
