/** A process of its own: a cloud that answers everything at once, and remembers when it was first asked to create what. */
import { createServer, type IncomingMessage } from 'node:http';
import { machineMs } from './contender.ts';

const createdAt = new Map<string, number>();
const names = new Map<string, string>();

const server = createServer((request, response) => {
  const atMs = machineMs();
  void bodyOf(request).then((text) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answerTo(request, text, atMs)));
  });
});

function answerTo({ method = '', url = '' }: IncomingMessage, text: string, atMs: number): unknown {
  const now = Math.floor(Date.now() / 1_000);
  if (method === 'POST') {
    const { converter } = JSON.parse(text) as { readonly converter: { readonly name: string } };
    if (!createdAt.has(converter.name)) createdAt.set(converter.name, atMs);
    const id = `${names.size}`.padStart(32, '0');
    names.set(id, converter.name);
    return { converter: { id, createTs: now, updateTs: now, state: 'running' } };
  }
  const [path = ''] = url.split('?');
  if (path.endsWith('/rtmp-converters')) return { success: true, data: { total_count: 0, cursor: 0, members: [] } };
  return { converter: { name: names.get(path.slice(path.lastIndexOf('/') + 1)), state: 'running' } };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

process.on('message', () => process.send?.(Object.fromEntries(createdAt)));
process.on('disconnect', () => process.exit());
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '');
});
