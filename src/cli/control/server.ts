import { chmod, lstat, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { errorCode } from '../../hosts/files/filesystem.ts';
import { type Logger, SILENT } from '../../observability/log.ts';
import {
  type Ask,
  type Asks,
  answerLine,
  ControlError,
  errorLine,
  MAX_CONNECTIONS,
  MAX_REQUEST_BYTES,
  parseRequest,
  REQUEST_TIMEOUT_MS,
  type Request,
} from './protocol.ts';
import { shortestPath } from './socket-path.ts';

/** What a running controller answers. A `ControlError` goes to who asked; anything else does as `failed`, in brief. */
export type ControlAnswers = {
  readonly [Each in Ask]: (request: Asks[Each]['request']) => Asks[Each]['answer'] | Promise<Asks[Each]['answer']>;
};

export interface ControlServer {
  /** Resolves when `signal` has aborted and the socket is gone. Never rejects. */
  readonly closed: Promise<void>;
}

/**
 * Serves the socket from the moment the promise resolves until `signal` aborts. The caller holds the lock of the state
 * directory, so that a socket file which is there already is a dead process's. Rejects where no socket can be made
 * (a path that is too long, a file system without sockets); `watch` then goes on without.
 */
export async function serveControl(
  path: string,
  answers: ControlAnswers,
  signal: AbortSignal,
  log: Logger = SILENT,
): Promise<ControlServer> {
  await removeStale(path);
  const sockets = new Set<Socket>();
  // Half open: a client that ends its side after the request still gets the answer.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    talk(socket, answers, log);
  });
  server.maxConnections = MAX_CONNECTIONS;
  await listening(server, path);
  const closed = new Promise<void>((resolve) => {
    const end = (): void => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
  return { closed: closed.then(() => rm(path, { force: true })).catch(() => undefined) };
}

async function removeStale(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) throw new ControlError('failed', `${path} is in the way: it is no socket`);
  await rm(path, { force: true });
}

/** The state directory keeps others out; the mode does so once more. */
async function listening(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new ControlError('failed', `no socket at ${path}: ${errorCode(error) ?? error.message}`, { cause: error }),
      ),
    );
    server.listen(shortestPath(path), resolve);
  });
  // Later errors (no file descriptors left) concern one connection; the client's time-out tells of them.
  server.on('error', () => undefined);
  await chmod(path, 0o600);
}

function talk(socket: Socket, answers: ControlAnswers, log: Logger): void {
  const parts: Buffer[] = [];
  let bytes = 0;
  let asked = false;
  const timer = setTimeout(() => socket.destroy(), REQUEST_TIMEOUT_MS);
  timer.unref();
  socket.on('close', () => clearTimeout(timer));
  // Who asked has gone: there is nobody to tell.
  socket.on('error', () => undefined);
  socket.on('data', (part: Buffer) => {
    if (asked) return;
    parts.push(part);
    bytes += part.length;
    const end = part.indexOf(10);
    if (end < 0 && bytes <= MAX_REQUEST_BYTES) return;
    asked = true;
    clearTimeout(timer);
    const line = Buffer.concat(parts).toString('utf8').split('\n', 1)[0] ?? '';
    void replyTo(bytes > MAX_REQUEST_BYTES ? undefined : line, answers, log).then((text) => socket.end(text));
  });
  socket.on('end', () => {
    if (!asked) socket.destroy();
  });
}

/** The answer to a request line; undefined stands for one that was too long. Never rejects. */
export async function replyTo(line: string | undefined, answers: ControlAnswers, log: Logger): Promise<string> {
  try {
    if (line === undefined) throw new ControlError('bad-request', `a request has at most ${MAX_REQUEST_BYTES} bytes`);
    return answerLine(await answer(parseRequest(line), answers));
  } catch (error) {
    if (error instanceof ControlError) return errorLine(error);
    log.error({ error }, 'a request of another command failed');
    return errorLine({ code: 'failed', message: 'the controller could not answer; its log says why' });
  }
}

function answer(request: Request, answers: ControlAnswers): unknown {
  switch (request.ask) {
    case 'get':
      return answers.get(request);
    case 'explain':
      return answers.explain(request);
    case 'support':
      return answers.support(request);
    case 'prune':
      return answers.prune(request);
    case 'stats':
      return answers.stats(request);
    case 'plan':
      return answers.plan(request);
  }
}
