import { describe, expect, it } from 'vitest';
import type { Resource } from '../../../src/core/resource.ts';
import { handlesOf, restoredStatus } from '../../../src/hosts/kubernetes/handles.ts';

const READY = [{ type: 'Ready', status: 'True', reason: 'Running' }];
const STARTING = [{ type: 'Ready', status: 'False', reason: 'Starting' }];

const running = {
  attempt: 3,
  member: 'main',
  phase: 'Running',
  appId: 'a',
  region: 'eu',
  class: 'HD',
  generation: 2,
  cname: 'keynote',
  uid: '17',
  resourceId: 'resource',
  sid: 'sid',
  startedAt: '2026-12-01T09:00:00.000Z',
  endsAt: '2026-12-01T13:10:00.000Z',
  applied: { url: '0123456789' },
};
const admission = [{ appId: 'a', service: 'recording', region: 'eu', class: 'HD', since: '2026-12-01T09:00:00.000Z' }];

function resource(
  status: object | undefined,
  metadata: Partial<Resource['metadata']> = {},
  spec: object = { url: 'u' },
): Resource {
  return {
    apiVersion: 'agora-reconciler.dev/v1alpha1',
    kind: 'WebPageRecording',
    metadata: {
      namespace: 'media',
      name: 'keynote',
      uid: 'first',
      generation: 2,
      resourceVersion: '1',
      creationTimestamp: '2026-12-01T08:00:00Z',
      finalizers: [],
      ...metadata,
    },
    spec,
    ...(status === undefined ? {} : { status }),
  };
}

const live = (task: object = {}, rest: object = {}): Resource =>
  resource({
    observedGeneration: 2,
    conditions: READY,
    admission,
    lastAttempt: 3,
    tasks: [{ ...running, ...task }],
    ...rest,
  });
const recorded = (from = live()): string => handlesOf(from, undefined) ?? 'nothing';
const BLANK = { observedGeneration: -1, conditions: [{ type: 'Ready', status: 'Unknown', reason: 'Pending' }] };

describe('handles of live tasks outlive the status', () => {
  it.each([
    ['absent', undefined],
    ['as the schema makes it', BLANK],
  ])('gives them back where the status is %s', (_, status) => {
    const { applied: _applied, ...kept } = running;
    expect(restoredStatus(resource(status), recorded())).toEqual({
      observedGeneration: -1,
      conditions: [],
      ...status,
      admission,
      lastAttempt: 3,
      tasks: [{ ...kept, phase: 'Confirming', generation: 2, applied: {} }],
    });
  });

  it('gives them back to a resource that was restored, under another uid and its first generation', () => {
    const restored = restoredStatus(resource(BLANK, { uid: 'second', generation: 1 }), recorded());
    expect(restored).toMatchObject({ tasks: [{ sid: 'sid', resourceId: 'resource', generation: 1 }] });
  });

  it('does not take another declaration for the one that they were made from', () => {
    const restored = restoredStatus(resource(BLANK, { uid: 'second', generation: 1 }, { url: 'other' }), recorded());
    expect(restored).toMatchObject({ tasks: [{ sid: 'sid', generation: 0 }] });
  });

  it('does not take an edit that was not yet applied for what runs', () => {
    const before = recorded();
    const edited = resource(
      { observedGeneration: 2, conditions: READY, tasks: [running] },
      { generation: 3 },
      { url: 'new' },
    );
    const after = handlesOf(edited, before);
    expect(restoredStatus(resource(BLANK, { generation: 3 }, { url: 'new' }), after)).toMatchObject({
      tasks: [{ generation: 0 }],
    });
    expect(restoredStatus(resource(BLANK, { generation: 3 }, { url: 'u' }), after)).toMatchObject({
      tasks: [{ generation: 3 }],
    });
  });

  it.each([
    ['another name', { name: 'copy' }],
    ['another namespace', { namespace: 'other' }],
  ])('gives nothing to a copy under %s', (_, metadata) => {
    expect(restoredStatus(resource(BLANK, { uid: 'second', ...metadata }), recorded())).toBeUndefined();
  });

  it('gives nothing to another kind of the same name', () => {
    expect(restoredStatus({ ...resource(BLANK), kind: 'RtmpConverter' }, recorded())).toBeUndefined();
  });

  it('leaves a status alone that was written, even without tasks', () => {
    expect(restoredStatus(resource({ observedGeneration: 1, conditions: STARTING }), recorded())).toBeUndefined();
  });

  it.each(['', '{', '[]', '{"form":2,"of":"WebPageRecording/media/keynote","tasks":[]}'])(
    'reads nothing from %j',
    (text) => {
      expect(restoredStatus(resource(BLANK), text)).toBeUndefined();
    },
  );

  it.each([
    ['Acquired', { phase: 'Acquired', sid: undefined }, false],
    ['Starting without a handle', { phase: 'Starting', sid: undefined }, false],
    ['Lost', { phase: 'Lost' }, false],
    ['Confirming', { phase: 'Confirming' }, true],
    ['Stopping', { phase: 'Stopping' }, true],
    ['Unknown without a handle', { phase: 'Unknown', sid: undefined }, true],
    ['a converter', { sid: undefined, converterId: 'id', name: 'show' }, true],
  ])('%s', (_, task, kept) => {
    expect(handlesOf(live(task), undefined) !== undefined).toBe(kept);
  });

  it('stays the same while looks, failures, sequence numbers and intents come and go', () => {
    const before = recorded();
    const busy = {
      missingSince: '2026-12-01T10:00:00.000Z',
      missingLooks: 2,
      failures: { kind: 'server', count: 1 },
      sequence: 4,
      applied: { url: 'other' },
      runningSince: '2026-12-01T10:00:00.000Z',
      intent: { call: 'stop', requestId: 'r', holder: 'h', at: '2026-12-01T10:00:00.000Z' },
      phase: 'Stopping',
    };
    expect(handlesOf(live(busy), before)).toBe(before);
    expect(handlesOf(live({}, { lastError: { kind: 'server' }, restarts: { count: 4 } }), before)).toBe(before);
  });

  it('holds no hash, no spec, no page and no key', () => {
    expect(recorded()).not.toContain('0123456789');
    expect(Object.keys(JSON.parse(recorded())).sort()).toEqual([
      'admission',
      'declared',
      'form',
      'lastAttempt',
      'of',
      'tasks',
    ]);
  });

  it('goes with the last task', () => {
    expect(handlesOf(resource({ observedGeneration: 2, conditions: READY, tasks: [] }), recorded())).toBeUndefined();
  });

  it('keeps what a project was left with', () => {
    const left = [{ uid: 'gone', attempt: 1, sid: 'sid', why: 'no credentials' }];
    const project: Resource = {
      ...resource({ observedGeneration: 1, conditions: READY, leftBehind: left }),
      kind: 'AgoraProject',
    };
    const text = handlesOf(project, undefined);
    expect(restoredStatus({ ...project, status: BLANK }, text)).toMatchObject({ leftBehind: left });
  });

  it('does not record a completed recording a second time', () => {
    const done = resource({
      observedGeneration: 2,
      conditions: READY,
      completedGeneration: 2,
      completedReason: 'Completed',
    });
    const text = handlesOf(done, undefined);
    expect(restoredStatus(resource(BLANK, { uid: 'second', generation: 1 }), text)).toMatchObject({
      completedGeneration: 1,
      completedReason: 'Completed',
    });
    expect(restoredStatus(resource(BLANK, { uid: 'second', generation: 1 }, { url: 'new' }), text)).not.toHaveProperty(
      'completedGeneration',
    );
  });

  it('keeps what was written last rather than a part of what would be too long', () => {
    const before = recorded();
    const many = Array.from({ length: 400 }, (_, attempt) => ({ ...running, attempt, resourceId: 'r'.repeat(300) }));
    expect(handlesOf(resource({ observedGeneration: 2, conditions: READY, tasks: many }), before)).toBe(before);
  });
});
