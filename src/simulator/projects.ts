import type { Instant } from '../core/time.ts';
import type { Ledger } from './ledger.ts';
import {
  DEFAULT_LIMITS,
  type LimitOverrides,
  type Limits,
  type Product,
  type QpsLimit,
  Usage,
  withOverrides,
} from './limits.ts';
import { type Area, SIZE_CLASSES, type SizeClass } from './sizes.ts';
import type { Switches } from './switches.ts';
import { SlidingWindow } from './windows.ts';

/** What every project can be given. */
export interface ProjectSettings {
  readonly limits?: LimitOverrides;
  /** Default true. */
  readonly recordingEnabled?: boolean;
  /** Default true. */
  readonly mediaPushEnabled?: boolean;
  /** The account is overdue. Default false. */
  readonly suspended?: boolean;
}

export interface ProjectOptions extends ProjectSettings {
  readonly appId: string;
  readonly customerId: string;
  readonly customerSecret: string;
}

/** For any App ID that no project names. Without credentials, any are taken. */
export interface AnyProjectOptions extends ProjectSettings {
  readonly credentials?: { readonly customerId: string; readonly customerSecret: string };
}

export interface Peak {
  readonly product: Product;
  readonly area: Area;
  readonly class: SizeClass;
  /** Most tasks of the class or better at one time. */
  readonly used: number;
}

/** One App ID: Agora's own unit of limits. */
export class Project {
  readonly appId: string;
  /** Undefined: any credentials will do. */
  readonly authorization: string | undefined;
  readonly settings: ProjectSettings;
  readonly usage = new Usage();
  readonly windows = new Map<string, SlidingWindow>();
  readonly #peaks = new Map<string, Peak>();
  limits: Limits;

  constructor(appId: string, authorization: string | undefined, settings: ProjectSettings) {
    this.appId = appId;
    this.authorization = authorization;
    this.settings = settings;
    this.limits = withOverrides(DEFAULT_LIMITS, settings.limits);
  }

  /** Counts one call against a limit of queries a second; false where it is refused. */
  takeCall(limit: QpsLimit, now: Instant, switches: Switches, detail = ''): boolean {
    const key = `${limit}${detail}`;
    let window = this.windows.get(key);
    if (window === undefined) {
      window = new SlidingWindow();
      this.windows.set(key, window);
    }
    return window.take(now, this.limits.qps[limit], switches.enforceLimits === 'on');
  }

  /** Whether one more task would fit; where limits are not enforced it always does. */
  hasRoom(product: Product, area: Area, size: SizeClass, switches: Switches): boolean {
    return (
      switches.enforceLimits === 'off' ||
      this.usage.excess(product, area, size, 1, this.limits, switches.mixedResolution).length === 0
    );
  }

  /** Counts a task from now on, and notes what limits it exceeds. */
  occupy(
    product: Product,
    area: Area,
    size: SizeClass,
    context: { readonly at: Instant; readonly ledger: Ledger; readonly switches: Switches },
  ): void {
    this.usage.add(product, area, size, 1);
    for (const excess of this.usage.excess(product, area, size, 0, this.limits, context.switches.mixedResolution)) {
      context.ledger.excess.push({ ...excess, appId: this.appId, at: context.at });
    }
    const counts = this.usage.counts(product, area);
    let used = 0;
    for (const each of SIZE_CLASSES.toReversed()) {
      used += counts[each];
      const key = `${product}/${area}/${each}`;
      if (used > (this.#peaks.get(key)?.used ?? 0)) this.#peaks.set(key, { product, area, class: each, used });
    }
  }

  vacate(product: Product, area: Area, size: SizeClass): void {
    this.usage.add(product, area, size, -1);
  }

  peaks(): readonly Peak[] {
    return [...this.#peaks.values()];
  }
}

export const basic = (customerId: string, customerSecret: string): string =>
  `Basic ${Buffer.from(`${customerId}:${customerSecret}`).toString('base64')}`;

/** The projects that are configured, and those that come to be because any App ID is taken. */
export class Projects {
  readonly #byAppId = new Map<string, Project>();
  readonly #authorizations = new Set<string>();
  readonly #any: AnyProjectOptions | undefined;

  constructor(configured: readonly ProjectOptions[], any: AnyProjectOptions | undefined) {
    for (const { appId, customerId, customerSecret, ...settings } of configured) {
      const authorization = basic(customerId, customerSecret);
      this.#byAppId.set(appId, new Project(appId, authorization, settings));
      this.#authorizations.add(authorization);
    }
    this.#any = any;
  }

  get(appId: string): Project | undefined {
    const known = this.#byAppId.get(appId);
    if (known !== undefined || this.#any === undefined || !/^[0-9A-Za-z_-]{1,64}$/.test(appId)) return known;
    const { credentials, ...settings } = this.#any;
    const made = new Project(appId, credentials && basic(credentials.customerId, credentials.customerSecret), settings);
    this.#byAppId.set(appId, made);
    return made;
  }

  all(): readonly Project[] {
    return [...this.#byAppId.values()];
  }

  /** Whether any account has these credentials. */
  knows(authorization: string): boolean {
    return this.#any !== undefined || this.#authorizations.has(authorization);
  }
}
