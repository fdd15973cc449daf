import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Json, jsonPatch, type Metadata, mergePatch } from './patches.ts';

/** One request to the stub. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly authorization: string | undefined;
  readonly accept: string | undefined;
}

/** What happens to a request: it is answered; refused; answered, but the answer is lost; never answered. */
export type Fate =
  | 'answered'
  | 'lost'
  | 'hanging'
  | { readonly status: number; readonly reason: string; readonly causes?: number };

interface Stored {
  readonly collection: string;
  readonly namespace: string;
  readonly object: Json;
}

interface Watcher {
  readonly collection: string;
  readonly namespace: string | undefined;
  readonly response: ServerResponse;
}

interface Change {
  readonly version: number;
  readonly type: string;
  readonly stored: Stored;
}

/**
 * The part of an API server that the host speaks to, in this process: versions, generations, finalizers, status
 * subresource, patches, lists, watches. It runs the host contract where there are no binaries; the real server runs the
 * same contract, which is how the stub is known to be like it.
 */
export class ApiStub {
  readonly calls: Call[] = [];
  fate: (call: Call) => Fate = () => 'answered';
  /** What of a status the schema lets through. */
  pruned: (status: unknown) => unknown = (status) => status;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #objects = new Map<string, Stored>();
  readonly #changes: Change[] = [];
  readonly #watchers = new Set<Watcher>();
  #version = 1;
  #oldest = 0;

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    server.on('request', (request, response) => void this.#take(request, response));
  }

  static async start(): Promise<ApiStub> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ApiStub(server);
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  async stop(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  /** Forgets history: whoever watches from before has to list anew. */
  compact(): void {
    this.#oldest = this.#version;
    this.#changes.length = 0;
  }

  /** Ends all watches. */
  cutWatches(): void {
    for (const { response } of this.#watchers) response.destroy();
  }

  /** Writes that were asked for, as `METHOD path`. */
  writes(): readonly string[] {
    return this.calls.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);
  }

  get(path: string): Json | undefined {
    return this.#objects.get(path)?.object;
  }

  /** As a user's request. Throws what a server would refuse. */
  request(method: string, path: string, body?: unknown, type = 'application/merge-patch+json'): Json {
    const answer = this.#answer(
      { method, path, query: new URLSearchParams(), body, authorization: undefined, accept: undefined },
      type,
    );
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status}`);
    return answer.body;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const call: Call = {
      method: request.method ?? '',
      path: decodeURIComponent(pathname),
      query: searchParams,
      body: text === '' ? undefined : JSON.parse(text),
      authorization: request.headers.authorization,
      accept: request.headers.accept,
    };
    this.calls.push(call);
    const fate = this.fate(call);
    if (fate === 'hanging') return;
    if (typeof fate === 'object') {
      const { body } = failure(fate.status, fate.reason);
      const causes = Array.from({ length: fate.causes ?? 0 }, () => ({ field: 'status', message: 'refused' }));
      return send(response, fate.status, { ...body, details: { causes } });
    }
    if (searchParams.get('watch') === 'true') return this.#watch(call, response);
    const { status, body } = this.#answer(call, request.headers['content-type'] ?? '');
    if (fate === 'lost') response.destroy();
    else send(response, status, status < 300 && call.accept?.startsWith(METADATA) === true ? metadataOf(body) : body);
  }

  #answer(call: Call, type: string): Answer {
    const { method, path } = call;
    if (path === '/version') return { status: 200, body: { major: '1', minor: '30', metadata: { name: '' } } };
    const route = ROUTE.exec(path)?.groups;
    if (route === undefined) return failure(404, 'NotFound');
    const { group = '', namespace, plural = '', name, sub } = route;
    const collection = `${group}/${plural}`;
    if (name === undefined) {
      return method === 'POST'
        ? this.#create(collection, namespace ?? '', call.body)
        : this.#list(collection, namespace, call);
    }
    const objectPath = `/${group}/namespaces/${namespace}/${plural}/${name}`;
    const stored = this.#objects.get(objectPath);
    if (stored === undefined) return failure(404, 'NotFound');
    if (method === 'GET') return { status: 200, body: stored.object };
    if (method === 'DELETE') return this.#delete(objectPath, stored);
    const { metadata } = stored.object;
    try {
      const asked = method === 'PUT' ? call.body : patched(stored.object, call.body, type);
      return this.#update(objectPath, stored, asked as Json, sub);
    } catch {
      return failure(422, 'Invalid', `the patch of ${metadata.name} failed`);
    }
  }

  #list(collection: string, namespace: string | undefined, { query }: Call): Answer {
    const all = [...this.#objects.entries()]
      .filter(([, stored]) => stored.collection === collection && (namespace ?? stored.namespace) === stored.namespace)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { object }]) => object);
    const from = Number(query.get('continue') ?? 0);
    const limit = Number(query.get('limit') ?? 0) || all.length;
    const next = from + limit < all.length ? String(from + limit) : '';
    return {
      status: 200,
      body: {
        metadata: { name: '', resourceVersion: String(this.#version), continue: next },
        items: all.slice(from, from + limit),
      },
    };
  }

  #create(collection: string, namespace: string, body: unknown): Answer {
    const given = body as Json;
    const plural = collection.slice(collection.lastIndexOf('/') + 1);
    const path = `/${collection.slice(0, collection.lastIndexOf('/'))}/namespaces/${namespace}/${plural}/${given.metadata.name}`;
    if (this.#objects.has(path)) return failure(409, 'AlreadyExists');
    const isOurs = collection.startsWith('apis/agora-reconciler.dev');
    const { status: _status, ...rest } = given;
    const object: Json = {
      ...(isOurs ? rest : given),
      metadata: {
        ...given.metadata,
        namespace,
        uid: randomUUID(),
        generation: 1,
        creationTimestamp: '2026-01-01T00:00:00Z',
      },
    };
    return { status: 201, body: this.#put(path, { collection, namespace, object }, 'ADDED') };
  }

  #update(path: string, stored: Stored, asked: Json, sub: string | undefined): Answer {
    const old = stored.object;
    const { resourceVersion, uid, finalizers, labels, annotations } = asked.metadata;
    if (uid !== undefined && uid !== old.metadata.uid) return failure(409, 'Conflict');
    if (resourceVersion !== undefined && resourceVersion !== old.metadata.resourceVersion)
      return failure(409, 'Conflict');
    const isOurs = stored.collection.startsWith('apis/agora-reconciler.dev');
    const { status: _status, ...rest } = asked;
    const own = isOurs ? { ...rest, ...(old['status'] === undefined ? {} : { status: old['status'] }) } : asked;
    const changed = JSON.stringify(own['spec']) !== JSON.stringify(old['spec']);
    const metadata: Metadata = {
      ...old.metadata,
      finalizers: finalizers ?? [],
      labels,
      annotations,
      generation: Number(old.metadata['generation']) + (changed ? 1 : 0),
    };
    const object: Json = sub === 'status' ? { ...old, status: this.pruned(asked['status']) } : { ...own, metadata };
    if (same(object, old)) return { status: 200, body: old };
    const isOver = object.metadata.deletionTimestamp !== undefined && (object.metadata.finalizers ?? []).length === 0;
    return { status: 200, body: this.#put(path, { ...stored, object }, isOver ? 'DELETED' : 'MODIFIED') };
  }

  #delete(path: string, stored: Stored): Answer {
    const { metadata } = stored.object;
    if ((metadata.finalizers ?? []).length === 0) return { status: 200, body: this.#put(path, stored, 'DELETED') };
    if (metadata.deletionTimestamp !== undefined) return { status: 200, body: stored.object };
    const object = { ...stored.object, metadata: { ...metadata, deletionTimestamp: '2026-01-02T00:00:00Z' } };
    return { status: 200, body: this.#put(path, { ...stored, object }, 'MODIFIED') };
  }

  #put(path: string, { object, ...place }: Stored, type: string): Json {
    this.#version += 1;
    const version = String(this.#version);
    const next: Json = JSON.parse(
      JSON.stringify({ ...object, metadata: { ...object.metadata, resourceVersion: version } }),
    );
    const stored = { ...place, object: next };
    if (type === 'DELETED') this.#objects.delete(path);
    else this.#objects.set(path, stored);
    const change = { version: this.#version, type, stored };
    this.#changes.push(change);
    for (const watcher of this.#watchers) tell(watcher, change);
    return next;
  }

  #watch({ path, query }: Call, response: ServerResponse): void {
    const { group, namespace, plural } = ROUTE.exec(path)?.groups ?? {};
    const from = Number(query.get('resourceVersion'));
    if (from < this.#oldest) return send(response, 410, failure(410, 'Expired').body);
    const watcher: Watcher = { collection: `${group}/${plural}`, namespace, response };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const change of this.#changes) if (change.version > from) tell(watcher, change);
    if (query.get('timeoutSeconds') === '1') {
      response.end();
      return;
    }
    this.#watchers.add(watcher);
    response.on('close', () => this.#watchers.delete(watcher));
  }
}

interface Answer {
  readonly status: number;
  readonly body: Json;
}

const ROUTE =
  /^\/(?<group>api\/v1|apis\/[^/]+\/[^/]+)(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<plural>[a-z]+)(?:\/(?<name>[^/]+))?(?:\/(?<sub>status))?$/;

function tell({ collection, namespace, response }: Watcher, { stored, type }: Change): void {
  if (stored.collection !== collection || (namespace ?? stored.namespace) !== stored.namespace) return;
  response.write(`${JSON.stringify({ type, object: stored.object })}\n`);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

const metadataOf = ({ metadata }: Json): Json => ({
  apiVersion: 'meta.k8s.io/v1',
  kind: 'PartialObjectMetadata',
  metadata,
});

const failure = (status: number, reason: string, message = reason): Answer => ({
  status,
  body: { kind: 'Status', code: status, reason, message, metadata: { name: '' } },
});

const patched = (object: Json, patch: unknown, type: string): unknown =>
  type.startsWith('application/json-patch') ? jsonPatch(object, patch) : mergePatch(object, patch);

const same = (a: Json, b: Json): boolean => JSON.stringify(a) === JSON.stringify(b);
