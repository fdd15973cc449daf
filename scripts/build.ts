/** Compiles src/ to dist/ for publishing. Starts from nothing, so that no file of an earlier build is packed. */
import { cpSync, rmSync } from 'node:fs';
import { run } from './run.ts';

const at = (path: string): URL => new URL(`../${path}`, import.meta.url);
/** What is no TypeScript: the script that recorded pages include. */
const PAGE_SCRIPT = 'ingress/browser/page-watch.js';

rmSync(at('dist'), { recursive: true, force: true });
if (run('tsc', '-p', 'tsconfig.build.json')) cpSync(at(`src/${PAGE_SCRIPT}`), at(`dist/${PAGE_SCRIPT}`));
else process.exitCode = 1;
