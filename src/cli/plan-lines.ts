import type { Timestamp } from '../core/time.ts';
import type { Slot } from '../limits/slot.ts';
import type { Plan, PlanAction, PlannedChange, PlannedMember, PlannedResource, PlannedWait } from '../plan/planned.ts';
import type { Io } from './io.ts';
import { span } from './output/age.ts';
import { createPaint, type Paint } from './output/paint.ts';
import { table } from './output/table.ts';
import { wrapped } from './output/text.ts';

const MARKS: Readonly<Record<PlanAction, string>> = {
  nothing: '=',
  accept: '.',
  create: '+',
  update: '~',
  recreate: '!',
  stop: '-',
  remove: '-',
};

const WORDS: Readonly<Record<PlanAction, string>> = {
  nothing: 'nothing to do',
  accept: 'take over, nothing is sent',
  create: 'create',
  update: 'update in place',
  recreate: 're-create',
  stop: 'stop',
  remove: 'remove',
};

/** The plan for people, within `columns`. What is as declared already is only counted. */
export function planLines(plan: Plan, io: Pick<Io, 'columns' | 'colours'>): readonly string[] {
  const paint = createPaint(io);
  const { columns } = io;
  const shown = plan.resources.filter(({ action }) => action !== 'nothing');
  return [
    ...wrapped(headline(plan), columns),
    ...plan.notes.flatMap((note) => wrapped(paint.warn(`Note: ${note}`), columns, { indent: '  ', first: '' })),
    ...shown.flatMap((resource) => ['', ...resourceLines(resource, { at: plan.at, columns, paint })]),
    ...limitLines(plan, columns),
    ...rateLines(plan, columns),
  ];
}

function headline({ summary, waiting, comparedWith }: Plan): string {
  const order: readonly PlanAction[] = ['create', 'update', 'recreate', 'stop', 'remove', 'accept'];
  const parts = order.filter((action) => summary[action] > 0).map((action) => `${summary[action]} to ${VERBS[action]}`);
  const same = summary.nothing > 0 ? `; ${summary.nothing} as declared` : '';
  const wait = waiting > 0 ? `; ${waiting} would wait for a slot` : '';
  return `Plan${COMPARED[comparedWith]}: ${parts.length === 0 ? 'nothing to do' : parts.join(', ')}${wait}${same}`;
}

const VERBS: Readonly<Record<PlanAction, string>> = {
  nothing: 'leave',
  accept: 'take over',
  create: 'create',
  update: 'update in place',
  recreate: 're-create',
  stop: 'stop',
  remove: 'remove',
};

const COMPARED: Readonly<Record<Plan['comparedWith'], string>> = {
  nothing: ' (no state given: everything counts as new)',
  state: ' against the written state',
  controller: ' against the running controller',
};

interface Style {
  readonly at: Timestamp;
  readonly columns: number;
  readonly paint: Paint;
}

function resourceLines(resource: PlannedResource, { at, columns, paint }: Style): readonly string[] {
  const {
    kind,
    namespace,
    name,
    action,
    why,
    changes,
    members = [],
    interruption,
    newSlots,
    waits,
    notCompared,
  } = resource;
  const tone = {
    nothing: paint.dim,
    accept: paint.dim,
    create: paint.good,
    update: paint.warn,
    recreate: paint.bad,
    stop: paint.bad,
    remove: paint.bad,
  }[action];
  const detail = (label: string, text: string): readonly string[] =>
    wrapped(`${label}: ${text}`, columns, { indent: '      ', first: '    ' });
  return [
    ...wrapped(tone(`${MARKS[action]} ${kind} ${namespace}/${name}: ${WORDS[action]}`), columns, {
      indent: '    ',
      first: '',
    }),
    ...wrapped(why, columns, { indent: '    ' }),
    ...changes.flatMap((change) => changeLines(change, columns)),
    ...members.flatMap((member) => memberLines(member, columns)),
    ...(interruption === undefined ? [] : detail('Interruption', interruption)),
    ...(newSlots.length === 0 ? [] : detail('Slots', newSlots.map(slotText).join(', '))),
    ...(waits === undefined ? [] : detail('Waits', waitText(waits, at))),
    ...(notCompared.length === 0 ? [] : detail('Not compared', `${notCompared.join(', ')}: the Secret is not at hand`)),
  ];
}

function memberLines({ name, action, why, changes }: PlannedMember, columns: number): readonly string[] {
  const head = `${MARKS[action]} ${name}: ${WORDS[action]} (${why})`;
  return [
    ...wrapped(head, columns, { indent: '        ', first: '    ' }),
    ...changes.flatMap((change) => changeLines(change, columns)),
  ];
}

function changeLines({ path, how, why, old, new: next }: PlannedChange, columns: number): readonly string[] {
  const values =
    old === undefined && next === undefined
      ? '(value not shown)'
      : old === undefined
        ? `-> ${next}`
        : `${old} -> ${next ?? '(absent)'}`;
  const mark = how === 'recreate' ? ', forces the re-creation' : '';
  return wrapped(`${path}: ${values}  (${why}${mark})`, columns, { indent: '        ', first: '      ' });
}

const slotText = ({ service, region, class: of }: Slot): string => `${service} ${region} ${of}`;

function waitText(
  { reason, message, position, estimatedStartAt, freedByThisPlan }: PlannedWait,
  at: Timestamp,
): string {
  const place = position === undefined ? '' : `, place ${position}`;
  const until =
    freedByThisPlan === true
      ? '; its slot frees when this plan’s own stops are done'
      : estimatedStartAt !== undefined
        ? `; goes on about ${estimatedStartAt} (in ${span(Date.parse(estimatedStartAt) - Date.parse(at))})`
        : position === undefined
          ? ''
          : '; how long cannot be told';
  return `${reason}: ${message}${place}${until}`;
}

function limitLines({ limits }: Plan, columns: number): readonly string[] {
  if (limits.length === 0) return [];
  const appIds = new Set(limits.map(({ appId }) => appId));
  const heads = ['LIMIT', 'ALLOWED', 'NOW', 'PEAK', 'WAITING'].map((head, index) => ({
    head,
    ...(index === 0 ? { shrinkTo: 10 } : {}),
  }));
  const rows = limits.map(({ limit, allowed, heldNow, heldAtPeak, waiting }) =>
    [limit, allowed, heldNow, heldAtPeak, waiting].map(String),
  );
  if (appIds.size <= 1) return ['', 'Slots', ...table(heads, rows, { columns })];
  const withId = rows.map((row, index) => [limits[index]?.appId ?? '', ...row]);
  return ['', 'Slots', ...table([{ head: 'APP ID', shrinkTo: 8 }, ...heads], withId, { columns })];
}

function rateLines({ rates }: Plan, columns: number): readonly string[] {
  if (rates.length === 0) return [];
  const appIds = new Set(rates.map(({ appId }) => appId));
  const heads = ['CALLS', 'ALLOWED', 'STEADY', 'ROLLOUT', 'TAKES'].map((head, index) => ({
    head,
    ...(index === 0 ? { shrinkTo: 10 } : {}),
  }));
  const rows = rates.map(({ limit, allowed, perSeconds, steadyPerSecond, rolloutCalls, rolloutSeconds }) => [
    limit,
    perSeconds === 1 ? `${allowed}/s` : `${allowed}/${perSeconds}s`,
    `${steadyPerSecond}/s`,
    String(rolloutCalls),
    rolloutSeconds < 1 ? '<1s' : span(rolloutSeconds * 1_000),
  ]);
  if (appIds.size <= 1) return ['', 'Calls', ...table(heads, rows, { columns })];
  const withId = rows.map((row, index) => [rates[index]?.appId ?? '', ...row]);
  return ['', 'Calls', ...table([{ head: 'APP ID', shrinkTo: 8 }, ...heads], withId, { columns })];
}
