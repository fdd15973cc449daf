import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { createMemoryHost, type MemoryHost } from '../../../src/hosts/memory/host.ts';
import { key, recording, status } from '../builders.ts';
import { type HostHarness, hostContract, startRun } from '../contract.ts';

const NOW = Date.parse('2026-12-01T09:00:00Z');

function uids(): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `uid-${count}`;
  };
}

const harness = (host: MemoryHost): HostHarness => ({
  host,
  apply: async (declared) => void (await host.declare(declared)),
  remove: (one) => host.remove(one),
  touch: (one) => host.touch(one),
  async setSecret(namespace, name, values) {
    const entries = Object.entries(values).map(([one, text]) => [one, new Secret(text)] as const);
    host.setSecret({ namespace, name, values: Object.fromEntries(entries) });
  },
  restart: async () => harness(host),
  close: async () => undefined,
});

hostContract('memory', async () => harness(createMemoryHost({ now: () => NOW, newUid: uids() })));

describe('memory host', () => {
  it('does the same in every run', async () => {
    const story = async () => {
      const host = createMemoryHost({ now: () => NOW, newUid: uids() });
      const run = startRun(host);
      await host.declare(recording());
      const resource = host.get(key('keynote'));
      if (resource === undefined) throw new Error('not there');
      await Promise.all([host.writeStatus(resource, status('Starting')), host.touch(key('keynote'))]);
      await host.remove(key('keynote'));
      await host.declare(recording());
      await run.stop();
      return { told: run.told, end: host.get(key('keynote')) };
    };
    expect(await story()).toEqual(await story());
  });

  it('lets somebody else write first where it is asked to', async () => {
    const host = createMemoryHost({ now: () => NOW, newUid: uids(), interfere: () => 'edit' });
    await host.declare(recording());
    const resource = host.get(key('keynote'));
    if (resource === undefined) throw new Error('not there');
    expect(await host.writeStatus(resource, status('Starting'))).toEqual({ result: 'conflict' });
    expect(await host.setFinalizer(resource, 'present')).toEqual({ result: 'conflict' });
  });

  it('begins with the resources and Secrets it is given, as they are', async () => {
    const first = createMemoryHost({ now: () => NOW, newUid: uids() });
    await first.declare(recording());
    const host = createMemoryHost({
      now: () => NOW,
      newUid: uids(),
      resources: first.list('WebPageRecording'),
      secrets: [{ namespace: 'media', name: 'cdn', values: { key: new Secret('value') } }],
    });
    expect(host.get(key('keynote'))).toEqual(first.get(key('keynote')));
    expect(host.secret('media', 'cdn', 'key')?.reveal()).toBe('value');
  });
});
