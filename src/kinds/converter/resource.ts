import type { Resource } from '../../core/resource.ts';
import type { ConverterSpec, ConverterStatus } from './types.ts';

/** A converter as it is declared, or a member of a redundant set as if it were one (ADR 0031). */
export type ConverterResource = Resource<ConverterSpec, ConverterStatus> & { readonly member?: MemberPart };

/** What the view of a redundant set's member has besides (ADR 0031); absent where there is no redundancy. */
export interface MemberPart {
  readonly name: string;
  /** MP-9: what the CDN is told in the address. */
  readonly priority?: Priority;
  /** What the latest task of its set came to: a priority takes over from another. */
  readonly after?: string;
  /** How many entries it may have: its siblings share the room of the list. */
  readonly room: number;
  /** Why it is to have no task although the resource wants to run. */
  readonly unwanted?: string;
}

export interface Priority {
  readonly parameter: string;
  readonly value: number;
}

/** The member of a resource that declares no redundancy. */
export const ONLY_MEMBER = 'main';
