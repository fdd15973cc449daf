import type { Inbound, InboundAnswer } from '../core/inbound.ts';

/** Something that the cloud, or a page in it, sends to somebody else. */
export interface Message {
  /** Absolute, or a path where the receiver is in the same process. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The address that it comes from, as a receiver in the same process sees it. */
  readonly from: string;
}

/** Sends once. Rejects where no answer comes, or with the signal's reason. */
export type Post = (message: Message, signal: AbortSignal) => Promise<InboundAnswer>;

/** To a receiver in the same process; whatever host a URL names. */
export const postTo =
  (inbound: Inbound): Post =>
  ({ url, headers, body, from }, signal) => {
    const { pathname, search } = new URL(url, 'http://receiver.invalid');
    const answer = inbound({
      method: 'POST',
      target: `${pathname}${search}`,
      headers: { 'content-length': String(Buffer.byteLength(body)), ...headers },
      body: Buffer.from(body),
      from,
    });
    return untilAborted(answer, signal);
  };

/** Over HTTP, as Agora does it. */
export const postOverHttp: Post = async ({ url, headers, body }, signal) => {
  const answer = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
  return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
};

function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason);
    if (signal.aborted) aborted();
    signal.addEventListener('abort', aborted, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
  });
}
