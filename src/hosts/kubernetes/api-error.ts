/** An answer of the API server that is no success. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** `NotFound`, `Conflict`, `Expired`, … */
  readonly reason: string | undefined;
  /** As the server asks by Retry-After. */
  readonly retryAfterMs: number | undefined;
  /** Fields that it refuses: none for a failed test of a patch. */
  readonly causes: number;
  /** The same, one by one. */
  readonly fields: readonly { readonly field: string; readonly message: string }[];

  constructor(
    what: string,
    answer: { readonly status: number; readonly body: unknown; readonly retryAfterMs?: number },
  ) {
    const { message, reason, causes } = statusOf(answer.body);
    super(`${what}: ${answer.status}${message === undefined ? '' : ` ${message}`}`);
    this.status = answer.status;
    this.reason = reason;
    this.retryAfterMs = answer.retryAfterMs;
    this.causes = causes;
    this.fields = fieldsOf(answer.body);
  }
}

/** What was asked for is older than what the server still knows: everything must be listed anew. */
export const isExpired = (error: unknown): boolean =>
  error instanceof ApiError && (error.status === 410 || error.reason === 'Expired' || error.reason === 'Gone');

/** The parts of a `Status` object that are read here. */
export function statusOf(body: unknown): {
  readonly message: string | undefined;
  readonly reason: string | undefined;
  readonly code: number | undefined;
  readonly causes: number;
} {
  const { message, reason, code, details } = member(body);
  const { causes } = member(details);
  return {
    message: typeof message === 'string' ? message.slice(0, 500) : undefined,
    reason: typeof reason === 'string' ? reason : undefined,
    code: typeof code === 'number' ? code : undefined,
    causes: Array.isArray(causes) ? causes.length : 0,
  };
}

function fieldsOf(body: unknown): ApiError['fields'] {
  const { causes } = member(member(body)['details']);
  return (Array.isArray(causes) ? causes : []).map((cause) => {
    const { field, message } = member(cause);
    return { field: typeof field === 'string' ? field : '', message: typeof message === 'string' ? message : '' };
  });
}

/** The members of an object; none where it is not one. */
export const member = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
