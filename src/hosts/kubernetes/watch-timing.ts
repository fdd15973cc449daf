import { seconds } from '../../core/time.ts';

export interface ListWatchTiming {
  /** A watch that is silent for so long is asked about by a second one. */
  readonly silenceMs: number;
  /** How long the second one may take. */
  readonly probeMs: number;
  /** How long the watch may lag behind what the second one saw. */
  readonly lagMs: number;
  /** Not heard of for so long: not ready. */
  readonly staleMs: number;
}

/** Together: a watch that was cut without a word is noticed within 30 s, also where new connections fail as well. */
export const WATCH_TIMING: ListWatchTiming = {
  silenceMs: seconds(12),
  probeMs: seconds(4),
  lagMs: seconds(2),
  staleMs: seconds(45),
};
