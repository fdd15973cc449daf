import type { Product } from './limits.ts';

/** What an account sets up in Agora's Console: where the notifications of an App ID go, and their secrets. */
export interface Subscription {
  /** Absolute, or a path where the receiver is in the same process. */
  readonly url: string;
  /** A product without a secret tells nothing. */
  readonly secrets: { readonly [Name in Product]?: string };
}

export class Subscriptions {
  readonly #byAppId = new Map<string, Subscription>();
  readonly #any: Subscription | undefined;

  constructor(any?: Subscription) {
    this.#any = any;
  }

  set(appId: string, subscription: Subscription | undefined): void {
    if (subscription === undefined) this.#byAppId.delete(appId);
    else this.#byAppId.set(appId, subscription);
  }

  get(appId: string, product: Product): { readonly url: string; readonly secret: string } | undefined {
    const found = this.#byAppId.get(appId) ?? this.#any;
    const secret = found?.secrets[product];
    return found === undefined || secret === undefined ? undefined : { url: found.url, secret };
  }
}
