/**
 * So much work at once, the rest in the order in which it came. Thousands of answers that arrive together would otherwise
 * open a connection each, and the deadlines of their writes would run while the server works on the first ones.
 */
export class Turns {
  readonly #most: number;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(most: number) {
    this.#most = most;
  }

  async run<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#running < this.#most) this.#running += 1;
    else await new Promise<void>((resolve) => this.#waiting.add(resolve));
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  /** Hands the turn on; nobody who comes now gets before those that wait. */
  #next(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#running -= 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
