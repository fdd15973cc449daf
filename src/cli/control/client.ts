import { connect } from 'node:net';
import { errorCode } from '../../hosts/files/filesystem.ts';
import {
  ANSWER_TIMEOUT_MS,
  type Ask,
  type Asks,
  ControlError,
  MAX_ANSWER_BYTES,
  parseAnswer,
  type Request,
  requestLine,
} from './protocol.ts';
import { shortestPath } from './socket-path.ts';

/** Nobody answers: no socket, or a dead process's. Only then may a command go by the written status. */
const NOBODY = ['ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'ENOTDIR', 'ENAMETOOLONG', 'EINVAL'];

/**
 * Asks the controller that serves the socket at `path`. Undefined where none does. Throws a `ControlError` where one
 * does and does not answer well.
 */
export async function askController<Which extends Ask>(
  path: string,
  ask: Which,
  request: Asks[Which]['request'],
  signal: AbortSignal,
): Promise<Asks[Which]['answer'] | undefined> {
  const line = await exchange(path, requestLine({ ask, ...request } as unknown as Request), signal);
  // The controller is of the same version, which `parseAnswer` has checked.
  return line === undefined ? undefined : (parseAnswer(line) as Asks[Which]['answer']);
}

function exchange(path: string, request: string, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(shortestPath(path));
    const parts: Buffer[] = [];
    let bytes = 0;
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      socket.destroy();
      act();
    };
    const fail = (message: string): void => settle(() => reject(new ControlError('failed', message)));
    const aborted = (): void => settle(() => reject(signal.reason));
    const timer = setTimeout(
      () => fail(`the controller did not answer within ${ANSWER_TIMEOUT_MS / 1_000} s`),
      ANSWER_TIMEOUT_MS,
    );
    signal.addEventListener('abort', aborted, { once: true });
    if (signal.aborted) aborted();
    socket.on('connect', () => socket.write(request));
    socket.on('data', (part: Buffer) => {
      parts.push(part);
      bytes += part.length;
      if (bytes > MAX_ANSWER_BYTES) fail('the controller’s answer is too long');
    });
    socket.on('end', () => {
      const text = Buffer.concat(parts).toString('utf8');
      if (text.endsWith('\n')) settle(() => resolve(text.slice(0, -1)));
      else fail('the controller ended before it had answered');
    });
    socket.on('error', (error) => {
      if (NOBODY.includes(errorCode(error) ?? '')) settle(() => resolve(undefined));
      else fail(`the controller cannot be asked: ${errorCode(error) ?? error.message}`);
    });
  });
}
