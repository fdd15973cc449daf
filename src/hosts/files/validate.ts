import { API_GROUP, API_VERSION, KIND_NAMES } from '../../core/resource.ts';
import type { Declared, DeclaredSecret } from '../declared.ts';
import { createRuleChecker } from './cel.ts';
import { readSpecSchemas } from './crd-files.ts';
import { declaredOf, isRecord, secretOf } from './declaration.ts';
import { resourceSchema, SECRET } from './envelope.ts';
import type { Finding } from './findings.ts';
import { fieldName } from './location.ts';
import { withoutNulls } from './prune.ts';
import { createChecks } from './schema.ts';
import { type Problem, problemsOf } from './schema-findings.ts';
import { warningsOf } from './warnings.ts';
import type { ManifestDocument } from './yaml.ts';

/** What the API server would say to a manifest, from the same CRD files. */
export interface Validator {
  /** `old` is the declaration in force, for rules about a change. Undefined results: skipped, or not valid. */
  validate(document: ManifestDocument, options?: { readonly old?: { readonly spec: unknown } | undefined }): Validated;
}

export interface Validated {
  /** Defaults applied, nulls dropped. */
  readonly resource: Declared | undefined;
  readonly secret: DeclaredSecret | undefined;
  readonly findings: readonly Finding[];
}

/** `namespace`: of manifests that name none, where a context has one. */
export async function createValidator(options: { readonly namespace?: string } = {}): Promise<Validator> {
  const specs = readSpecSchemas();
  const checkerOf = await createRuleChecker();
  const [checkSecret, ...checks] = createChecks([SECRET, ...[...specs.values()].map(resourceSchema)]);
  const kinds = new Map(
    [...specs].map(([kind, spec], index) => [
      kind as string,
      { kind, check: checks[index], checkRules: checkerOf(spec) },
    ]),
  );

  return {
    validate(document, { old } = {}) {
      const value = within(withoutNulls(document.value), options.namespace);
      if (!isRecord(value))
        return refused(document, [
          { ...AT_TOP, message: 'is not a manifest', advice: 'write a map with apiVersion, kind, metadata and spec' },
        ]);
      const { apiVersion, kind } = value;
      const unnamed = [missing('apiVersion', apiVersion), missing('kind', kind)].flat();
      if (unnamed.length > 0) return refused(document, unnamed);
      if (apiVersion === 'v1' && kind === 'Secret') {
        const problems = problemsOf(checkSecret?.(value) ?? [], []);
        return { ...refused(document, problems), secret: problems.length > 0 ? undefined : secretOf(value) };
      }
      if (typeof apiVersion !== 'string' || apiVersion.split('/')[0] !== API_GROUP) return skipped(document);
      const known = kinds.get(String(kind));
      if (apiVersion !== API_VERSION || known === undefined) return refused(document, [unknownKind(apiVersion)]);

      const problems = problemsOf(known.check?.(value) ?? [], []);
      if (problems.length === 0) problems.push(...known.checkRules(value.spec, old?.spec, ['spec']));
      if (problems.length > 0) return refused(document, problems);
      const resource = declaredOf(known.kind, value);
      const warnings = [...warningsOf(resource), ...('status' in value ? [STATUS_IGNORED] : [])];
      return { resource, secret: undefined, findings: warnings.map((warning) => found(document, warning, 'warning')) };
    },
  };
}

/** A manifest of ours or a Secret, with the namespace where it names none. */
function within(value: unknown, namespace: string | undefined): unknown {
  if (namespace === undefined || !isRecord(value) || !isRecord(value.metadata)) return value;
  return { ...value, metadata: { namespace, ...value.metadata } };
}

const AT_TOP = { path: [], part: 'value' } as const;

const STATUS_IGNORED: Problem = {
  path: ['status'],
  part: 'key',
  message: 'is written by the controller and ignored here',
  advice: 'remove it',
};

const missing = (field: string, value: unknown): Problem[] =>
  typeof value === 'string' && value !== ''
    ? []
    : [{ path: [field], part: 'value', message: 'is missing or no text', advice: 'add it' }];

const unknownKind = (apiVersion: string): Problem =>
  apiVersion === API_VERSION
    ? {
        path: ['kind'],
        part: 'value',
        message: 'is not a kind of this API',
        advice: `use one of ${KIND_NAMES.join(', ')}`,
      }
    : { path: ['apiVersion'], part: 'value', message: 'is not a version of this API', advice: `use ${API_VERSION}` };

const refused = (document: ManifestDocument, problems: readonly Problem[]): Validated => ({
  resource: undefined,
  secret: undefined,
  findings: problems.map((problem) => found(document, problem, 'error')),
});

const skipped = (document: ManifestDocument): Validated => ({
  resource: undefined,
  secret: undefined,
  findings: [
    found(
      document,
      {
        path: ['kind'],
        part: 'value',
        message: 'is not read here; the document is skipped',
        advice: 'apply it with kubectl if it is meant for the cluster',
      },
      'warning',
    ),
  ],
});

function found(
  document: ManifestDocument,
  { path, part, message, advice }: Problem,
  severity: Finding['severity'],
): Finding {
  return { file: document.file, ...document.locate(path, part), field: fieldName(path), message, advice, severity };
}
