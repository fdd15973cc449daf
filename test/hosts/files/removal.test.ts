import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Key } from '../../../src/core/resource.ts';
import { timestamp } from '../../../src/core/time.ts';
import { key, project, recording, status } from '../builders.ts';
import { Fixture, manifests, PRUNE_AFTER } from './fixture.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await Fixture.open();
});
afterEach(() => fixture.close());

const named = (name: string) => recording({ name });

/** Four resources in a file each, all with a finalizer, as a running engine would have them. */
async function four(): Promise<void> {
  for (const name of ['a', 'b', 'c', 'd']) await fixture.declare(`${name}.yaml`, named(name));
  await fixture.scan();
  for (const name of ['a', 'b', 'c', 'd']) await fixture.hold(key(name));
}

const deleting = async (one: Key): Promise<boolean> =>
  (await fixture.need(one)).metadata.deletionTimestamp !== undefined;

describe('a removal takes effect after prune-after in complete scans', () => {
  beforeEach(four);

  it('not before, and at it', async () => {
    await fixture.remove('a.yaml');
    await fixture.scan();
    await fixture.scanAfter(PRUNE_AFTER - 1);
    expect(await deleting(key('a'))).toBe(false);
    await fixture.scanAfter(1);
    expect(await deleting(key('a'))).toBe(true);
    expect((await fixture.need(key('a'))).metadata.deletionTimestamp).toBe(timestamp(fixture.clock.now()));
    expect(await deleting(key('b'))).toBe(false);
  });

  it('never by one scan alone, however late it is', async () => {
    await fixture.remove('a.yaml');
    await fixture.scanAfter(PRUNE_AFTER * 10);
    expect(await deleting(key('a'))).toBe(false);
  });

  it('begins anew where the resource was seen in between', async () => {
    await fixture.remove('a.yaml');
    await fixture.scan();
    await fixture.declare('elsewhere.yaml', named('a'));
    await fixture.scanAfter(PRUNE_AFTER - 1);
    await fixture.remove('elsewhere.yaml');
    await fixture.scanAfter(1);
    await fixture.scanAfter(PRUNE_AFTER - 1);
    expect(await deleting(key('a'))).toBe(false);
  });

  it('also where only one document of a file is removed', async () => {
    await fixture.declare('b.yaml', named('b'), named('e'));
    await fixture.scan();
    await fixture.hold(key('e'));
    await fixture.declare('b.yaml', named('b'));
    await fixture.prune();
    expect(await deleting(key('e'))).toBe(true);
    expect(await deleting(key('b'))).toBe(false);
  });

  it('starts to count anew after a restart', async () => {
    await fixture.remove('a.yaml');
    await fixture.scan();
    await fixture.restart();
    await fixture.scanAfter(PRUNE_AFTER);
    expect(await deleting(key('a'))).toBe(false);
    await fixture.scanAfter(PRUNE_AFTER);
    expect(await deleting(key('a'))).toBe(true);
  });
});

describe('what looks like a mistake removes nothing until it is confirmed', () => {
  beforeEach(four);

  it('half of the resources may go, more than half are held', async () => {
    await fixture.remove('a.yaml');
    await fixture.remove('b.yaml');
    await fixture.scan();
    const host = await fixture.host();
    expect(host.pruneHeld()).toBeUndefined();
    await fixture.remove('c.yaml');
    const report = await fixture.prune();
    expect(report.pruneHeld).toEqual([key('a'), key('b'), key('c')]);
    for (const name of ['a', 'b', 'c', 'd']) expect(await deleting(key(name))).toBe(false);
  });

  it('an emptied directory', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await fixture.remove(`${name}.yaml`);
    const report = await fixture.prune();
    expect(report).toMatchObject({ complete: true, files: 0 });
    expect(report.pruneHeld).toHaveLength(4);
    for (const name of ['a', 'b', 'c', 'd']) expect(await deleting(key(name))).toBe(false);
    for (const name of ['a', 'b', 'c', 'd']) await fixture.declare(`${name}.yaml`, named(name));
    expect((await fixture.scan()).pruneHeld).toBeUndefined();
  });

  it('an emptied directory of one resource, but not one of two', async () => {
    await fixture.restart();
    await fixture.close();
    fixture = await Fixture.open();
    await fixture.declare('a.yaml', named('a'));
    await fixture.declare('b.yaml', named('b'));
    await fixture.scan();
    await fixture.remove('a.yaml');
    await fixture.prune();
    expect(await fixture.get(key('a'))).toBeUndefined();
    await fixture.remove('b.yaml');
    await fixture.prune();
    expect(await fixture.get(key('b'))).toBeDefined();
    expect((await fixture.host()).pruneHeld()).toEqual([key('b')]);
  });

  it('a confirmation of exactly the list lets it go', async () => {
    for (const name of ['a', 'b', 'c']) await fixture.remove(`${name}.yaml`);
    await fixture.prune();
    const host = await fixture.host();
    expect(host.confirmPrune([key('a'), key('b')])).toBe('differs');
    expect(host.confirmPrune([key('a'), key('b'), key('d')])).toBe('differs');
    await fixture.scan();
    expect(await deleting(key('a'))).toBe(false);
    expect(host.confirmPrune([key('c'), key('b'), key('a')])).toBe('confirmed');
    await fixture.scan();
    for (const name of ['a', 'b', 'c']) expect(await deleting(key(name))).toBe(true);
    expect(await deleting(key('d'))).toBe(false);
    expect(host.confirmPrune([])).toBe('differs');
  });

  it('a confirmation holds for its list only, not for what goes missing after it', async () => {
    for (const name of ['a', 'b', 'c']) await fixture.remove(`${name}.yaml`);
    await fixture.scan();
    const host = await fixture.host();
    expect(host.confirmPrune(host.pruneHeld() ?? [])).toBe('confirmed');
    await fixture.remove('d.yaml');
    await fixture.scanAfter(PRUNE_AFTER);
    await fixture.scanAfter(PRUNE_AFTER);
    for (const name of ['a', 'b', 'c']) expect(await deleting(key(name))).toBe(true);
    expect(await deleting(key('d'))).toBe(false);
    expect(host.pruneHeld()).toEqual([key('d')]);
  });

  it('a confirmation is spent when the resource returns', async () => {
    for (const name of ['a', 'b', 'c']) await fixture.remove(`${name}.yaml`);
    await fixture.scan();
    const host = await fixture.host();
    host.confirmPrune(host.pruneHeld() ?? []);
    for (const name of ['a', 'b', 'c']) await fixture.declare(`${name}.yaml`, named(name));
    await fixture.scan();
    for (const name of ['a', 'b', 'c']) await fixture.remove(`${name}.yaml`);
    await fixture.prune();
    for (const name of ['a', 'b', 'c']) expect(await deleting(key(name))).toBe(false);
    expect(host.pruneHeld()).toHaveLength(3);
  });

  it('a restart confirms nothing', async () => {
    for (const name of ['a', 'b', 'c']) await fixture.remove(`${name}.yaml`);
    await fixture.scan();
    const host = await fixture.host();
    host.confirmPrune(host.pruneHeld() ?? []);
    await fixture.restart();
    await fixture.prune();
    for (const name of ['a', 'b', 'c']) expect(await deleting(key(name))).toBe(false);
    expect((await fixture.host()).pruneHeld()).toHaveLength(3);
  });

  it('prune-all holds nothing back', async () => {
    await fixture.restart({ prune: 'all' });
    for (const name of ['a', 'b', 'c', 'd']) await fixture.remove(`${name}.yaml`);
    await fixture.prune();
    for (const name of ['a', 'b', 'c', 'd']) expect(await deleting(key(name))).toBe(true);
  });
});

describe('a git checkout stops nothing', () => {
  it('when files move, whatever moment a scan falls on', async () => {
    await four();
    const before = await Promise.all(['a', 'b', 'c', 'd'].map((name) => fixture.need(key(name))));
    for (const name of ['a', 'b', 'c', 'd']) {
      // Git removes the old names first and writes the new ones later.
      await fixture.remove(`${name}.yaml`);
      await fixture.scanAfter(100);
    }
    for (const name of ['a', 'b', 'c', 'd']) {
      await fixture.declare(`branch/${name}.yaml`, named(name));
      await fixture.scanAfter(100);
    }
    await fixture.prune();
    await fixture.scanAfter(PRUNE_AFTER);
    expect(await Promise.all(['a', 'b', 'c', 'd'].map((name) => fixture.need(key(name))))).toEqual(before);
  });

  it('when another branch is looked at for less than prune-after', async () => {
    await four();
    const before = await fixture.need(key('a'));
    await fixture.rename('a.yaml', '../a.yaml');
    await fixture.scan();
    await fixture.scanAfter(PRUNE_AFTER - 1);
    await fixture.rename('../a.yaml', 'a.yaml');
    await fixture.scanAfter(1);
    await fixture.scanAfter(PRUNE_AFTER);
    expect(await fixture.need(key('a'))).toEqual(before);
  });
});

describe('a resource that returns', () => {
  const task = (rest: object) => status('Running', { tasks: [{ attempt: 1, phase: 'Running', ...rest }] });
  const since = (ms: number) => timestamp(fixture.clock.now() + ms);

  beforeEach(async () => {
    await four();
    await fixture.writeStatus(key('a'), task({}));
    await fixture.remove('a.yaml');
    await fixture.prune();
    expect(await deleting(key('a'))).toBe(true);
  });

  it('before its stop was sent goes on as if nothing had been', async () => {
    const before = await fixture.need(key('a'));
    await fixture.declare('a.yaml', named('a'));
    await fixture.scan();
    const after = await fixture.need(key('a'));
    const { deletionTimestamp: _, resourceVersion: __, ...same } = before.metadata;
    expect(after.metadata).toMatchObject(same);
    expect(after.metadata.deletionTimestamp).toBeUndefined();
    expect(after.metadata.resourceVersion).not.toBe(before.metadata.resourceVersion);
    expect(after.status).toEqual(before.status);
  });

  it('with an edit goes on with it', async () => {
    await fixture.declare('a.yaml', recording({ name: 'a', spec: { url: 'https://stage.example.com/other' } }));
    await fixture.scan();
    const { metadata, spec } = await fixture.need(key('a'));
    expect(metadata).toMatchObject({ uid: 'uid-1', generation: 2 });
    expect(spec).toMatchObject({ url: 'https://stage.example.com/other' });
  });

  it.each([
    ['phase Stopping', () => ({ phase: 'Stopping', stoppingSince: since(0) }), true],
    ['phase Stopping without a time', () => ({ phase: 'Stopping' }), true],
    ['a stop that is about to be sent', () => ({ intent: { call: 'stop', at: since(0) } }), true],
    ['a delete that is about to be sent', () => ({ intent: { call: 'delete', at: since(0) } }), true],
    ['an update that is about to be sent', () => ({ intent: { call: 'update', at: since(0) } }), false],
    ['a stop from before the deletion', () => ({ phase: 'Stopping', stoppingSince: since(-1) }), false],
  ])('with %s: another incarnation is %3$s', async (_, entry, another) => {
    await fixture.writeStatus(key('a'), task(entry()));
    await fixture.declare('a.yaml', named('a'));
    await fixture.scan();
    expect(await deleting(key('a'))).toBe(another);
  });

  it('later is another incarnation, begun when the old one is known to be gone', async () => {
    await fixture.writeStatus(key('a'), task({ phase: 'Stopping', stoppingSince: since(0) }));
    await fixture.declare('a.yaml', recording({ name: 'a', spec: { projectRef: { name: 'other' } } }));
    expect((await fixture.scan()).findings).toEqual([]);
    const old = await fixture.need(key('a'));
    expect(old.metadata.uid).toBe('uid-1');
    expect(old.spec).toMatchObject({ projectRef: { name: 'live' } });
    await fixture.restart();
    await fixture.scan();
    expect(await fixture.need(key('a'))).toEqual(old);
    await fixture.release(key('a'));
    const next = await fixture.need(key('a'));
    expect(next.metadata).toMatchObject({ uid: 'uid-5', generation: 1, finalizers: [] });
    expect(next.metadata.deletionTimestamp).toBeUndefined();
    expect(next.status).toBeUndefined();
    expect(next.spec).toMatchObject({ projectRef: { name: 'other' } });
    await fixture.restart();
    expect(await fixture.need(key('a'))).toEqual(next);
  });

  it('and goes again before the old one is gone begins nothing', async () => {
    await fixture.writeStatus(key('a'), task({ phase: 'Stopping', stoppingSince: since(0) }));
    await fixture.declare('a.yaml', named('a'));
    await fixture.scan();
    await fixture.remove('a.yaml');
    await fixture.scan();
    await fixture.release(key('a'));
    expect(await fixture.get(key('a'))).toBeUndefined();
    expect(await fixture.stateFiles('resources')).toHaveLength(3);
  });

  it('with what only a new incarnation can take is one, although no stop was sent', async () => {
    await fixture.declare('a.yaml', recording({ name: 'a', spec: { projectRef: { name: 'other' } } }));
    expect((await fixture.scan()).findings).toEqual([]);
    expect(await deleting(key('a'))).toBe(true);
    await fixture.release(key('a'));
    expect((await fixture.need(key('a'))).metadata.uid).toBe('uid-5');
    expect((await fixture.need(key('a'))).spec).toMatchObject({ projectRef: { name: 'other' } });
  });
});

describe('an AgoraProject that is removed', () => {
  it('is deleting with its spec until its finalizer goes', async () => {
    await fixture.write('all.yaml', manifests(project(), named('a'), named('b')));
    await fixture.scan();
    await fixture.hold('AgoraProject/media/live');
    const before = await fixture.need('AgoraProject/media/live');
    await fixture.declare('all.yaml', named('a'), named('b'));
    await fixture.prune();
    await fixture.restart();
    const after = await fixture.need('AgoraProject/media/live');
    expect(after.metadata.deletionTimestamp).toBeDefined();
    expect(after.spec).toEqual(before.spec);
  });
});
