/*
 * explain KIND/NAME [-n NS] [-o json] [--state D | --context C]
 *
 *   -n, --namespace <name>    needed where the name is in several namespaces
 *   -o, --output <format>     json
 *   --state <dir>, or --kubeconfig, --context, --address of a cluster
 */
import type { Timestamp } from '../core/time.ts';
import { ageOf, type ExplainedMember, type ExplainedTask, type Explanation } from '../plan/explanation.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { type Io, print } from './io.ts';
import { resourceNamed } from './kind-names.ts';
import { span } from './output/age.ts';
import { errorText } from './output/error-text.ts';
import { jsonDocument } from './output/json.ts';
import { createPaint, type Paint } from './output/paint.ts';
import { type Labelled, labelled } from './output/sections.ts';
import { wrapped } from './output/text.ts';
import { keyIn, withSource } from './source.ts';
import type { WhereFlags } from './where.ts';

export interface ExplainOptions extends WhereFlags {
  readonly resource: string;
  readonly namespace?: string;
  readonly output?: 'json';
}

/** Why a resource is where it is, by which rule, on what evidence, and what happens next. */
export async function explainCommand(options: ExplainOptions, io: Io): Promise<number> {
  const named = resourceNamed(options.resource, options.namespace);
  const explanation = await withSource(options, io, async (source) => source.explain(await keyIn(source, named)));
  if (options.output === 'json') io.stdout.write(jsonDocument('Explanation', { ...explanation }));
  else print(io.stdout, ...explanationLines(explanation, io));
  return EXIT_CODES.explain.shown.code;
}

/** The explanation for people, within `columns`. */
export function explanationLines(explanation: Explanation, io: Pick<Io, 'columns' | 'colours'>): readonly string[] {
  const paint = createPaint(io);
  const { resource, message, since, at } = explanation;
  const { columns } = io;
  const age = since === undefined ? '' : ` for ${span(ageOf(since, at))}`;
  const head = `${resource.kind} ${resource.namespace}/${resource.name}`;
  const state = `${explanation.reason} (Ready ${explanation.ready}${age})${explanation.deleting ? ', being deleted' : ''}`;
  return [
    paint.bold(head),
    ...wrapped(tone(explanation, paint)(state), columns, { indent: '  ' }),
    ...(message === '' ? [] : wrapped(message, columns, { indent: '  ' })),
    '',
    ...labelled(facts(explanation), columns),
    ...evidenceLines(explanation, columns),
    ...section(
      'Members',
      (explanation.members ?? []).flatMap((member) => memberLines(member, columns)),
    ),
    ...section(
      'Tasks',
      explanation.tasks.flatMap((task) => taskLines(task, at, columns)),
    ),
  ];
}

const tone = ({ ready, progress }: Explanation, paint: Paint): Paint['good'] =>
  progress === 'Stalled' ? paint.bad : ready === 'True' ? paint.good : paint.warn;

function facts(explanation: Explanation): readonly Labelled[] {
  const { rules, because, meaning, next, queue, slots, restarts, lastError, at } = explanation;
  const rows: Labelled[] = [
    { label: 'Meaning', text: meaning },
    { label: 'Why', text: because },
    { label: 'Rules', text: rules.length === 0 ? 'none of Agora’s; the declaration asks for it' : rules.join(', ') },
    { label: 'Next', text: next.at === undefined ? next.what : `${next.what.replace(/\.$/, '')} ${when(next.at, at)}` },
  ];
  if (queue !== undefined) {
    const { limit, position, since, estimatedStartAt } = queue;
    const place = position === undefined ? '' : `place ${position}; `;
    const waited = since === undefined ? '' : `; waits for ${span(ageOf(since, at))}`;
    const start =
      estimatedStartAt === undefined
        ? '; when a slot frees cannot be told'
        : `; a slot frees ${when(estimatedStartAt, at)}`;
    rows.push({ label: 'Queue', text: `${place}${limit}${waited}${start}` });
  }
  for (const { service, region, class: of, since } of slots)
    rows.push({ label: 'Slot', text: `${service} ${region} ${of}, held for ${span(ageOf(since, at))}` });
  if (restarts !== undefined && restarts.count > 0) {
    const last = restarts.lastReason === undefined ? '' : `; the last: ${restarts.lastReason}`;
    rows.push({
      label: 'Restarts',
      text: `${restarts.count}, ${restarts.inRow} of them without ten good minutes${last}`,
    });
  }
  for (const { type, status, message } of explanation.otherConditions)
    rows.push({ label: type, text: `${status}: ${message}` });
  if (lastError !== undefined) rows.push({ label: 'Last error', text: errorText(lastError, at) });
  return rows;
}

function evidenceLines({ evidence, source }: Explanation, columns: number): readonly string[] {
  const rows = evidence.map(({ what, ageSeconds }) => ({
    label: ageSeconds === undefined ? '' : `${span(ageSeconds * 1_000)} ago`,
    text: what,
  }));
  const title = source === 'controller' ? 'Evidence' : 'Evidence (as written; nothing was looked at since)';
  return section(title, labelled(rows, columns, '  '));
}

function memberLines(
  { name, priority, phase, reason, ready, meaning }: ExplainedMember,
  columns: number,
): readonly string[] {
  const why = ready || reason === undefined ? '' : `, ${reason}${meaning === undefined ? '' : `: ${meaning}`}`;
  const of = priority === undefined ? '' : ` (priority ${priority})`;
  return wrapped(`${name}${of}: ${phase}${why}`, columns, { indent: '    ', first: '  ' });
}

function taskLines(task: ExplainedTask, at: Timestamp, columns: number): readonly string[] {
  const { attempt, member, phase, because, rules, region, class: of, handles, startedAt, endsAt, reason } = task;
  const of_ = member === 'main' ? '' : ` (${member})`;
  const rule = rules.length === 0 ? '' : ` [${rules.join(', ')}]`;
  const started = startedAt === undefined ? '' : `, started ${span(ageOf(startedAt, at))} ago`;
  const rows: Labelled[] = [
    ...Object.entries(handles).map(([label, text]) => ({ label, text })),
    ...(endsAt === undefined ? [] : [{ label: 'ends by', text: endsAt }]),
    ...(reason === undefined ? [] : [{ label: 'because', text: reason }]),
  ];
  return [
    ...wrapped(`attempt ${attempt}${of_}: ${phase}, ${because}${rule}`, columns, { indent: '    ', first: '  ' }),
    `    ${region} ${of}${started}`,
    ...labelled(rows, columns, '    '),
  ];
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', title, ...lines];

/** `at 09:30:00Z (in 4m)`; the day is said where it is another one. */
function when(at: Timestamp, now: Timestamp): string {
  const ms = Date.parse(at) - Date.parse(now);
  const clock = at.slice(0, 10) === now.slice(0, 10) ? `${at.slice(11, 19)}Z` : at;
  return ms > 0 ? `at ${clock} (in ${span(ms)})` : `now (due since ${clock})`;
}
