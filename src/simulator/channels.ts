import type { Instant } from '../core/time.ts';

export interface EmptyWindow {
  readonly from: Instant;
  readonly until?: Instant;
}

/** When the channels have nobody in them; every channel is occupied unless it is said to be empty. */
export class Channels {
  readonly #empty = new Map<string, EmptyWindow[]>();

  /** Returns whether anything changed. */
  setOccupied(channel: { readonly appId: string; readonly name: string }, occupied: boolean, at: Instant): boolean {
    const windows = this.#windows(channel.appId, channel.name);
    const last = windows.at(-1);
    const isEmpty = last !== undefined && last.until === undefined;
    if (isEmpty !== occupied) return false;
    if (isEmpty) windows[windows.length - 1] = { from: last.from, until: at };
    else windows.push({ from: at });
    return true;
  }

  /** A window known ahead; windows of one channel come in their order and do not overlap. */
  addEmpty(channel: { readonly appId: string; readonly name: string }, window: EmptyWindow): void {
    this.#windows(channel.appId, channel.name).push(window);
  }

  /** When a converter that looks at the channel since `since` has been idle for `idleMs`, if it ever will be. */
  idleAt(appId: string, name: string, since: Instant, idleMs: number): Instant | undefined {
    for (const { from, until = Number.POSITIVE_INFINITY } of this.#empty.get(`${appId}/${name}`) ?? []) {
      const due = Math.max(from, since) + idleMs;
      if (due <= until) return due;
    }
    return undefined;
  }

  #windows(appId: string, name: string): EmptyWindow[] {
    const key = `${appId}/${name}`;
    const windows = this.#empty.get(key) ?? [];
    this.#empty.set(key, windows);
    return windows;
  }
}
