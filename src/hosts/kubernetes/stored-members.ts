/** Members of a kind's statuses that the server is known to store as they are sent. */
interface Branch {
  /** By the member's name; items of a list are all alike. */
  readonly members: Map<string, Branch>;
}

const ITEM = '[]';
/** Of all kinds together, a few hundred are to be had; the members of a map have any name. */
const MOST_MEMBERS = 4_096;

/**
 * A server drops, without a word, each member that its CRD does not name, as where the controller is newer than the CRDs. What it
 * drops depends on where the member stands and on nothing else; so an answer that holds all that was sent is proof for
 * every later status with the same members, whose answer need not be read.  (ADR 0037)
 */
export class StoredMembers {
  readonly #root: Branch = { members: new Map() };
  #count = 0;

  /** Was each member of it seen to be stored? `null` never is: a server may leave it out where another value stays. */
  cover(data: unknown): boolean {
    return covers(this.#root, data);
  }

  /** The server answered that all of it is stored. */
  learn(data: unknown): void {
    this.#learn(this.#root, data);
  }

  forget(): void {
    this.#root.members.clear();
    this.#count = 0;
  }

  #learn(branch: Branch, data: unknown): void {
    if (typeof data !== 'object' || data === null) return;
    for (const [name, value] of membersOf(data)) {
      let next = branch.members.get(name);
      if (next === undefined) {
        if (this.#count >= MOST_MEMBERS) return;
        this.#count += 1;
        next = { members: new Map() };
        branch.members.set(name, next);
      }
      this.#learn(next, value);
    }
  }
}

function covers(branch: Branch, data: unknown): boolean {
  if (typeof data !== 'object') return true;
  if (data === null) return false;
  for (const [name, value] of membersOf(data)) {
    const next = branch.members.get(name);
    if (next === undefined || !covers(next, value)) return false;
  }
  return true;
}

function membersOf(data: object): readonly (readonly [string, unknown])[] {
  if (Array.isArray(data)) return data.map((item: unknown) => [ITEM, item]);
  return Object.entries(data).filter(([, value]) => value !== undefined);
}
