import type { Clock } from '../core/clock.ts';
import type { Key } from '../core/resource.ts';
import { createLane, type Lane, type LaneCall, type LaneResult, type LaneStats } from './lane.ts';
import type { RateLimit } from './slot.ts';
import type { Rate } from './tables.ts';

export interface Lanes {
  /** Rejects only with what `send` or `check` threw. */
  run<Value>(call: LaneCall<Value>): Promise<LaneResult<Value>>;
  /** A 429 by rate: halves the lane's cap, at most once a second. */
  throttled(appId: string, limit: RateLimit): void;
  /** A newly arrived deletion takes its key's waiting call out. A waiting stop stays: it is what a deletion wants. */
  cancel(key: Key): void;
  /**
   * One silent second in every lane of an App ID, from now: at start, where a status shows a call that is younger, of
   * which these lanes know nothing.
   */
  quiet(appId: string): void;
  /** One row for each lane that was ever used. */
  stats(): readonly (LaneStats & { readonly appId: string; readonly limit: RateLimit })[];
  /** Lets nothing more through; what waits gets `sent: false`. */
  close(): void;
}

export interface LanesOptions {
  readonly clock: Clock;
  /** Read at every hand-over, so that a project's edit takes hold. */
  readonly limitsFor: (appId: string) => { readonly rates: Readonly<Record<RateLimit, Rate>> };
  /** Told each time a lane takes another cap, for logs and metrics. */
  readonly capChanged?: (appId: string, limit: RateLimit, cap: number) => void;
}

/**
 * WR-2, MP-1: in no window do more calls begin than the limit allows, over all resources, callers and retries. A lane
 * is keyed by App ID and limit, so that two projects with one App ID share it.  (design §6)
 */
export function createLanes({ clock, limitsFor, capChanged }: LanesOptions): Lanes {
  const lanes = new Map<string, { readonly appId: string; readonly limit: RateLimit; readonly lane: Lane }>();
  const quietSince = new Map<string, number>();
  let closed = false;

  function laneOf(appId: string, limit: RateLimit): Lane {
    const id = `${appId}/${limit}`;
    const known = lanes.get(id);
    if (known !== undefined) return known.lane;
    const lane = createLane({
      clock,
      rate: () => limitsFor(appId).rates[limit],
      capChanged: (cap) => capChanged?.(appId, limit, cap),
    });
    const since = quietSince.get(appId);
    if (since !== undefined) lane.quiet(since);
    lanes.set(id, { appId, limit, lane });
    return lane;
  }

  return {
    async run(call) {
      return closed ? { sent: false } : laneOf(call.appId, call.limit).run(call);
    },
    throttled(appId, limit) {
      laneOf(appId, limit).throttled();
    },
    cancel(key) {
      for (const { lane } of lanes.values()) lane.cancel(key);
    },
    quiet(appId) {
      quietSince.set(appId, clock.monotonic());
      for (const entry of lanes.values()) if (entry.appId === appId) entry.lane.quiet(clock.monotonic());
    },
    stats: () => [...lanes.values()].map(({ appId, limit, lane }) => ({ appId, limit, ...lane.stats() })),
    close() {
      closed = true;
      for (const { lane } of lanes.values()) lane.close();
    },
  };
}
