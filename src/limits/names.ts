import type { Key } from '../core/resource.ts';
import type { UniqueName } from './slot.ts';

/** Who uses which unique name: first come (MP-17, MP-18). Those who came later are told when it is free. */
export class NameRegister {
  /** Claimants in the order in which they came; statuses may show a name twice, and then the first counts. */
  readonly #claimants = new Map<UniqueName, Key[]>();
  readonly #refused = new Map<UniqueName, Set<Key>>();

  isTaken(name: UniqueName, by: Key): boolean {
    const owner = this.#claimants.get(name)?.[0];
    return owner !== undefined && owner !== by;
  }

  /** Remembers that `key` would have liked the name. Returns who has it. */
  refuse(name: UniqueName, key: Key): Key {
    this.#refused.set(name, (this.#refused.get(name) ?? new Set()).add(key));
    return this.#claimants.get(name)?.[0] ?? key;
  }

  /** `key` used the names `before` and uses `after` from now on. Returns who waits for what became free. */
  change(key: Key, before: readonly UniqueName[], after: readonly UniqueName[]): readonly Key[] {
    for (const name of after) {
      const claimants = this.#claimants.get(name) ?? [];
      if (!claimants.includes(key)) this.#claimants.set(name, [...claimants, key]);
    }
    return before.filter((name) => !after.includes(name)).flatMap((name) => this.#release(name, key));
  }

  #release(name: UniqueName, key: Key): readonly Key[] {
    const left = (this.#claimants.get(name) ?? []).filter((other) => other !== key);
    if (left.length > 0) {
      this.#claimants.set(name, left);
      return [];
    }
    this.#claimants.delete(name);
    const waiting = [...(this.#refused.get(name) ?? [])];
    this.#refused.delete(name);
    return waiting;
  }
}
