import { describe, expect, it } from 'vitest';
import {
  deletionRequested,
  FINALIZER,
  FLUX_RECONCILE_REQUESTED_AT,
  hasFinalizer,
  KIND_NAMES,
  keyOf,
  type Metadata,
  makeKey,
  RECONCILE_REQUESTED_AT,
  reconcileRequest,
  splitKey,
} from '../../src/core/resource.ts';

const resource = (metadata: Partial<Metadata> = {}) => ({
  kind: 'WebPageRecording' as const,
  metadata: {
    namespace: 'media',
    name: 'keynote',
    uid: 'u',
    generation: 1,
    resourceVersion: '1',
    creationTimestamp: '2026-12-01T09:00:00Z',
    finalizers: [],
    ...metadata,
  },
});

describe('keys', () => {
  it('keyOf names kind, namespace and name', () => {
    expect(keyOf(resource())).toBe('WebPageRecording/media/keynote');
  });
  it.each(KIND_NAMES)('makeKey and splitKey are each other’s inverse for %s', (kind) => {
    expect(splitKey(makeKey(kind, 'media', 'a.b-c'))).toEqual({ kind, namespace: 'media', name: 'a.b-c' });
  });
});

describe('metadata', () => {
  it('a deletion timestamp requests deletion', () => {
    expect(deletionRequested(resource())).toBe(false);
    expect(deletionRequested(resource({ deletionTimestamp: '2026-12-01T09:00:00Z' }))).toBe(true);
  });
  it('only our finalizer counts', () => {
    expect(hasFinalizer(resource({ finalizers: ['foregroundDeletion'] }))).toBe(false);
    expect(hasFinalizer(resource({ finalizers: ['foregroundDeletion', FINALIZER] }))).toBe(true);
  });
  it.each([
    [{}, undefined],
    [{ [FLUX_RECONCILE_REQUESTED_AT]: 'flux' }, 'flux'],
    [{ [RECONCILE_REQUESTED_AT]: 'ours', [FLUX_RECONCILE_REQUESTED_AT]: 'flux' }, 'ours'],
  ])('reconcile request of %j is %s', (annotations, expected) => {
    expect(reconcileRequest(resource({ annotations }))).toBe(expected);
  });
});
