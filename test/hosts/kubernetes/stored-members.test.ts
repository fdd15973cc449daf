import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Resource, StatusBase } from '../../../src/core/resource.ts';
import type { KubernetesHost } from '../../../src/hosts/kubernetes/host.ts';
import { StoredMembers } from '../../../src/hosts/kubernetes/stored-members.ts';
import { key, recording, status } from '../builders.ts';
import { type Run, startRun } from '../contract.ts';
import { openHost, pathOf, userOf } from './fixture.ts';
import { ApiStub } from './stub.ts';

describe('stored members', () => {
  const learned = (...all: readonly unknown[]): StoredMembers => {
    const members = new StoredMembers();
    for (const data of all) members.learn(data);
    return members;
  };

  it('cover what was learned, with other values, and parts of it', () => {
    const members = learned({ a: 1, list: [{ b: 'x' }, { c: {} }] });
    expect(members.cover({ a: 2, list: [{ b: 'y', c: {} }] })).toBe(true);
    expect(members.cover({ list: [] })).toBe(true);
    expect(members.cover({ a: undefined, z: undefined })).toBe(true);
  });

  it.each([
    ['a new member', { z: 1 }],
    ['a new one in an item', { list: [{ b: 'x', z: 1 }] }],
    ['a known one elsewhere', { b: 'x' }],
    ['null, which a schema may take for nothing', { a: null }],
  ])('do not cover %s', (_what, data) => {
    expect(learned({ a: 1, list: [{ b: 'x' }] }).cover(data)).toBe(false);
  });

  it('cover nothing once they are forgotten', () => {
    const members = learned({ a: 1 });
    members.forget();
    expect(members.cover({ a: 1 })).toBe(false);
    members.learn({ a: 1 });
    expect(members.cover({ a: 1 })).toBe(true);
  });

  it('cover whatever data they learned, unless it holds null', () => {
    fc.assert(
      fc.property(fc.object({ maxDepth: 4, withNullPrototype: false, values: [fc.integer(), fc.string()] }), (data) => {
        expect(learned(data).cover(structuredClone(data))).toBe(true);
      }),
    );
  });

  it('stop learning where a map has names without end, and do not cover those', () => {
    const members = new StoredMembers();
    for (let name = 0; name < 10_000; name += 1) members.learn({ map: { [`n${name}`]: 1 } });
    expect(members.cover({ map: { n0: 1 } })).toBe(true);
    expect(members.cover({ map: { n9999: 1 } })).toBe(false);
  });
});

describe('the answer to a write of a status', () => {
  let stub: ApiStub;
  let host: KubernetesHost;
  let run: Run;

  beforeEach(async () => {
    stub = await ApiStub.start();
    host = openHost(stub);
    run = startRun(host);
    await vi.waitFor(() => expect(run.synced).toBe(1));
    await userOf(stub).apply(recording());
    await vi.waitFor(() => expect(host.get(key('keynote'))).toBeDefined());
  });
  afterEach(async () => {
    await run.stop();
    await host.close();
    await stub.stop();
  });

  const accepts = (): readonly string[] =>
    stub.calls
      .filter(({ method }) => method === 'PUT')
      .map(({ accept }) => (accept?.includes('PartialObjectMetadata') === true ? 'metadata' : 'all'));
  const write = async (next: StatusBase): Promise<Resource> => {
    const now = host.get(key('keynote'));
    const written = now === undefined ? undefined : await host.writeStatus(now, next);
    if (written?.result !== 'written') throw new Error(written?.result ?? 'not there');
    return written.resource;
  };
  const server = (): unknown => stub.get(pathOf(key('keynote')))?.['status'];

  it('is metadata alone as soon as the server has shown that it stores such a status', async () => {
    await write(status('Starting'));
    const written = await write(status('Running'));
    expect(accepts()).toEqual(['all', 'metadata']);
    expect(server()).toEqual(status('Running'));
    expect(written.status).toEqual(status('Running'));
    expect(written.spec).toEqual(recording().spec);
    expect(written.metadata.resourceVersion).toBe(stub.get(pathOf(key('keynote')))?.metadata.resourceVersion);
    expect(host.get(key('keynote'))).toEqual(written);
  });

  it('is all of it for a member that was not seen stored yet', async () => {
    await write(status('Starting'));
    await write({ ...status('Running'), lastHandledReconcileAt: 'now' });
    expect(accepts()).toEqual(['all', 'all']);
  });

  it('is all of it again when a watch ends, and when the next begins: the CRD may have changed', async () => {
    await write(status('Starting'));
    const watches = (): number => stub.calls.filter(({ query }) => query.get('watch') === 'true').length;
    const refused = watches();
    stub.fate = ({ query }) =>
      query.get('watch') === 'true' ? { status: 503, reason: 'ServiceUnavailable' } : 'answered';
    stub.cutWatches();
    await vi.waitFor(() => expect(watches()).toBeGreaterThan(refused + 2), { timeout: 10_000 });
    await write(status('Running'));
    await write(status('Stopping'));
    const begun = host.counts().reduce((sum, each) => sum + each.watches, 0);
    stub.fate = () => 'answered';
    await vi.waitFor(
      () => expect(host.counts().reduce((sum, each) => sum + each.watches, 0)).toBeGreaterThan(begun + 2),
      { timeout: 10_000 },
    );
    await write(status('Stopped'));
    expect(accepts()).toEqual(['all', 'all', 'metadata', 'all']);
  });

  it('is all of it as long as the server drops a member, so that what is known is what is stored', async () => {
    stub.pruned = (given) => {
      const { newer: _newer, ...rest } = given as { readonly newer?: unknown };
      return rest;
    };
    const newer = { ...status('Starting'), newer: 1 } as StatusBase;
    expect((await write(newer)).status).toEqual(status('Starting'));
    expect((await write(newer)).status).toEqual(status('Starting'));
    expect(accepts()).toEqual(['all', 'all']);
  });
});
