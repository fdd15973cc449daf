import type { Key } from '../core/resource.ts';
import type { Instant } from '../core/time.ts';
import type { ConverterNotice, RecordingNotice } from '../kinds/evidence.ts';

/** A notice that was taken, as far as it is kept: what was told to whom, and by what a repeat of it is known. No secret. */
export interface JournalEntry {
  readonly at: Instant;
  readonly marks: readonly string[];
  readonly told?: { readonly key: Key; readonly evidence: RecordingNotice | ConverterNotice };
}

/** Keeps notices across a restart, as far as it can: one that is lost costs a later look. */
export interface Journal {
  /** Resolves when the entry is kept, or when it cannot be or not in time; never rejects. */
  append(entry: JournalEntry): Promise<void>;
  depth(): number;
}
