import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Flow, flow } from '../../../src/hosts/kubernetes/flow.ts';

describe('an answer that goes on', () => {
  let server: Server;
  let agent: Agent;
  let origin: string;
  let end: AbortController;
  let answers: Promise<ServerResponse>;

  beforeEach(async () => {
    const { promise, resolve } = Promise.withResolvers<ServerResponse>();
    answers = promise;
    server = createServer((_, response) => {
      response.writeHead(200).flushHeaders();
      resolve(response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    origin = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    agent = new Agent({ bodyTimeout: 0 });
    end = new AbortController();
  });
  afterEach(async () => {
    await agent.destroy();
    server.closeAllConnections();
    server.close();
  });

  const begin = (): Promise<Flow> => flow(agent, { origin, path: '/', method: 'GET' }, end.signal);
  const reading = async ({ read }: Flow): Promise<string> => {
    const parts: Uint8Array[] = [];
    await read((chunk) => {
      parts.push(chunk);
      return undefined;
    });
    return Buffer.concat(parts).toString();
  };

  it('is handed over in order, and ends with the server', async () => {
    const begun = await begin();
    const response = await answers;
    const text = reading(begun);
    for (const part of ['a', 'b', 'c']) {
      response.write(part);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    response.end('d');
    expect(begun.status).toBe(200);
    expect(await text).toBe('abcd');
  });

  it('rejects with the error of a connection that is cut, also when it is read only afterwards', async () => {
    const begun = await begin();
    const response = await answers;
    response.write('a');
    await new Promise((resolve) => setTimeout(resolve, 20));
    response.destroy();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await expect(reading(begun)).rejects.toThrow();
  });

  it('rejects with the reason of the signal, before and after its headers', async () => {
    const begun = await begin();
    const text = reading(begun);
    end.abort(new Error('enough'));
    await expect(text).rejects.toThrow('enough');
    await expect(begin()).rejects.toThrow('enough');
  });

  it('ends the connection of which no more is wanted', async () => {
    const begun = await begin();
    const response = await answers;
    const closed = once(response, 'close');
    response.write('a');
    const given: string[] = [];
    await begun.read((chunk) => {
      given.push(Buffer.from(chunk).toString());
      return 'enough';
    });
    await closed;
    expect(given).toEqual(['a']);
  });

  it('rejects with what its reader throws, and ends the connection', async () => {
    const begun = await begin();
    const response = await answers;
    const closed = once(response, 'close');
    const text = begun.read(() => {
      throw new Error('no frame');
    });
    response.write('a');
    await expect(text).rejects.toThrow('no frame');
    await closed;
  });

  describe('that ended before anybody read it', () => {
    const ended = async (): Promise<Flow> => {
      const begun = await begin();
      const response = await answers;
      response.write('a');
      await new Promise((resolve) => setTimeout(resolve, 20));
      response.end('b');
      await new Promise((resolve) => setTimeout(resolve, 20));
      return begun;
    };

    it('is heard to its end', async () => {
      expect(await reading(await ended())).toBe('ab');
    });

    it('rejects with what its reader throws', async () => {
      const { read } = await ended();
      const text = read(() => {
        throw new Error('no frame');
      });
      await expect(text).rejects.toThrow('no frame');
    });

    it('gives no more to whom it was enough', async () => {
      const { read } = await ended();
      let given = 0;
      await read(() => {
        given += 1;
        return 'enough';
      });
      expect(given).toBe(1);
    });
  });

  it('makes the server wait until somebody reads, and loses nothing', async () => {
    const begun = await begin();
    const response = await answers;
    const block = Buffer.alloc(2 ** 20, 'x');
    const blocks = 64;
    for (let index = 0; index < blocks; index += 1) response.write(block);
    response.end();
    await new Promise((resolve) => setTimeout(resolve, 200));
    // What neither side's buffers hold has not left the server.
    expect(response.writableLength).toBeGreaterThan(2 ** 20);
    expect((await reading(begun)).length).toBe(blocks * 2 ** 20);
  });
});
