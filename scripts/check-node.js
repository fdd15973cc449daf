// Begins every npm script. The repository brings its own Node.js as a dev dependency; where npm was told to ignore
// install scripts that binary is missing, and an older Node would otherwise run everything and fail in odd ways.
// Plain JavaScript with old syntax, since the old Node has to read it. `src/bin.ts` checks the same for users.
import { readFileSync } from 'node:fs';

const engines = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).engines.node;
const wanted = engines.replace('>=', '').split('.').map(Number);
const found = process.versions.node.split('.').map(Number);
const difference = found[0] - wanted[0] || found[1] - wanted[1] || found[2] - wanted[2];

if (difference < 0) {
  console.error(
    'This needs Node.js ' +
      engines +
      ' and runs on ' +
      process.versions.node +
      '. `npm ci` brings the right one ' +
      '(unless it runs with --ignore-scripts: then `npm rebuild node`).',
  );
  process.exitCode = 1;
}
