const SHOWN = '***';

/**
 * A value that must not reach a log, an event, a status or an error text. It prints as `***` however it is printed;
 * `reveal()` is called only where a request is built and where a value is compared or hashed.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return SHOWN;
  }
}
