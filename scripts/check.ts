/** `npm run check`: everything that can be known without running the code. All steps run, so that one run shows all. */
import { run } from './run.ts';

interface Step {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** What to do when it fails. */
  readonly remedy: string;
}

const STEPS: readonly Step[] = [
  { name: 'types', command: ['tsc', '-p', '.'], remedy: 'correct the types' },
  {
    name: 'lint',
    command: ['oxlint', '--type-aware', '--deny-warnings', '--report-unused-disable-directives'],
    remedy: 'correct the code; a rule is switched off in .oxlintrc.json or not at all',
  },
  { name: 'format', command: ['biome', 'check', '.'], remedy: 'run `npm run format`' },
  { name: 'generated files', command: ['node', 'scripts/generate.ts', '--check'], remedy: 'run `npm run generate`' },
  {
    name: 'lock file',
    command: ['node', 'scripts/complete-lock.ts', '--check'],
    remedy: 'run `node scripts/complete-lock.ts`',
  },
];

const failed = STEPS.filter(({ name, command: [command, ...args], remedy }) => {
  const startedAt = performance.now();
  const passed = run(command, ...args);
  const took = `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;
  console.log(passed ? `ok      ${name} (${took})` : `FAILED  ${name} (${took}): ${remedy}`);
  return !passed;
});

if (failed.length > 0) {
  console.error(`check failed: ${failed.map(({ name }) => name).join(', ')}`);
  process.exitCode = 1;
}
