import type { AgoraValue, Answer, ConverterRow, Failure, FailureKind } from '../../src/agora/answer.ts';
import type { Converter, Facts, Look, Probe, Project, ProjectFacts, Recording } from '../../src/doctor/facts.ts';
import type { CheckName, Finding } from '../../src/doctor/finding.ts';
import { examine } from '../../src/doctor/report.ts';
import type { Declared } from '../../src/hosts/declared.ts';
import type { ConverterSpec } from '../../src/kinds/converter/types.ts';
import type { ProjectSpec } from '../../src/kinds/project/types.ts';
import type { RecordingSpec } from '../../src/kinds/recording/types.ts';
import { limitsFor } from '../../src/limits/tables.ts';
import {
  converter as declaredConverter,
  project as declaredProject,
  recording as declaredRecording,
  NOW,
  stored,
} from '../plan/builders.ts';

export const project = (spec: Partial<ProjectSpec> = {}, status?: object): Project =>
  stored(declaredProject(spec), status) as Project;
export const recording = (name = 'keynote', spec: Partial<RecordingSpec> = {}, status?: object): Recording =>
  stored(declaredRecording(name, spec), status) as Recording;
export const converter = (name = 'vertical', spec: Partial<ConverterSpec> = {}, status?: object): Converter =>
  stored(declaredConverter(name, spec), status) as Converter;

/** A set of three outputs (MP-8), or of three priorities (MP-9). */
export const redundant = (
  name: string,
  mode: 'Parallel' | 'Standby',
  { isolation = true, ...spec }: Partial<ConverterSpec> & { readonly isolation?: boolean } = {},
): Converter => {
  const outputs = ['one', 'two', 'three'].map((each) => ({
    name: each,
    rtmpUrl: `rtmp://${each}.example.com/live/key`,
  }));
  const redundancy =
    mode === 'Parallel'
      ? { mode, isolation, outputs }
      : { mode, isolation, priorities: 3, priorityParameter: 'priority' };
  return converter(name, { ...spec, redundancy });
};

/** The same of another name or namespace. */
export const placed = <Kind extends Project | Recording | Converter>(
  resource: Kind,
  metadata: Partial<Declared>,
): Kind => ({
  ...resource,
  metadata: { ...resource.metadata, ...metadata },
});

export const ok: Look<'query'> = { asked: true, answer: failed('not-found', { status: 404, code: 404 }) };
export const listing = (...rows: readonly Partial<ConverterRow>[]): Look<'list'> => ({
  asked: true,
  answer: {
    ok: true,
    value: { call: 'list', rows: rows.map((row) => ({ id: 'c0', name: '', state: 'running', ...row })) },
    ids: { requestId: 'r-1' },
    sentAt: NOW,
  },
});
export const refusedAs = (
  kind: FailureKind,
  more: Partial<Failure> = {},
): { readonly asked: true; readonly answer: Failure } => ({
  asked: true,
  answer: failed(kind, more),
});

function failed(kind: FailureKind, more: Partial<Failure>): Failure & Answer<Extract<AgoraValue, { call: 'query' }>> {
  return { ok: false, kind, effect: 'none', message: `it is ${kind}`, ids: { requestId: 'r-1' }, sentAt: NOW, ...more };
}

export const answered = (given: Partial<Extract<Probe, { outcome: 'answered' }>> = {}): Probe => ({
  outcome: 'answered',
  status: 404,
  totalMs: 42,
  ...given,
});

export const projectFacts = (given: Partial<ProjectFacts> = {}): ProjectFacts => {
  const { recordings = [], converters = [], project: of = project() } = given;
  return {
    project: of,
    recordings,
    converters,
    limits: limitsFor(of.spec.limits),
    secrets: [],
    domains: [],
    recordingLook: recordings.length > 0 ? ok : { asked: false, why: 'not-used' },
    converterLook: converters.length > 0 ? listing() : { asked: false, why: 'not-used' },
    ownIds: new Set(),
    ...given,
  };
};

export const factsOf = (...projects: readonly Partial<ProjectFacts>[]): Facts => ({
  at: NOW,
  projects: projects.map(projectFacts),
  strays: [],
  statuses: 'state',
  outOfTime: false,
});

/** What one check says: `verdict: fact`. */
export const said = (check: CheckName, facts: Facts): readonly string[] =>
  findingsOf(check, facts).map(({ verdict, fact }) => `${verdict}: ${fact}`);

export const findingsOf = (check: CheckName, facts: Facts): readonly Finding[] =>
  examine(facts).findings.filter((finding) => finding.check === check);

/** The verdicts alone, each once, for tables of edges. */
export const verdicts = (check: CheckName, facts: Facts): string =>
  [...new Set(findingsOf(check, facts).map(({ verdict }) => verdict))].join(' ');
