import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { servedScale } from '../../src/cli/surroundings.ts';

const SCALE = { speed: 4, epochReal: 1, epochScaled: 2 };

describe('what serves an endpoint on this machine', () => {
  it.each`
    serves                     | status | body                        | scale
    ${'simulate'}              | ${200} | ${JSON.stringify(SCALE)}    | ${SCALE}
    ${'something else'}        | ${404} | ${'{"message":"not here"}'} | ${undefined}
    ${'something of no JSON'}  | ${200} | ${'hello'}                  | ${undefined}
    ${'JSON of other members'} | ${200} | ${'{"speed":"fast"}'}       | ${undefined}
  `('$serves: $scale', async ({ status, body, scale }) => {
    const server = createServer((_request, response) => {
      response.writeHead(status);
      // The body comes a moment after the head, as it may.
      response.flushHeaders();
      setImmediate(() => response.end(body));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      expect(await servedScale(`http://127.0.0.1:${port}`, new AbortController().signal)).toEqual(scale);
    } finally {
      server.close();
    }
  });
});
