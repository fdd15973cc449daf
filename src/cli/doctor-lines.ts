import { CHECKS, type CheckName, type Finding, type Verdict } from '../doctor/finding.ts';
import type { Report } from '../doctor/report.ts';
import type { Io } from './io.ts';
import { createPaint, type Paint } from './output/paint.ts';
import { counted, wrapped } from './output/text.ts';

/** The report for people, within `columns`: a block for what is about no project, one for each project, and the sum. */
export function reportLines(report: Report, io: Pick<Io, 'columns' | 'colours'>): readonly string[] {
  const paint = createPaint(io);
  const blocks = [...Map.groupBy(report.findings, headOf)];
  return [
    ...blocks.flatMap(([head, findings]) => [
      paint.bold(head),
      ...together(findings).flatMap((finding) => lines(finding, paint, io.columns)),
      '',
    ]),
    ...wrapped(sumOf(report), io.columns),
  ];
}

const headOf = ({ project }: Finding): string =>
  project === undefined ? 'Surroundings' : `AgoraProject ${project.namespace}/${project.name}`;

/** Many figures, of which each is a finding of its own; what is well needs no line for each. */
const FIGURES: ReadonlySet<CheckName> = new Set(['service', 'rates', 'slots', 'notifications']);

function together(findings: readonly Finding[]): readonly Finding[] {
  const joined: Finding[] = [];
  for (const finding of findings) {
    const last = joined.at(-1);
    const isOneMore = last?.verdict === 'pass' && finding.verdict === 'pass' && last.check === finding.check;
    if (isOneMore && FIGURES.has(finding.check))
      joined[joined.length - 1] = { ...last, fact: `${last.fact}; ${finding.fact}` };
    else joined.push(finding);
  }
  return joined;
}

const INDENT = ' '.repeat(8);

function lines({ check, verdict, fact, action }: Finding, paint: Paint, columns: number): readonly string[] {
  const tone: Readonly<Record<Verdict, (text: string) => string>> = {
    pass: paint.good,
    warn: paint.warn,
    fail: paint.bad,
    skip: paint.dim,
  };
  return [
    ...wrapped(`${CHECKS[check].title}: ${fact}`, columns, { indent: INDENT, first: `  ${tone[verdict](verdict)}  ` }),
    ...(action === undefined ? [] : wrapped(`> ${action}`, columns, { indent: `${INDENT}  `, first: INDENT })),
  ];
}

function sumOf({ summary, complete }: Report): string {
  const { pass, warn, fail, skip } = summary;
  const parts = [`${pass} passed`, ...(warn > 0 ? [counted(warn, 'warning')] : []), `${fail} failed`];
  const skipped = skip > 0 ? [`${skip} could not be told`] : [];
  return `${[...parts, ...skipped].join(', ')}${complete ? '' : '; the time was over before everything was asked (--timeout)'}`;
}
