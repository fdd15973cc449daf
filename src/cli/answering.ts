import type { Key } from '../core/resource.ts';
import type { Explanation } from '../plan/explanation.ts';
import type { SupportCase } from '../plan/support.ts';
import type { Asks } from './control/protocol.ts';

export type Listed = Asks['get']['answer'];

/** Where `get`, `explain` and `support` have their answers from: a running controller, or what it wrote. */
export interface Source {
  /** That is meant where none is named; absent: all of them. */
  readonly namespace?: string;
  /** `selector`: of labels, in a cluster. */
  list(request: Asks['get']['request'] & { readonly selector?: string }): Promise<Listed>;
  explain(key: Key): Promise<Explanation>;
  support(key: Key): Promise<SupportCase>;
  close(): Promise<void>;
}
