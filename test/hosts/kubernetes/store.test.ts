import { beforeEach, describe, expect, it } from 'vitest';
import type { Key, KindName, Resource } from '../../../src/core/resource.ts';
import type { Kept } from '../../../src/hosts/kubernetes/slim.ts';
import { ResourceStore } from '../../../src/hosts/kubernetes/store.ts';
import { isNewer } from '../../../src/hosts/kubernetes/version.ts';
import { key } from '../builders.ts';

function kept(version: number, given: { name?: string; namespace?: string; uid?: string; kind?: KindName } = {}): Kept {
  const { name = 'keynote', namespace = 'media', uid = 'uid', kind = 'WebPageRecording' } = given;
  const resource: Resource = {
    apiVersion: 'agora-reconciler.dev/v1alpha1',
    kind,
    metadata: {
      namespace,
      name,
      uid,
      generation: 1,
      resourceVersion: String(version),
      creationTimestamp: '',
      finalizers: [],
    },
    spec: {},
  };
  return { resource, handles: undefined, restored: false };
}

const ALL = { kind: 'WebPageRecording', namespace: undefined } as const;

describe('the store of the Kubernetes host', () => {
  let told: Key[];
  let store: ResourceStore;
  const version = (name = 'keynote') => store.get(key(name))?.resource.metadata.resourceVersion;

  beforeEach(() => {
    told = [];
    store = new ResourceStore((one) => told.push(one));
  });

  it('keeps the newer of two states, whichever comes last', () => {
    store.put(kept(9));
    store.put(kept(10));
    store.put(kept(9));
    expect([version(), told.length]).toEqual(['10', 2]);
  });

  it('tells a state once, though the answer to a write and the watch both bring it', () => {
    store.put(kept(9));
    store.put(kept(9));
    expect(told).toHaveLength(1);
  });

  it('does not let late news bring back what is gone', () => {
    store.put(kept(9));
    store.remove(key('keynote'), 'uid');
    store.put(kept(10));
    expect(version()).toBeUndefined();
    store.put(kept(11, { uid: 'next' }));
    expect(version()).toBe('11');
  });

  it('does not take the deletion of a former object for that of the present one', () => {
    store.put(kept(9));
    store.put(kept(12, { uid: 'next' }));
    store.remove(key('keynote'), 'uid');
    expect(version()).toBe('12');
    store.put(kept(13));
    expect(version()).toBe('12');
  });

  it('tells what a list no longer shows as gone, but not what is younger than the list', () => {
    store.put(kept(5, { name: 'old', uid: 'a' }));
    store.put(kept(30, { name: 'young', uid: 'b' }));
    told.length = 0;
    store.replace(ALL, [kept(6, { name: 'other', uid: 'c' })], '20');
    expect([version('old'), version('young'), version('other')]).toEqual([undefined, '30', '6']);
    expect(told).toEqual([key('old'), key('other')]);
  });

  it('is not taken back by a list that was made before a write of ours', () => {
    store.put(kept(5));
    store.put(kept(21));
    store.replace(ALL, [kept(5)], '20');
    expect(version()).toBe('21');
  });

  it('takes an object that was made anew under its name between two lists for another one', () => {
    store.put(kept(5));
    told.length = 0;
    store.replace(ALL, [kept(15, { uid: 'next' })], '20');
    expect([version(), told]).toEqual(['15', [key('keynote'), key('keynote')]]);
  });

  it('leaves other namespaces and kinds alone', () => {
    store.put(kept(5, { namespace: 'other', uid: 'a' }));
    store.put(kept(5, { kind: 'RtmpConverter', uid: 'b' }));
    store.put(kept(5, { uid: 'c' }));
    store.replace({ ...ALL, namespace: 'media' }, [], '20');
    expect(store.keys()).toEqual(['WebPageRecording/other/keynote', 'RtmpConverter/media/keynote']);
  });

  it('tells nobody of what concerns nobody', () => {
    store.put(kept(5));
    store.put(kept(6), 'silent');
    expect([version(), told.length]).toEqual(['6', 1]);
  });
});

describe('versions', () => {
  it.each([
    ['10', '9', true],
    ['9', '10', false],
    ['10', '10', false],
    ['90071992547409930001', '90071992547409930000', true],
    // What cannot be compared is taken for newer: rather once too often than missed.
    ['abc', '10', true],
    ['abc', 'abc', false],
  ])('%s is newer than %s: %s', (a, b, newer) => {
    expect(isNewer(a, b)).toBe(newer);
  });
});
