import { Secret } from '../../core/secret.ts';
import { type DeclaredSecret, type SecretValues, sameValues } from '../declared.ts';

export interface SecretBookOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Values of removed Secrets, from the state. */
  readonly remembered: readonly DeclaredSecret[];
  /** Makes the values of a removed Secret durable. */
  save(secret: DeclaredSecret): Promise<void>;
  forget(namespace: string, name: string): Promise<void>;
  changed(namespace: string, name: string): void;
}

/** What a scan says about Secrets, by `namespace/name`. */
export interface SecretScan {
  readonly declared: ReadonlyMap<string, DeclaredSecret>;
  /** Absent from `declared`, and yet no absence. */
  mayBeThere(name: string): boolean;
  /** Does a live task need it? Asked for absent ones only. */
  needed(): ReadonlySet<string>;
  /** `certain`: complete, and not held as a likely mistake; only then is anything forgotten. */
  readonly absence: 'certain' | 'doubtful';
  /** Monotonic. */
  readonly beganAt: number;
  readonly endedAt: number;
}

/** The name of the variable that serves a reference where no Secret document does (design §4). */
export const environmentName = (namespace: string, name: string, key: string): string =>
  `AGORA_SECRET_${[namespace, name, key].map((part) => part.toUpperCase().replace(/[^A-Z0-9]/g, '_')).join('_')}`;

/**
 * The values behind references: a Secret document, else an environment variable, else the last value of a document
 * that was removed while live tasks need it. That value is in the state from the first scan that misses it on.
 */
export class SecretBook {
  readonly #options: SecretBookOptions;
  readonly #pruneAfterMs: number;
  readonly #documents = new Map<string, DeclaredSecret & { readonly absentSince?: number }>();
  readonly #remembered: Map<string, DeclaredSecret>;

  constructor(options: SecretBookOptions, pruneAfterMs: number) {
    this.#options = options;
    this.#pruneAfterMs = pruneAfterMs;
    this.#remembered = new Map(options.remembered.map((one) => [nameOf(one), one]));
  }

  get(namespace: string, name: string, key: string): Secret | undefined {
    const full = `${namespace}/${name}`;
    const document = own(this.#documents.get(full)?.values, key);
    if (document !== undefined) return document;
    const text = this.#options.environment[environmentName(namespace, name, key)];
    return text === undefined ? own(this.#remembered.get(full)?.values, key) : new Secret(text);
  }

  async take(scan: SecretScan): Promise<void> {
    for (const [full, secret] of scan.declared) await this.#document(full, secret);
    const absent = [...this.#documents].filter(([full]) => !scan.declared.has(full) && !scan.mayBeThere(full));
    const orphaned = [...this.#remembered.keys()].filter((full) => !this.#documents.has(full));
    if (absent.length + orphaned.length === 0) return;
    const needed = scan.needed();
    for (const [full, document] of absent) {
      if (needed.has(full) && !this.#remembered.has(full)) await this.#remember(full, document);
      if (scan.absence === 'doubtful') continue;
      const { absentSince = scan.endedAt, namespace, name, values } = document;
      this.#documents.set(full, { namespace, name, values, absentSince });
      if (scan.beganAt - absentSince < this.#pruneAfterMs) continue;
      this.#documents.delete(full);
      this.#options.changed(namespace, name);
    }
    if (scan.absence === 'doubtful') return;
    for (const full of orphaned) {
      const secret = this.#remembered.get(full);
      if (secret === undefined || needed.has(full)) continue;
      await this.#forget(full, secret);
      this.#options.changed(secret.namespace, secret.name);
    }
  }

  async #document(full: string, secret: DeclaredSecret): Promise<void> {
    const old = this.#documents.get(full) ?? this.#remembered.get(full);
    this.#documents.set(full, secret);
    if (!sameValues(old?.values, secret.values)) this.#options.changed(secret.namespace, secret.name);
    const remembered = this.#remembered.get(full);
    if (remembered !== undefined) await this.#forget(full, remembered);
  }

  async #remember(full: string, { namespace, name, values }: DeclaredSecret): Promise<void> {
    const secret = { namespace, name, values };
    await this.#options.save(secret);
    this.#remembered.set(full, secret);
  }

  async #forget(full: string, { namespace, name }: DeclaredSecret): Promise<void> {
    await this.#options.forget(namespace, name);
    this.#remembered.delete(full);
  }
}

const nameOf = ({ namespace, name }: DeclaredSecret): string => `${namespace}/${name}`;

/** Not `constructor` and the like. */
const own = (values: SecretValues | undefined, key: string): Secret | undefined =>
  values !== undefined && Object.hasOwn(values, key) ? values[key] : undefined;
