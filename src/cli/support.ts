/*
 * support KIND/NAME [-n NS] [-o json] [--state D | --context C]
 *
 *   -n, --namespace <name>    needed where the name is in several namespaces
 *   -o, --output <format>     json
 *   --state <dir>, or --kubeconfig, --context, --address of a cluster
 */
import type { SupportCase, SupportedTask } from '../plan/support.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { type Io, print } from './io.ts';
import { resourceNamed } from './kind-names.ts';
import { requestIds } from './output/error-text.ts';
import { jsonDocument } from './output/json.ts';
import { type Labelled, labelled } from './output/sections.ts';
import { wrapped } from './output/text.ts';
import { keyIn, withSource } from './source.ts';
import type { WhereFlags } from './where.ts';

export interface SupportOptions extends WhereFlags {
  readonly resource: string;
  readonly namespace?: string;
  readonly output?: 'json';
}

/** Everything that Agora's support asks for about a task (MP-16), without a secret in it: to be pasted into a ticket. */
export async function supportCommand(options: SupportOptions, io: Io): Promise<number> {
  const named = resourceNamed(options.resource, options.namespace);
  const supportCase = await withSource(options, io, async (source) => source.support(await keyIn(source, named)));
  if (options.output === 'json') io.stdout.write(jsonDocument('SupportCase', { ...supportCase }));
  else print(io.stdout, ...supportLines(supportCase, io.columns));
  return EXIT_CODES.support.shown.code;
}

/** Without colours, since it is copied. Handles stay whole however narrow the terminal is. */
export function supportLines(supportCase: SupportCase, columns: number): readonly string[] {
  const { resource, at, product, appId, region, tasks, conditions, lastError, events, declared, leftBehind } =
    supportCase;
  const head = labelled(
    [
      { label: 'Product', text: product },
      { label: 'App ID', text: appId },
      { label: 'Region', text: region },
      { label: 'Resource', text: `${resource.kind} ${resource.namespace}/${resource.name}` },
      { label: 'Collected at', text: `${at}${supportCase.source === 'state' ? ' (no controller ran)' : ''}` },
    ],
    columns,
  );
  const error: readonly Labelled[] =
    lastError === undefined
      ? []
      : [
          { label: 'Call', text: lastError.call },
          { label: 'At', text: lastError.at },
          { label: 'Failure', text: failureText(lastError) },
          { label: 'Message', text: lastError.message },
          ...requestIds(lastError).map(([label, text]) => ({ label, text })),
        ];
  return [
    ...head,
    ...section('Last error', labelled(error, columns, '  ')),
    ...section(
      'Tasks',
      tasks.flatMap((task) => taskLines(task, columns)),
    ),
    ...section(
      'Conditions',
      conditions.flatMap(({ type, status, reason, message, since }) =>
        wrapped(`${type}=${status} ${reason} since ${since}: ${message}`, columns, { indent: '    ', first: '  ' }),
      ),
    ),
    ...section(
      'Left behind',
      (leftBehind ?? []).flatMap((entry) => wrapped(JSON.stringify(entry), columns, { indent: '  ' })),
    ),
    ...section('Declared', labelled(flat(declared), columns, '  ')),
    ...section(
      'Events',
      events.flatMap(({ at: when, type, reason, note }) =>
        wrapped(`${when} ${type} ${reason}: ${note}`, columns, { indent: '    ', first: '  ' }),
      ),
    ),
  ];
}

function failureText({ kind, httpStatus, code }: NonNullable<SupportCase['lastError']>): string {
  return [kind, httpStatus === undefined ? '' : `HTTP ${httpStatus}`, code === undefined ? '' : `code ${code}`]
    .filter((part) => part !== '')
    .join(', ');
}

function taskLines(task: SupportedTask, columns: number): readonly string[] {
  const { attempt, phase, appId, region, class: of, handles, times, openCall, failures, reason } = task;
  const rows: Labelled[] = [
    { label: 'App ID', text: appId },
    { label: 'region', text: `${region}, ${of}` },
    ...Object.entries(handles).map(([label, text]) => ({ label, text })),
    ...Object.entries(times).map(([label, text]) => ({ label, text })),
  ];
  if (openCall !== undefined)
    rows.push({ label: 'open call', text: `${openCall.call} at ${openCall.at}, X-Request-ID ${openCall.requestId}` });
  if (failures !== undefined)
    rows.push({
      label: 'failures',
      text: `${failures.count} of kind ${failures.kind}, from ${failures.since} to ${failures.lastAt}`,
    });
  if (reason !== undefined) rows.push({ label: 'reason', text: reason });
  return [`  attempt ${attempt}: ${phase}`, ...labelled(rows, columns, '    ')];
}

/** Nested fields by their paths. */
function flat(value: unknown, path = ''): readonly Labelled[] {
  if (typeof value !== 'object' || value === null) return [{ label: path, text: String(value) }];
  if (Array.isArray(value)) return [{ label: path, text: JSON.stringify(value) }];
  return Object.entries(value).flatMap(([name, inner]) => flat(inner, path === '' ? name : `${path}.${name}`));
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', title, ...lines];
