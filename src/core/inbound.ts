/**
 * One request that somebody sends to us, and our answer, as values: the ingress works on them without sockets, so that
 * the simulated cloud can reach it in the same process.
 */
export interface InboundRequest {
  readonly method: string;
  /** Path and query, as on the request line. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Raw bytes: signatures are over them. */
  readonly body: Uint8Array;
  /** Address of the sender, for limits on what one may send. */
  readonly from: string;
}

export interface InboundAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Never rejects: what goes wrong is an answer. */
export type Inbound = (request: InboundRequest) => Promise<InboundAnswer>;
