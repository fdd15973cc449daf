import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** What a call to Agora is about: a recording by its cname, a converter by its name. */
export interface Subject {
  readonly kind: 'WebPageRecording' | 'RtmpConverter';
  readonly name: string;
  readonly method: string;
}

/** Called while a call is on the wire; the call goes on when it resolves. */
export type Meddle = (subject: Subject) => Promise<void>;

/** Stands between a controller and the simulated cloud: changes the resource of each call while the call is on its way. */
export class Meddler {
  /** Handles that the cloud gave. */
  readonly given = new Set<string>();
  /** Of those, which the controller never heard of: it had given up waiting for their answers. */
  readonly unheard = new Set<string>();
  /** Why calls were not passed on. */
  readonly failures: string[] = [];
  calls = 0;
  /** Told each call with its answer, before the controller knows. */
  told: (subject: Subject, answer: { readonly status: number; readonly text: string }) => void = () => undefined;
  meddle: Meddle = async () => undefined;
  readonly #server: Server;
  readonly #upstream: string;
  readonly #subjects = new Map<string, Omit<Subject, 'method'>>();

  private constructor(server: Server, upstream: string) {
    this.#server = server;
    this.#upstream = upstream;
    server.on('request', (incoming, response) => {
      this.#pass(incoming, response).catch((error: unknown) => {
        this.failures.push(`${incoming.method} ${incoming.url} could not be passed on: ${String(error)}`);
        response.destroy();
      });
    });
  }

  static async start(upstream: string): Promise<Meddler> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Meddler(server, upstream);
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = incoming;
    const body = await textOf(incoming);
    const { host: _host, connection: _connection, 'content-length': _length, ...headers } = incoming.headers;
    const subject = this.#subjectOf(url, body);
    const answer = await fetch(new URL(url, this.#upstream), {
      method,
      headers: headers as Record<string, string>,
      ...(body === '' ? {} : { body }),
    });
    const text = await answer.text();
    if (subject !== undefined) {
      this.calls += 1;
      const ids = this.#learn(subject, text);
      response.once('close', () => {
        if (!response.writableFinished) for (const id of ids) this.unheard.add(id);
      });
      this.told({ ...subject, method }, { status: answer.status, text });
      // After Agora has acted, and before the controller knows.
      await this.meddle({ ...subject, method });
    }
    response.writeHead(answer.status, Object.fromEntries([...answer.headers].filter(([name]) => KEPT.has(name))));
    response.end(text);
  }

  #subjectOf(url: string, body: string): Omit<Subject, 'method'> | undefined {
    if (url.startsWith('/_simulator')) return undefined;
    const parsed = body === '' ? {} : JSON.parse(body);
    if (typeof parsed.cname === 'string') return { kind: 'WebPageRecording', name: parsed.cname };
    if (typeof parsed.converter?.name === 'string') return { kind: 'RtmpConverter', name: parsed.converter.name };
    const known = url.split(/[/?]/).find((part) => this.#subjects.has(part));
    return known === undefined ? undefined : this.#subjects.get(known);
  }

  /** The handles in the answer. */
  #learn(subject: Omit<Subject, 'method'>, text: string): readonly string[] {
    const answer = text.startsWith('{') ? JSON.parse(text) : {};
    for (const id of [answer.resourceId, answer.sid, answer.converter?.id]) {
      if (typeof id === 'string') this.#subjects.set(id, subject);
    }
    const ids = [answer.sid, answer.converter?.id].filter((id) => typeof id === 'string');
    for (const id of ids) this.given.add(id);
    return ids;
  }
}

const KEPT: ReadonlySet<string> = new Set(['content-type', 'retry-after', 'x-request-id', 'x-resource-id']);

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
