/*
 * validate -f PATH… [--server [--kubeconfig F] [--context C] [-n NS]] [-o json]
 *
 *   -f, --filename <path...>  files or directories (recursive); required, repeatable
 *   -o, --output <format>     json
 */
import { type Finding, formatFinding, hasError } from '../hosts/files/findings.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { type Io, print } from './io.ts';
import { type ReadPaths, readPaths } from './manifest-paths.ts';
import { jsonDocument } from './output/json.ts';
import { createPaint } from './output/paint.ts';
import { counted } from './output/text.ts';

export interface ValidateOptions {
  readonly filename: readonly string[];
  readonly output?: 'json';
  /** Asks a cluster too, by a dry run. */
  readonly server?: boolean;
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Of manifests that name none. */
  readonly namespace?: string;
}

/** Says what the API server would say to the manifests, with file, line and column. */
export async function validateCommand(options: ValidateOptions, io: Io): Promise<number> {
  const { output } = options;
  const { findings, failed, files, manifests } = await (options.server === true
    ? checkedByServer(options, io)
    : readPaths(options.filename, { now: Date.now }));
  const exitCode = failed ? EXIT_CODES.validate.invalid.code : EXIT_CODES.validate.valid.code;
  if (output === 'json') {
    io.stdout.write(jsonDocument('ValidationReport', { valid: !failed, files, findings }));
    return exitCode;
  }
  const paint = createPaint(io);
  // A finding stays on its line however long it is: editors and CI read `file:line:column:`.
  print(io.stdout, ...findings.map((each) => coloured(each, paint)));
  const read = `${counted(files.length, 'file')}, ${counted(manifests.resources.size, 'resource')}`;
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - errors;
  print(
    io.stderr,
    `${read}: ${failed ? counted(errors, 'error') : 'valid'}${warnings > 0 ? `, ${counted(warnings, 'warning')}` : ''}`,
  );
  return exitCode;
}

/** What is good here is shown to the cluster; what is not would only be refused once more. */
async function checkedByServer({ filename, namespace, ...flags }: ValidateOptions, io: Io): Promise<ReadPaths> {
  const { openServerCheck } = await import('./cluster/dry-run.ts');
  const check = await openServerCheck(flags, io);
  try {
    const read = await readPaths(filename, { namespace: namespace ?? check.namespace, now: Date.now });
    const good = [...read.manifests.resources.values()].map(({ value, ...place }) => ({ ...place, ...value }));
    const findings = [...read.findings, ...(await check.findings(good))];
    return { ...read, findings, failed: hasError(findings) };
  } finally {
    await check.close();
  }
}

function coloured(finding: Finding, paint: ReturnType<typeof createPaint>): string {
  const line = formatFinding(finding);
  return finding.severity === 'error' ? paint.bad(line) : paint.warn(line);
}
