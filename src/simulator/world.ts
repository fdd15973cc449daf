import type { Instant } from '../core/time.ts';
import type { Agenda } from './agenda.ts';
import type { PageBrowser } from './browser.ts';
import type { Channels } from './channels.ts';
import type { Ids } from './dice.ts';
import type { Faults } from './faults.ts';
import type { Ledger } from './ledger.ts';
import type { PageReports } from './page-reports.ts';
import type { Area, SizeClass } from './sizes.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { Switches } from './switches.ts';
import type { Timings } from './timings.ts';

/** How a page behaves when a recorder opens it. */
export interface Page {
  /** From opening until all of it is as it should be, when it calls `notifyReady()`; absent: nothing of it ever loads. */
  readonly readyAfterMs?: number;
  /** The same after a reload; absent: as the first time. */
  readonly readyAfterReloadMs?: number;
  /** 4xx and 5xx make the recorder exit. Default 200. */
  readonly status?: number;
}

/** What the cloud cannot know by itself: pages, CDNs and the streams of raw converters. */
export interface Outside {
  readonly page: (url: string) => Page;
  /** Opens pages for real, in the machine's time; `page` is asked no more. */
  readonly browser?: PageBrowser;
  readonly cdn: (rtmpUrl: string) => 'accepts' | 'refuses';
  /** A raw converter forwards what comes; its class is not in its body. */
  readonly rawClass: (converter: {
    readonly appId: string;
    readonly name: string;
    readonly rtcStreamUid: number;
  }) => SizeClass;
  /** The caller's area, for recordings that name none. */
  readonly nearestArea: Area;
}

export const DEFAULT_OUTSIDE: Outside = {
  page: () => ({ readyAfterMs: 1_500 }),
  cdn: () => 'accepts',
  rawClass: () => 'HD',
  nearestArea: 'na',
};

/** What all parts of one cloud share. */
export interface World extends Outside {
  readonly agenda: Agenda;
  readonly ids: Ids;
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly channels: Channels;
  readonly subscriptions: Subscriptions;
  readonly pageReports: PageReports;
  readonly timings: Timings;
  readonly now: () => Instant;
  switches: Switches;
}

/** A task that Agora is moving to another server: every call about it says 404 until it is back. */
export interface Absence {
  readonly until: Instant;
  /** Whether List shows it meanwhile; absent: as the switch says. */
  readonly listed?: boolean;
}
