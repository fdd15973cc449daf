/** A key and the instant, on the monotonic clock, from which it is due. */
export interface Due<Key> {
  readonly key: Key;
  readonly at: number;
}

/**
 * The next instant of each key, the earliest first: a binary heap whose superseded entries are skipped when they come
 * up and swept when they are the majority.
 */
export class TimerHeap<Key> {
  readonly #dueAt = new Map<Key, Due<Key>>();
  #heap: Due<Key>[] = [];

  get size(): number {
    return this.#dueAt.size;
  }

  /** The earliest instant wins. True where this one is now the key's. */
  set(key: Key, at: number): boolean {
    const known = this.#dueAt.get(key);
    if (known !== undefined && known.at <= at) return false;
    const due = { key, at };
    this.#dueAt.set(key, due);
    this.#heap.push(due);
    this.#up(this.#heap.length - 1);
    if (this.#heap.length > 2 * this.#dueAt.size + 64) this.#sweep();
    return true;
  }

  next(): Due<Key> | undefined {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined || this.#dueAt.get(top.key) === top) return top;
      this.#pop();
    }
  }

  /** Takes out the earliest key if it is due. */
  take(now: number): Key | undefined {
    const top = this.next();
    if (top === undefined || top.at > now) return undefined;
    this.#pop();
    this.#dueAt.delete(top.key);
    return top.key;
  }

  #sweep(): void {
    this.#heap = [...this.#dueAt.values()].sort((a, b) => a.at - b.at);
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#down(0);
  }

  #up(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfEarlier(index, parent)) return;
      index = parent;
    }
  }

  #down(from: number): void {
    let index = from;
    for (;;) {
      const left = 2 * index + 1;
      const child = this.#isEarlier(left + 1, left) ? left + 1 : left;
      if (!this.#swapIfEarlier(child, index)) return;
      index = child;
    }
  }

  #isEarlier(a: number, b: number): boolean {
    const first = this.#heap[a];
    const second = this.#heap[b];
    return first !== undefined && second !== undefined && first.at < second.at;
  }

  #swapIfEarlier(child: number, parent: number): boolean {
    const below = this.#heap[child];
    const above = this.#heap[parent];
    if (below === undefined || above === undefined || below.at >= above.at) return false;
    this.#heap[child] = above;
    this.#heap[parent] = below;
    return true;
  }
}
