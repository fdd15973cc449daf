#!/usr/bin/env node
/**
 * The command. It checks the version before anything newer is read: an older Node.js would fail with a raw stack in the
 * middle of some dependency. Hence no import and no new syntax here, and the rest is loaded by `import()`.
 */
const WANTED = [22, 22, 2] as const;

const found = process.versions.node.split('.').map(Number) as [number, number, number];
const difference = found[0] - WANTED[0] || found[1] - WANTED[1] || found[2] - WANTED[2];

if (difference < 0) {
  console.error('agora-reconciler needs Node.js ' + WANTED.join('.') + ' or later; this is ' + process.versions.node);
  process.exitCode = 1;
} else {
  import('./main.ts')
    .then(({ main }) => main(process.argv.slice(2)))
    .then(
      (code) => {
        process.exitCode = code;
      },
      (error: unknown) => {
        console.error(error);
        process.exitCode = 70; // EX_SOFTWARE: a mistake in this program, never one of its user
      },
    );
}
