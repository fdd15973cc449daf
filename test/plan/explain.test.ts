import { describe, expect, it } from 'vitest';
import { explanationLines } from '../../src/cli/explain.ts';
import { createOffline } from '../../src/cli/offline.ts';
import { REASONS, type Reason } from '../../src/core/reasons.ts';
import type { Resource } from '../../src/core/resource.ts';
import { timestamp } from '../../src/core/time.ts';
import { KINDS } from '../../src/kinds/index.ts';
import { PHASE_RATIONALE, REASON_RATIONALE } from '../../src/plan/explain.ts';
import { explanationOf } from '../../src/plan/explanation.ts';
import { type InspectOptions, inspect } from '../../src/plan/inspect.ts';
import { APP_ID, CANARY, converter, NOW, project, recording, running, SECRETS, stored } from './builders.ts';

/** Reasons that only a project has. */
const OF_PROJECTS: readonly Reason[] = [
  'PagesHeard',
  'ApiReachable',
  'CredentialsRejected',
  'ServiceNotEnabled',
  'InUse',
  'Accepted',
  'LimitsDiffer',
];
/** Reasons that only recordings have, or none of the two documents asks for. */
const WITHOUT_MP_RULE: readonly Reason[] = [
  'Pending',
  'OnHold',
  'Stopped',
  'Suspended',
  'Stopping',
  'DependencyNotReady',
  'NotYetSupported',
  'StartOutcomeUnknown',
  'WindowMissed',
  'PageNotCapable',
  'PageAlive',
  'PageNotReady',
  'PageStale',
  'PageFaulty',
  'PageNotWatched',
  'PagesSilent',
  'NoSlotNeeded',
];

const withReady = (resource: Resource, reason: string, message = `about ${reason}`): Resource => ({
  ...resource,
  status: {
    ...(resource.status as object),
    observedGeneration: 1,
    conditions: [
      {
        type: 'Ready',
        status: 'False',
        reason,
        message,
        observedGeneration: 1,
        lastTransitionTime: timestamp(NOW - 90_000),
      },
    ],
  },
});

function explained(resource: Resource, options: Partial<InspectOptions> = {}) {
  const resources = [stored(project()), resource];
  const offline = createOffline({ resources, secrets: SECRETS, remembered: [], environment: {}, now: NOW });
  return explanationOf(
    inspect(resource, {
      kind: KINDS[resource.kind],
      context: offline.contextOf(resource),
      now: NOW,
      source: 'controller',
      ...options,
    }),
  );
}

const width = (lines: readonly string[]): number => Math.max(...lines.map((line) => line.length));

describe('explain has an answer for every reason', () => {
  const taskReasons = (Object.keys(REASONS) as Reason[]).filter((reason) => !OF_PROJECTS.includes(reason));

  it.each(taskReasons)('%s of a converter', (reason) => {
    const { because, meaning, next, rules, message } = explained(withReady(running(converter('vertical')), reason));
    expect(meaning).toBe(REASONS[reason]);
    expect(message).toBe(`about ${reason}`);
    for (const sentence of [because, next.what]) expect(sentence).toMatch(/^[A-Z].*\.$/s);
    expect(rules.every((rule) => rule.startsWith('MP-'))).toBe(true);
    expect(rules.length === 0).toBe(WITHOUT_MP_RULE.includes(reason));
  });

  it.each(taskReasons)('%s of a recording, within 80 columns', (reason) => {
    const explanation = explained(withReady(running(recording('keynote')), reason));
    expect(explanation.rules.every((rule) => rule.startsWith('WR-'))).toBe(true);
    const lines = explanationLines(explanation, { columns: 80, colours: false });
    expect(width(lines)).toBeLessThanOrEqual(80);
    expect(lines.join('\n')).toContain(reason);
  });

  it.each(OF_PROJECTS)('%s of a project', (reason) => {
    expect(explained(withReady(stored(project()), reason)).meaning).toBe(REASONS[reason]);
  });

  it('names only rules that exist', () => {
    const all = [...Object.values(REASON_RATIONALE), ...Object.values(PHASE_RATIONALE)].flatMap(({ rules }) => rules);
    for (const rule of all) expect(rule).toMatch(/^(WR-([1-9]|1[0-2])|MP-([1-9]|1\d|2[0-8]))$/);
  });
});

describe('explain says where it stands', () => {
  it('WR-1 the queue is the ledger’s, with limit, place and estimate', () => {
    const waiting = withReady(stored(converter('vertical')), 'WaitingForSlot');
    const { queue, next } = explained(waiting, {
      refusal: { why: 'wait', limit: 'converter eu HD: 5 of 5 in use', position: 3, estimatedAt: NOW + 60_000 },
    });
    expect(queue).toMatchObject({
      limit: 'converter eu HD: 5 of 5 in use',
      position: 3,
      estimatedStartAt: timestamp(NOW + 60_000),
    });
    expect(next.at).toBe(timestamp(NOW + 60_000));
  });

  it('without a controller the queue is what was written', () => {
    const waiting = withReady(
      stored(converter('vertical'), {
        queue: { since: timestamp(NOW - 60_000), limit: 'converter eu HD', position: 2 },
      }),
      'WaitingForSlot',
    );
    expect(explained(waiting).queue).toMatchObject({ position: 2, limit: 'converter eu HD' });
  });

  it('evidence has its age, the latest first', () => {
    const { evidence } = explained(running(recording('keynote')), {
      observation: {
        knownSince: NOW - 600_000,
        looks: { 1: { attempt: 1, sentAt: NOW - 34_500, answeredAt: NOW - 34_000, answers: 1, status: 5 } },
      },
    });
    expect(evidence[0]).toEqual({
      what: 'query of attempt 1 answered status 5 (in progress)',
      at: timestamp(NOW - 34_000),
      ageSeconds: 34,
    });
    expect(evidence.map(({ ageSeconds = 0 }) => ageSeconds)).toEqual([34, 595, 600]);
  });

  it('WR-8 WR-12 what the page said last, and when it was last well', () => {
    const page = {
      attempt: 1,
      load: 'a',
      reportedAt: NOW - 4_000,
      faults: ['video: frozen'],
      scriptErrors: true,
      readyAt: NOW - 500_000,
      goodAt: NOW - 34_000,
      badSince: NOW - 19_000,
    };
    const { evidence } = explained(running(recording('keynote')), { observation: { knownSince: NOW - 600_000, page } });
    expect(evidence.slice(0, 2).map(({ what, ageSeconds }) => [what, ageSeconds])).toEqual([
      ['the page of attempt 1 reported video: frozen, errors in its scripts', 4],
      ['the page of attempt 1 was last well', 34],
    ]);
  });

  it('what happens next has its time', () => {
    const { next } = explained(running(recording('keynote')));
    expect(Date.parse(next.at ?? '')).toBeGreaterThan(NOW);
    expect(Date.parse(next.at ?? '')).toBeLessThanOrEqual(NOW + 120_000);
  });

  it('tasks have phase, meaning and handles', () => {
    expect(explained(running(converter('vertical'))).tasks).toEqual([
      expect.objectContaining({
        attempt: 1,
        phase: 'Running',
        because: 'seen running',
        handles: { name: 'show68_vertical', converterId: 'id-vertical' },
      }),
    ]);
  });

  it('the last error carries every ID', () => {
    const failed = withReady(
      stored(converter('vertical'), {
        lastError: {
          kind: 'server',
          call: 'create',
          httpStatus: 503,
          message: 'try later',
          requestId: 'ours',
          customRequestId: 'custom',
          resourceId: 'resource',
          at: timestamp(NOW - 5_000),
        },
      }),
      'WaitingForRetry',
    );
    const text = explanationLines(explained(failed), { columns: 80, colours: false }).join(' ').replace(/\s+/g, ' ');
    for (const part of [
      'HTTP 503',
      'X-Request-ID ours',
      'X-Custom-Request-ID custom',
      'X-Resource-ID resource',
      '5s ago',
    ])
      expect(text).toContain(part);
  });

  it('of a written status alone, time goes on: a window that ended is missed', () => {
    const late = stored(recording('keynote', { schedule: { stopAt: timestamp(NOW - 1_000) } }));
    expect(explained(late, { source: 'state' })).toMatchObject({
      reason: 'WindowMissed',
      progress: 'Stalled',
      source: 'state',
    });
  });

  it('a Secret that only the manifests have does not hide what was written', () => {
    const resource = withReady(stored(converter('vertical')), 'WaitingForSlot');
    const offline = createOffline({
      resources: [stored(project()), resource],
      secrets: [],
      remembered: [],
      environment: {},
      now: NOW,
    });
    const { reason } = explanationOf(
      inspect(resource, { kind: KINDS.RtmpConverter, context: offline.contextOf(resource), now: NOW, source: 'state' }),
    );
    expect(reason).toBe('WaitingForSlot');
  });

  it('nothing of a key is shown', () => {
    const leaky = withReady(
      stored(converter('vertical'), {
        lastError: {
          kind: 'parameter',
          call: 'create',
          message: `rtmp://cdn.example.com/live/${CANARY} is wrong, so is ${CANARY}`,
          requestId: 'r',
          at: timestamp(NOW),
        },
        tasks: [
          {
            attempt: 1,
            member: 'main',
            phase: 'Stopping',
            appId: APP_ID,
            region: 'eu',
            class: 'HD',
            generation: 1,
            name: 'n',
            applied: {},
            reason: `because of ${CANARY}`,
          },
        ],
      }),
      'ParameterRefused',
      `refused: ${CANARY}`,
    );
    expect(JSON.stringify(explained(leaky))).not.toContain(CANARY);
  });
});
