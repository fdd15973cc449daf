/** One HTTP exchange as values, so that the simulated cloud can stand in for the network in the same process. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Absolute, with the domain that was chosen for this attempt. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** An answer with a longer body is refused (`ERR_ANSWER_TOO_LARGE`). */
  readonly maxAnswerBytes?: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Sends one request and resolves with whatever HTTP answer came; never retries, never throws for a status.
 * Rejects with an Error that carries Node's `code` (`ENOTFOUND`, `ECONNREFUSED`, `ECONNRESET`, `UND_ERR_…`) when no
 * answer came, or with `signal.reason` when aborted.
 */
export type Transport = (request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>;
