/*
 * validate -f PATH… [-o json]
 *
 *   -f, --filename <path...>  files or directories (recursive); required, repeatable
 *   -o, --output <format>     json
 */
import { type Finding, formatFinding } from '../hosts/files/findings.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { type Io, print } from './io.ts';
import { readPaths } from './manifest-paths.ts';
import { jsonDocument } from './output/json.ts';
import { createPaint } from './output/paint.ts';
import { counted } from './output/text.ts';

export interface ValidateOptions {
  readonly filename: readonly string[];
  readonly output?: 'json';
}

/** Says what the API server would say to the manifests, with file, line and column. */
export async function validateCommand({ filename, output }: ValidateOptions, io: Io): Promise<number> {
  const { findings, failed, files, manifests } = await readPaths(filename, { now: Date.now });
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

function coloured(finding: Finding, paint: ReturnType<typeof createPaint>): string {
  const line = formatFinding(finding);
  return finding.severity === 'error' ? paint.bad(line) : paint.warn(line);
}
