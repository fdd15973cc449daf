/** `npm run bench [-- NAME…]`: every scenario in a process of its own, one after the other. Never a test. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const SCENARIOS = [
  'converters',
  'recordings',
  'scale',
  'calls',
  'detection',
  'ingress',
  'start-up',
  'kubernetes',
  'kubernetes-faults',
  'kubernetes-steady',
] as const;
const USAGE = `npm run bench [-- NAME…]   NAME: ${SCENARIOS.join(', ')}`;

const { values, positionals } = parseArgs({
  options: { only: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
  allowPositionals: true,
});
const wanted = [...positionals, ...(values.only === undefined ? [] : [values.only])];
const isKnown = wanted.every((name) => SCENARIOS.some((known) => known === name));
const chosen = SCENARIOS.filter((name) => wanted.length === 0 || wanted.includes(name));
if (values.help || !isKnown) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 64;
} else {
  // Whether a bound was met is printed, not judged; only a scenario that did not come to its end is an error.
  const broken = chosen.filter((name) => !runs(name));
  if (broken.length > 0) console.error(`not measured: ${broken.join(', ')}`);
  process.exitCode = broken.length === 0 ? 0 : 1;
}

function runs(name: string): boolean {
  const file = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  return spawnSync(process.execPath, [file], { stdio: 'inherit' }).status === 0;
}
