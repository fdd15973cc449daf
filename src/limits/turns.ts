import { byTurn, type Waiter } from './grant.ts';

/** Waiters in their turn; a place is found by bisection. */
export class Turns {
  readonly #waiters: Waiter[] = [];

  insert(waiter: Waiter): void {
    this.#waiters.splice(this.ahead(waiter), 0, waiter);
  }

  delete(waiter: Waiter): void {
    const index = this.ahead(waiter);
    if (this.#waiters[index] === waiter) this.#waiters.splice(index, 1);
  }

  /** How many have an earlier turn. */
  ahead(waiter: Waiter): number {
    let [from, to] = [0, this.#waiters.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      const other = this.#waiters[middle];
      if (other !== undefined && byTurn(other, waiter) < 0) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  get size(): number {
    return this.#waiters.length;
  }

  first(count: number): readonly Waiter[] {
    return this.#waiters.slice(0, count);
  }

  [Symbol.iterator](): Iterator<Waiter> {
    return this.#waiters[Symbol.iterator]();
  }
}
