import { realClock } from '../../engine/clock.ts';
import { CommandError, EXIT, type Io } from '../io.ts';
import type { Exchange } from './http-client.ts';
import { ANSWER_TIMEOUT_MS, CONTROL_PATH } from './protocol.ts';

/** Asks the controller whose health server is at an address, as `127.0.0.1:8081` behind `kubectl port-forward`. */
export function exchangeWith(address: string, io: Pick<Io, 'signal'>): Exchange {
  const base = /^https?:\/\//.test(address) ? address : `http://${address}`;
  if (!URL.canParse(base))
    throw new CommandError(`${address} is no address; write 127.0.0.1:8081`, { exitCode: EXIT.usage });
  const url = `${base.replace(/\/+$/, '')}${CONTROL_PATH}`;
  return async (request) => {
    const deadline = realClock().deadline(ANSWER_TIMEOUT_MS, io.signal);
    try {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(url, {
        method: 'POST',
        headers,
        body: request,
        redirect: 'error',
        signal: deadline.signal,
      });
      if (answer.ok) return await answer.text();
      await answer.body?.cancel();
    } catch (error) {
      if (io.signal.aborted) throw io.signal.reason;
      throw new CommandError(`no controller answers at ${address}`, { cause: error });
    } finally {
      // The deadline's timer would keep the process.
      deadline.end();
    }
    throw new CommandError(`what answers at ${address} is no controller of this version`);
  };
}
