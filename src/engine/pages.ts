import { deletionRequested, type Key, keyOf, type Resource } from '../core/resource.ts';
import { type Instant, seconds } from '../core/time.ts';
import { NO_PAGES, type PageHeard, type PagesSeen } from '../kinds/context.ts';
import { type SaidOfIngress, saidOfIngress } from '../kinds/project/pages.ts';
import { currentOf } from '../kinds/recording/current.ts';
import type { RecordingSpec, RecordingStatus } from '../kinds/recording/types.ts';

/** A heartbeat may be late by a quarter and two seconds; one that is left out breaks the row. */
const breakAfterMs = (heartbeatSeconds: number): number => seconds(1.25 * heartbeatSeconds + 2);

/** Which pages report, so that the silence of one can be told from that of our own ingress (WR-9). Volatile. */
export class Pages {
  readonly #heard = new Map<Key, PageHeard>();
  /** Recordings whose page was ready and has to go on reporting, by their status: a restart does not forget them. */
  readonly #expected = new Set<Key>();
  readonly #said = new Map<Key, SaidOfIngress>();

  reported(resource: Resource, at: Instant): void {
    const key = keyOf(resource);
    const { pageWatch } = resource.spec as Partial<RecordingSpec>;
    if (pageWatch === undefined) return;
    const before = this.#heard.get(key);
    const goesOn = before !== undefined && at - before.lastAt <= breakAfterMs(pageWatch.heartbeatSeconds);
    this.#heard.set(key, { since: goesOn ? before.since : at, lastAt: at });
  }

  /** True where what its page says of our own ingress has changed, which concerns its project. */
  index(resource: Resource): boolean {
    const key = keyOf(resource);
    if (isExpected(resource)) this.#expected.add(key);
    else this.#expected.delete(key);
    const said = saidOfIngress(resource);
    if (said === this.#said.get(key)) return false;
    if (said === undefined) this.#said.delete(key);
    else this.#said.set(key, said);
    return true;
  }

  forget(key: Key): void {
    this.#heard.delete(key);
    this.#said.delete(key);
    this.#expected.delete(key);
  }

  /** What the pages of these resources tell; `besides` is left out. */
  seen(keys: Iterable<Key>, besides: Key): PagesSeen {
    if (this.#heard.size === 0 && this.#expected.size === 0) return NO_PAGES;
    const others = [...keys].filter((key) => key !== besides);
    const heard = others.map((key) => this.#heard.get(key)).filter((row) => row !== undefined);
    const watched = others.filter((key) => this.#expected.has(key)).length;
    if (heard.length === 0) return { watched };
    return { watched, heard, lastReportAt: heard.reduce((latest, { lastAt }) => Math.max(latest, lastAt), 0) };
  }
}

function isExpected(resource: Resource): boolean {
  if (resource.kind !== 'WebPageRecording' || deletionRequested(resource)) return false;
  const { spec, status } = resource as Resource<RecordingSpec, RecordingStatus>;
  if (spec.pageWatch === undefined || spec.suspend || spec.desiredState !== 'Running') return false;
  const task = status === undefined ? undefined : currentOf(status);
  return task?.pageToken !== undefined && task.pageReadyAt !== undefined;
}
