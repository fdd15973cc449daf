/**
 * `npm run generate` writes every generated file; `npm run generate -- --check` writes nothing and fails where one
 * differs from its source.
 */
import { run } from './run.ts';

const GENERATORS = [
  'scripts/generate-types.ts',
  'scripts/generate-docs.ts',
  'scripts/generate-install.ts',
  'scripts/generate-metrics.ts',
];

const failed = GENERATORS.filter((script) => !run('node', script, ...process.argv.slice(2)));
if (failed.length > 0) process.exitCode = 1;
