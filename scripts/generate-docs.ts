/** Writes the generated pages of docs/reference; with `--check` it only says which of them are out of date. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { conditionsPage } from './docs-conditions.ts';
import { fieldsPage } from './docs-fields.ts';

const reference = new URL('../docs/reference/', import.meta.url);
const crds = new URL('../crds/', import.meta.url);

const definitions = readdirSync(crds)
  .filter((name) => name.endsWith('.yaml'))
  .toSorted()
  .map((name) => readFileSync(new URL(name, crds), 'utf8'));

const PAGES = { 'conditions.md': conditionsPage(), 'fields.md': fieldsPage(definitions) };

for (const [name, wanted] of Object.entries(PAGES)) {
  if (textOf(name) === wanted) continue;
  if (process.argv.includes('--check')) {
    console.error(`docs/reference/${name} is out of date: run \`npm run generate\``);
    process.exitCode = 1;
  } else {
    mkdirSync(reference, { recursive: true });
    writeFileSync(new URL(name, reference), wanted);
    console.log(`wrote docs/reference/${name}`);
  }
}

function textOf(name: string): string | undefined {
  try {
    return readFileSync(new URL(name, reference), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
