/** Compiles src/ to dist/ for publishing. Starts from nothing, so that no file of an earlier build is packed. */
import { rmSync } from 'node:fs';
import { run } from './run.ts';

rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
if (!run('tsc', '-p', 'tsconfig.build.json')) process.exitCode = 1;
