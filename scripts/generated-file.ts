import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Writes each file (path from the root of the repository) that differs; with `--check` it only tells, and fails. */
export function bringUpToDate(files: Readonly<Record<string, string>>): void {
  for (const [name, wanted] of Object.entries(files)) {
    const path = fileURLToPath(new URL(`../${name}`, import.meta.url));
    if (existsSync(path) && readFileSync(path, 'utf8') === wanted) continue;
    if (process.argv.includes('--check')) {
      console.error(`${name} is out of date: run \`npm run generate\``);
      process.exitCode = 1;
    } else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, wanted);
      console.log(`wrote ${name}`);
    }
  }
}
