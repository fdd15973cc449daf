import { parseArgs } from 'node:util';
import { PLANTS, plantNamed } from './plants.ts';
import { type SimulationOptions, type SimulationResult, simulate } from './simulate.ts';

const USAGE = `npm run sim -- [--seeds N] [--hours H] [--first F] [--seed S [--trace]] [--plant NAME] [--mode M] [--told T] [--rounds N]

  --seeds N    how many seeds to run (default 20)
  --hours H    virtual hours each (default 24)
  --first F    the first seed (default 1)
  --seed S     run this seed alone
  --trace      with --seed: print all that happens
  --mode M     all, api or pages may go wrong, instead of what follows from the seed
  --told T     well, badly or never: how notifications fare, instead of what follows from the seed
  --rounds N   how many decisions a pass makes in one go, instead of what follows from the seed
  --plant P    put a known mistake in and stop at the first seed that finds it: ${PLANTS.map((plant) => plant.name).join(', ')}, or all`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '20' },
      hours: { type: 'string', default: '24' },
      first: { type: 'string', default: '1' },
      seed: { type: 'string' },
      trace: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      plant: { type: 'string' },
      mode: { type: 'string' },
      told: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const hours = Number(values.hours);
  const first = Number(values.first);
  const seeds =
    values.seed === undefined
      ? Array.from({ length: Number(values.seeds) }, (_, index) => String(first + index))
      : [values.seed];
  const trace = values.trace ? (line: string): void => console.log(line) : undefined;
  const options = {
    hours,
    ...(trace === undefined ? {} : { trace }),
    ...(values.rounds === undefined ? {} : { mostRounds: Number(values.rounds) }),
    ...chosen('mode', values.mode, ['all', 'api', 'pages'] as const),
    ...chosen('told', values.told, ['well', 'badly', 'never'] as const),
  };
  if (values.plant !== undefined) return plants(values.plant, seeds, options);
  const began = performance.now();
  const results: SimulationResult[] = [];
  for (const seed of seeds) {
    const result = await simulate({ seed, ...options });
    results.push(result);
    report(result);
  }
  const broken = results.filter((result) => result.violations.length > 0);
  const sum = (of: (result: SimulationResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0);
  console.log(
    `${results.length} seeds × ${hours} h: ${sum((r) => r.calls)} calls, ${sum((r) => r.passes)} passes, ${sum((r) => r.writes)} writes, ` +
      `${sum((r) => r.starts)} starts, ${sum((r) => r.crashes)} crashes in ${((performance.now() - began) / 1_000).toFixed(0)} s; ${broken.length} seeds broke an invariant`,
  );
  return broken.length === 0 ? 0 : 1;
}

function chosen<Name extends string, Value extends string>(
  name: Name,
  value: string | undefined,
  of: readonly Value[],
): { readonly [Key in Name]?: Value } {
  const found = of.find((each) => each === value);
  if (value !== undefined && found === undefined) throw new Error(`--${name} is one of ${of.join(', ')}`);
  return (found === undefined ? {} : { [name]: found }) as { readonly [Key in Name]?: Value };
}

function report({ seed, violations }: SimulationResult): void {
  if (violations.length === 0) return;
  console.log(`seed ${seed}: ${violations.length} violation(s)`);
  for (const line of violations.slice(0, 5)) console.log(`  ${line}`);
  console.log(`  repeat: npm run sim -- --seed ${seed} --hours … --trace`);
}

/** Every planted mistake must be found by some seed. */
async function plants(
  name: string,
  seeds: readonly string[],
  options: Omit<SimulationOptions, 'seed'>,
): Promise<number> {
  let missed = 0;
  for (const plant of name === 'all' ? PLANTS : [plantNamed(name)]) {
    let found: SimulationResult | undefined;
    for (const seed of seeds) {
      const result = await simulate({ seed, ...options, plant });
      if (result.violations.length === 0) continue;
      found = result;
      break;
    }
    if (found === undefined) missed += 1;
    console.log(
      found === undefined
        ? `${plant.name}: not found in ${seeds.length} seeds`
        : `${plant.name}: found by seed ${found.seed}: ${found.violations[0]}`,
    );
  }
  return missed === 0 ? 0 : 1;
}

process.exitCode = await main();
