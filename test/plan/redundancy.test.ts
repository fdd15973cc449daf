import { describe, expect, it } from 'vitest';
import { explanationLines } from '../../src/cli/explain.ts';
import { createOffline } from '../../src/cli/offline.ts';
import { planLines } from '../../src/cli/plan-lines.ts';
import type { Resource } from '../../src/core/resource.ts';
import { timestamp } from '../../src/core/time.ts';
import type { Declared } from '../../src/hosts/declared.ts';
import { membersOf } from '../../src/kinds/converter/members.ts';
import type { ConverterResource } from '../../src/kinds/converter/resource.ts';
import type { ConverterSpec, ConverterTask } from '../../src/kinds/converter/types.ts';
import { viewOf } from '../../src/kinds/converter/view.ts';
import { KINDS } from '../../src/kinds/index.ts';
import { explanationOf } from '../../src/plan/explanation.ts';
import { inspect } from '../../src/plan/inspect.ts';
import type { PlannedMember } from '../../src/plan/planned.ts';
import { converterTaskValues } from '../../src/plan/task-values.ts';
import { APP_ID, CANARY, converter, NOW, planned, planOf, project, projectSpec, SECRETS, stored } from './builders.ts';

type Redundancy = NonNullable<ConverterSpec['redundancy']>;

const withoutAddress = (one: Declared): Declared => {
  const { rtmpUrl: _url, ...spec } = one.spec as ConverterSpec;
  return { ...one, spec };
};
const output = (name: string, key = name) => ({ name, rtmpUrl: `rtmp://${key}.example.com/live/${CANARY}` });
const parallel = (outputs: readonly string[], more: Partial<Redundancy> = {}, video = {}): Declared =>
  withoutAddress(
    converter(
      'show',
      { redundancy: { mode: 'Parallel', isolation: false, outputs: outputs.map((name) => output(name)), ...more } },
      video,
    ),
  );
const standby = (video = {}): Declared =>
  converter(
    'show',
    { redundancy: { mode: 'Standby', isolation: false, priorityParameter: 'priority', priorities: 3 } },
    video,
  );

/** The set as it runs: each output, or the first priority. */
function running(one: Declared): Resource {
  const resource = stored(one, { observedGeneration: 1, conditions: [], activePriority: 1 }) as ConverterResource;
  const compatibility = { project: { spec: projectSpec() } } as Parameters<typeof converterTaskValues>[1];
  const tasks = membersOf(resource)
    .filter(({ unwanted }) => unwanted === undefined)
    .map((member, index): ConverterTask => {
      const view = viewOf(resource, member);
      return {
        attempt: index + 1,
        member: member.name,
        phase: 'Running',
        appId: APP_ID,
        region: 'eu',
        class: 'HD',
        generation: 1,
        name: view.spec.name ?? '',
        converterId: `id-${member.name}`,
        startedAt: timestamp(NOW - 600_000),
        runningSince: timestamp(NOW - 600_000),
        applied: converterTaskValues(view, { ...compatibility, secret: () => undefined }).hashes,
      };
    });
  const restarts = { count: 0, inRow: 0, generation: 1, lastStarts: [] };
  const status = {
    observedGeneration: 1,
    conditions: [],
    activePriority: 1,
    tasks,
    restarts,
    lastAttempt: tasks.length,
  };
  return { ...resource, status };
}

const edited = (before: Declared, after: Declared) =>
  planned(planOf({ declared: [project(), after], state: [stored(project()), running(before)] }), 'show');
const said = (members: readonly PlannedMember[] | undefined): readonly string[] =>
  (members ?? []).map(({ name, action, changes }) => [name, action, ...changes.map(({ path }) => path)].join(' '));

describe('MP-8 the plan of outputs', () => {
  it('new: each is created and takes a slot', () => {
    const plan = planOf({ declared: [project(), parallel(['a', 'b', 'c'])], state: [] });
    const row = planned(plan, 'show');
    expect([row.action, row.why]).toEqual(['create', 'it is new']);
    expect(said(row.members)).toEqual(['a create', 'b create', 'c create']);
    expect(row.newSlots).toHaveLength(3);
    expect(plan.rates.find(({ limit }) => limit === 'converter-create')?.rolloutCalls).toBe(3);
  });

  it('as declared: nothing', () => {
    expect(edited(parallel(['a', 'b']), parallel(['a', 'b'])).action).toBe('nothing');
  });

  it.each<[string, Declared, string, readonly string[]]>([
    ['added', parallel(['a', 'b', 'c']), 'create', ['a nothing', 'b nothing', 'c create']],
    ['removed', parallel(['b', 'c']), 'create', ['b nothing', 'c create', 'a stop']],
    [
      'one address',
      parallel([], { outputs: [output('a'), output('b', 'other')] }),
      'update',
      ['a nothing', 'b update rtmpUrl'],
    ],
    ['isolation', parallel(['a', 'b'], { isolation: true }), 'recreate', ['a recreate name', 'b recreate name']],
    ['minReady', parallel(['a', 'b'], { minReady: 1 }), 'accept', ['a nothing', 'b nothing']],
  ])('%s', (_what, after, action, members) => {
    const row = edited(parallel(['a', 'b']), after);
    expect(row.action).toBe(action);
    expect(said(row.members)).toEqual(members);
  });

  it('what is common is said once', () => {
    const row = edited(parallel(['a', 'b']), parallel(['a', 'b'], {}, { bitrate: 2500 }));
    expect(row.action).toBe('update');
    expect(row.changes.map(({ path }) => path)).toEqual(['transcodeOptions.videoOptions.bitrate']);
    expect(said(row.members)).toEqual(['a update', 'b update']);
  });

  it('people read members below their resource, and no key', () => {
    const after = parallel([], { outputs: [output('a'), output('b', 'other'), output('c')] });
    const plan = planOf({ declared: [project(), after], state: [stored(project()), running(parallel(['a', 'b']))] });
    const lines = planLines(plan, { columns: 100, colours: false });
    expect(lines.slice(2, 11)).toEqual([
      '+ RtmpConverter media/show: create',
      '    its members differ, see below',
      '    = a: nothing to do (it is as declared)',
      '    ~ b: update in place (Agora’s update takes all that changed)',
      '      rtmpUrl: rtmp://b.example.com/*** -> rtmp://other.example.com/***  (Agora’s update takes it)',
      '    + c: create (it is new)',
      '    Slots: converter eu HD',
      '',
      'Slots',
    ]);
    expect(JSON.stringify(plan) + lines.join('\n')).not.toContain(CANARY);
  });
});

describe('MP-9 the plan of priorities', () => {
  it('new: the first one is created and takes one slot', () => {
    const row = planned(planOf({ declared: [project(), standby()], state: [] }), 'show');
    expect(said(row.members)).toEqual(['p1 create']);
    expect(row.newSlots).toHaveLength(1);
  });

  it('an edit is that of the active one', () => {
    expect(said(edited(standby(), standby({ codec: 'H.265' })).members)).toEqual([
      'p1 recreate transcodeOptions.videoOptions.codec transcodeOptions.videoOptions.codecProfile',
    ]);
  });

  it('from one converter to outputs: the old one is stopped, each output begins', () => {
    const before = converter('show');
    const main: Resource = running(withoutAddress(before));
    const row = planned(
      planOf({ declared: [project(), parallel(['a', 'b'])], state: [stored(project()), main] }),
      'show',
    );
    expect(row.action).toBe('create');
    expect(said(row.members)).toEqual(['a create', 'b create', 'main stop']);
  });
});

describe('MP-8, MP-9 explain', () => {
  it('names the members, and of those that do not run why', () => {
    const resource = running(parallel(['a', 'b'])) as ConverterResource;
    const status = { ...resource.status, tasks: resource.status?.tasks?.slice(0, 1) ?? [] };
    const context = createOffline({
      resources: [stored(project()), resource],
      secrets: SECRETS,
      remembered: [],
      environment: {},
      now: NOW,
    }).contextOf(resource);
    const inspection = inspect(
      { ...resource, status },
      { kind: KINDS.RtmpConverter, context, now: NOW, source: 'state' },
    );
    const lines = explanationLines(explanationOf(inspection), { columns: 120, colours: false });
    const from = lines.indexOf('Members');
    expect(lines[from + 1]).toBe('  a: Running');
    expect(lines[from + 2]).toMatch(/^ {2}b: (Waiting|Starting), [A-Z]\w+: /u);
    expect(lines.join('\n')).not.toContain(CANARY);
  });
});
