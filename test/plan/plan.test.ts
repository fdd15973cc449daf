import { describe, expect, it } from 'vitest';
import { timestamp } from '../../src/core/time.ts';
import type { Declared } from '../../src/hosts/declared.ts';
import { hasChanges } from '../../src/plan/plan.ts';
import {
  APP_ID,
  CANARY,
  converter,
  NOW,
  planned,
  planOf,
  project,
  recording,
  running,
  SECRETS,
  stored,
} from './builders.ts';

/** One resource in the state, declared anew in another form. */
const edited = (before: Declared, after: Declared) =>
  planned(planOf({ declared: [project(), after], state: [stored(project()), running(before)] }), after.name);

describe('MP-25 a change of a converter', () => {
  const before = converter('vertical');
  it.each([
    ['bitrate', converter('vertical', {}, { bitrate: 2500 }), 'update', 'transcodeOptions.videoOptions.bitrate'],
    ['frame rate', converter('vertical', {}, { frameRate: 25 }), 'update', 'transcodeOptions.videoOptions.frameRate'],
    ['address', converter('vertical', { rtmpUrl: 'rtmp://cdn.example.com/live/other' }), 'update', 'rtmpUrl'],
    ['codec', converter('vertical', {}, { codec: 'H.265' }), 'recreate', 'transcodeOptions.videoOptions.codec'],
    ['idle timeout', converter('vertical', { idleTimeout: 600 }), 'recreate', 'idleTimeout'],
    ['name', converter('vertical', { name: 'other' }), 'recreate', 'name'],
    ['region', converter('vertical', { region: 'na' }), 'recreate', 'region'],
    ['priority', converter('vertical', { priority: 5 }), 'accept', 'priority'],
  ] as const)('%s', (_what, after, action, path) => {
    const row = edited(before, after);
    expect(row.action).toBe(action);
    expect(row.changes.map((change) => change.path)).toContain(path);
  });

  it('layoutType 1 takes no update but of the address', () => {
    const vertical = { layoutType: 1 as const };
    const row = edited(converter('vertical', {}, vertical), converter('vertical', {}, { ...vertical, bitrate: 900 }));
    expect(row.action).toBe('recreate');
    expect(row.changes[0]?.why).toContain('layoutType 1');
  });

  it('says old and new values where the task’s hash proves the old one', () => {
    expect(edited(before, converter('vertical', {}, { bitrate: 2500 })).changes).toEqual([
      expect.objectContaining({ how: 'update', old: '2000', new: '2500' }),
    ]);
  });

  it('shows no old value that the task does not have', () => {
    const state = running(converter('vertical', {}, { bitrate: 1500 }));
    const declaredSince = { ...state, spec: converter('vertical').spec };
    const plan = planOf({
      declared: [project(), converter('vertical', {}, { bitrate: 2500 })],
      state: [stored(project()), declaredSince],
    });
    const change = planned(plan, 'vertical').changes.find(({ how }) => how === 'update');
    expect(change).toMatchObject({ new: '2500' });
    expect(change).not.toHaveProperty('old');
  });

  it('a default that is written out changes nothing', () => {
    const row = edited(before, converter('vertical', {}, { codec: 'H.264' }));
    expect(row.action).toBe('accept');
    expect(row.changes).toEqual([expect.objectContaining({ how: 'settings', why: 'the task has it already' })]);
  });

  it('a re-creation says what forces it and what it interrupts; an update interrupts nothing', () => {
    const recreated = edited(before, converter('vertical', {}, { codec: 'H.265', bitrate: 2500 }));
    expect(recreated.why).toMatch(/transcodeOptions\.videoOptions\.codec\b.* cannot be changed in place/);
    expect(recreated.interruption).toContain('breaks off');
    expect(edited(before, converter('vertical', {}, { bitrate: 2500 })).interruption).toMatch(/^none/);
  });
});

describe('a change of a recording (B.6)', () => {
  const before = recording('keynote');
  it.each([
    ['on hold', recording('keynote', { desiredState: 'OnHold' }), 'update', 'onhold'],
    ['size', recording('keynote', { videoWidth: 1920, videoHeight: 1080 }), 'recreate', 'videoWidth'],
    [
      'bucket',
      recording('keynote', {
        storage: { vendor: 'AmazonS3', region: 'EU_CENTRAL_1', bucket: 'other', credentialsSecretRef: { name: 's3' } },
      }),
      'recreate',
      'storage',
    ],
    ['stopped', recording('keynote', { desiredState: 'Stopped' }), 'stop', 'desiredState'],
    ['restart policy', recording('keynote', { restartPolicy: 'Never' }), 'accept', 'restartPolicy'],
  ] as const)('%s', (_what, after, action, path) => {
    const row = edited(before, after);
    expect(row.action).toBe(action);
    expect(row.changes.map((change) => change.path)).toContain(path);
  });

  it('a class that changes needs its new slot beside the old one', () => {
    const row = edited(before, recording('keynote', { videoWidth: 1920, videoHeight: 1080 }));
    expect(row.newSlots).toEqual([{ appId: APP_ID, service: 'recording', region: 'eu', class: 'FHD' }]);
  });

  it('a rotated Secret is a change without a value', () => {
    const rotated = SECRETS.map((secret) =>
      secret.name === 's3'
        ? {
            ...secret,
            values: { ...SECRETS[0]?.values, ...secret.values, secretKey: secret.values['accessKey'] ?? never() },
          }
        : secret,
    );
    const plan = planOf({
      declared: [project(), before],
      state: [stored(project()), running(before)],
      secrets: rotated,
    });
    expect(planned(plan, 'keynote')).toMatchObject({
      action: 'update',
      changes: [{ path: 'storage.credentials', how: 'update' }],
    });
    expect(planned(plan, 'keynote').changes[0]).not.toHaveProperty('new');
  });

  it('a Secret that is not at hand is compared with nothing', () => {
    const plan = planOf({ declared: [project(), before], state: [stored(project()), running(before)], secrets: [] });
    expect(planned(plan, 'keynote')).toMatchObject({ action: 'nothing', notCompared: ['storage.credentials'] });
  });
});

describe('WR-1, MP-2 admission', () => {
  const limits = { mixedResolution: 'Nested', converter: { eu: { HD: 2 } } } as const;

  it('the ledger’s turns decide who waits: priority, then age', () => {
    const plan = planOf({
      declared: [
        project({ limits }),
        converter('a', { priority: -1 }),
        converter('b'),
        converter('c'),
        converter('d', { priority: 5, region: 'eu' }),
      ],
    });
    expect(plan.waiting).toBe(2);
    expect(planned(plan, 'd').waits).toBeUndefined();
    expect(planned(plan, 'b').waits).toBeUndefined();
    expect(planned(plan, 'c').waits).toMatchObject({ reason: 'WaitingForSlot', position: 1 });
    expect(planned(plan, 'a').waits).toMatchObject({ reason: 'WaitingForSlot', position: 2 });
    expect(planned(plan, 'a').waits?.limit).toContain('converter eu HD: 2 of 2');
  });

  it('says limits before and at the peak', () => {
    const plan = planOf({
      declared: [project({ limits }), converter('a'), converter('b'), converter('c')],
      state: [stored(project({ limits })), running(converter('a'))],
    });
    expect(plan.limits).toContainEqual({
      appId: APP_ID,
      limit: 'converter eu HD',
      allowed: 2,
      heldNow: 1,
      heldAtPeak: 2,
      waiting: 1,
    });
  });

  it('a wait that this plan’s own removals end says so', () => {
    const plan = planOf({
      declared: [project({ limits }), converter('a'), converter('c')],
      state: [stored(project({ limits })), running(converter('a')), running(converter('b'))],
    });
    expect(planned(plan, 'b')).toMatchObject({ action: 'remove' });
    expect(planned(plan, 'c').waits).toMatchObject({ reason: 'WaitingForSlot', freedByThisPlan: true });
  });

  it('tells when a slot frees where an end is known', () => {
    const few = { mixedResolution: 'Nested', recording: { eu: { HD: 1 } } } as const;
    const plan = planOf({
      declared: [project({ limits: few }), recording('keynote'), recording('late')],
      state: [stored(project({ limits: few })), running(recording('keynote'))],
    });
    expect(planned(plan, 'late').waits).toMatchObject({ estimatedStartAt: timestamp(NOW + 3_600_000) });
  });

  it('what no empty account has room for is not a wait', () => {
    const plan = planOf({ declared: [project(), converter('big', {}, { canvas: { width: 1920, height: 1080 } })] });
    expect(planned(plan, 'big').waits).toMatchObject({ reason: 'LimitExcludes' });
    expect(plan.waiting).toBe(0);
  });

  it('foreign converters count against the total', () => {
    const total = { mixedResolution: 'Nested', converter: { total: 3 } } as const;
    const declared = [project({ limits: total }), converter('a')];
    expect(planned(planOf({ declared }), 'a').waits).toBeUndefined();
    const full = planOf({ declared, foreign: [{ appId: APP_ID, count: 3 }] });
    expect(planned(full, 'a').waits).toMatchObject({ reason: 'WaitingForSlot' });
  });

  it('without Secrets the needs of the whole declaration are told all the same', () => {
    const plan = planOf({ declared: [project(), recording('keynote')], secrets: [] });
    expect(planned(plan, 'keynote')).toMatchObject({ action: 'create', waits: { reason: 'DependencyNotReady' } });
    expect(planned(plan, 'keynote').newSlots).toHaveLength(1);
  });

  it('Overlap without room for both falls back to StopFirst', () => {
    const one = { mixedResolution: 'Nested', converter: { eu: { HD: 1 } } } as const;
    const after = converter('vertical', { updateStrategy: 'Overlap' }, { codec: 'H.265' });
    const state = [stored(project({ limits: one })), running(converter('vertical', { updateStrategy: 'Overlap' }))];
    const tight = planned(planOf({ declared: [project({ limits: one }), after], state }), 'vertical');
    expect(tight.interruption).toContain('breaks off');
    expect(tight.waits).toBeUndefined();
    const roomy = planned(planOf({ declared: [project(), after], state }), 'vertical');
    expect(roomy.interruption).toContain('beside the old one');
  });
});

describe('MP-17, MP-18 names', () => {
  it('the later of two with one name is told', () => {
    const plan = planOf({ declared: [project(), converter('a', { name: 'same' }), converter('b', { name: 'same' })] });
    expect(planned(plan, 'a').waits).toBeUndefined();
    expect(planned(plan, 'b').waits).toMatchObject({ reason: 'NameConflict' });
  });
});

describe('what is there and what is declared', () => {
  it('the same again is nothing to do', () => {
    const all = [recording('keynote'), converter('vertical')];
    const plan = planOf({ declared: [project(), ...all], state: [stored(project()), ...all.map(running)] });
    expect(plan.summary).toMatchObject({ nothing: 3, create: 0, update: 0, recreate: 0, stop: 0, remove: 0 });
    expect(hasChanges(plan)).toBe(false);
  });

  it('new ones are created, absent ones removed', () => {
    const plan = planOf({
      declared: [project(), recording('new')],
      state: [stored(project()), running(recording('old'))],
    });
    expect(planned(plan, 'new')).toMatchObject({ action: 'create' });
    expect(planned(plan, 'old')).toMatchObject({ action: 'remove', interruption: expect.stringContaining('ends') });
    expect(hasChanges(plan)).toBe(true);
  });

  it('Orphan leaves the task running', () => {
    const plan = planOf({
      declared: [project()],
      state: [stored(project()), running(recording('old', { deletionPolicy: 'Orphan' }))],
    });
    expect(planned(plan, 'old').interruption).toContain('Orphan');
  });

  it('of single files only what they declared is judged; the rest holds its slots', () => {
    const limits = { mixedResolution: 'Nested', converter: { eu: { HD: 1 } } } as const;
    const plan = planOf({
      declared: [converter('b')],
      state: [stored(project({ limits })), running(converter('a'))],
      files: ['manifests/b.yaml'],
    });
    expect(plan.resources.map(({ name }) => name)).toEqual(['b']);
    expect(planned(plan, 'b').waits).toMatchObject({ reason: 'WaitingForSlot' });
  });

  it('a window that has not begun is taken over and says when it starts', () => {
    const plan = planOf({
      declared: [project(), recording('later', { schedule: { startAt: '2026-12-02T09:00:00Z' } })],
    });
    expect(planned(plan, 'later')).toMatchObject({ action: 'accept', why: 'it starts at 2026-12-02T09:00:00.000Z' });
  });

  it('a missing project is named', () => {
    expect(planned(planOf({ declared: [recording('keynote')] }), 'keynote').waits).toMatchObject({
      reason: 'DependencyNotReady',
      message: expect.stringContaining('AgoraProject live'),
    });
  });

  it('a deletion whose stop is sent begins anew afterwards', () => {
    const old = running(recording('keynote'));
    const status = old.status as { readonly tasks: readonly object[] };
    const deletionTimestamp = timestamp(NOW - 5_000);
    const stopping = {
      ...old,
      metadata: { ...old.metadata, deletionTimestamp },
      status: {
        ...status,
        tasks: status.tasks.map((task) => ({ ...task, phase: 'Stopping', stoppingSince: timestamp(NOW - 4_000) })),
      },
    };
    const plan = planOf({ declared: [project(), recording('keynote')], state: [stored(project()), stopping] });
    expect(planned(plan, 'keynote')).toMatchObject({ action: 'recreate', why: expect.stringContaining('begins anew') });
  });
});

describe('WR-2, MP-1 calls', () => {
  it('a recording costs three calls to start and one in two minutes afterwards', () => {
    const plan = planOf({
      declared: [
        project(),
        ...Array.from({ length: 40 }, (_, index) => recording(`r${index}`, { videoWidth: 640, videoHeight: 360 })),
      ],
    });
    expect(plan.rates).toContainEqual({
      appId: APP_ID,
      limit: 'recording',
      allowed: 10,
      perSeconds: 1,
      steadyPerSecond: Number((40 / 120).toFixed(3)),
      rolloutCalls: 120,
      rolloutSeconds: 11,
    });
  });

  it('converters are seen by one list of all', () => {
    const plan = planOf({ declared: [project(), converter('a'), converter('b')] });
    expect(plan.rates).toContainEqual(expect.objectContaining({ limit: 'converter-list', steadyPerSecond: 0.033 }));
    expect(plan.rates).toContainEqual(expect.objectContaining({ limit: 'converter-create', rolloutCalls: 2 }));
  });
});

it('no plan shows a key, a page token or a Secret', () => {
  const plan = planOf({
    declared: [
      project(),
      converter('a', { rtmpUrl: `rtmp://other.example.com/live/${CANARY}` }),
      recording('keynote', { url: `https://user:${CANARY}@stage.example.com/${CANARY}`, priority: 3 }),
    ],
    state: [stored(project()), running(converter('a')), running(recording('keynote'))],
  });
  expect(plan.summary).toMatchObject({ update: 1, recreate: 1 });
  expect(JSON.stringify(plan)).not.toContain(CANARY);
});

function never(): never {
  throw new Error('the Secret has no such key');
}
