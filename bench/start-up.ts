/** How long a person waits for `version`, and `watch` for its first call, against a bare Node.js in the same run. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { realClock } from '../src/engine/clock.ts';
import { createCloud } from '../src/simulator/cloud.ts';
import { serve } from '../src/simulator/server.ts';
import { median, type Row, report, show, smallest } from './stage/report.ts';

const ROUNDS = 11;
const root = fileURLToPath(new URL('..', import.meta.url));
/** Below the repository, so that its dependencies are found; compiled as it is published. */
const installed = join(root, 'node_modules/.cache/agora-reconciler-bench');
const scratch = mkdtempSync(join(tmpdir(), 'agora-reconciler-bench-'));

compile();
const manifests = declare();
const clock = realClock();
const cloud = createCloud({ clock, seed: 'bench', anyProject: {} });
let arrived: () => void = () => undefined;
const server = await serve(
  {
    ...cloud,
    handle(request) {
      arrived();
      return cloud.handle(request);
    },
  },
  { clock },
);
const [bare, version, firstCall]: readonly number[][] = [[], [], []];
// In turns, so that what else the machine does falls on all of them alike. The first round warms the disk's cache.
for (let round = 0; round <= ROUNDS; round += 1) {
  const times = [timeOf('-e', '0'), timeOf(join(installed, 'dist/bin.js'), 'version'), await timeToFirstCall(round)];
  if (round > 0)
    for (const [index, list] of [bare, version, firstCall].entries()) list?.push(times[index] ?? Number.NaN);
}
await server.close();
rmSync(scratch, { recursive: true, force: true });
rmSync(installed, { recursive: true, force: true });

const row = (what: string, times: readonly number[] = []): Row => ({
  what,
  measured: median(times),
  against: { kind: 'baseline', value: median(bare ?? []), what: '`node -e 0`' },
  unit: 'ms',
});
report(
  `start-up: medians of ${ROUNDS} (whole process, compiled as published, files host, cloud over loopback)`,
  [row('agora-reconciler version', version), row('watch to its first call', firstCall)],
  [
    `the fastest: node ${show(smallest(bare ?? []))} ms, version ${show(smallest(version ?? []))} ms, first call ${show(smallest(firstCall ?? []))} ms`,
    `beyond Node itself: version ${show(median(version ?? []) - median(bare ?? []))} ms, first call ${show(median(firstCall ?? []) - median(bare ?? []))} ms`,
  ],
);

function compile(): void {
  rmSync(installed, { recursive: true, force: true });
  mkdirSync(installed, { recursive: true });
  for (const part of ['package.json', 'crds']) cpSync(join(root, part), join(installed, part), { recursive: true });
  const { status, stdout } = spawnSync('tsc', ['-p', 'tsconfig.build.json', '--outDir', join(installed, 'dist')], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the sources do not compile:\n${stdout}`);
}

/** A project and one recording, for `watch` to find. */
function declare(): string {
  const directory = join(scratch, 'manifests');
  cpSync(join(root, 'examples/quickstart'), directory, { recursive: true });
  return directory;
}

/** From before the process begins until it has ended. */
function timeOf(...args: readonly string[]): number {
  const beganAt = performance.now();
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`);
  return performance.now() - beganAt;
}

/** From before the process begins until the cloud gets a call; its question for the clock's speed is none. */
async function timeToFirstCall(round: number): Promise<number> {
  const called = new Promise<number>((resolve) => {
    arrived = () => resolve(performance.now());
  });
  const beganAt = performance.now();
  const child = spawn(
    process.execPath,
    [
      join(installed, 'dist/bin.js'),
      'watch',
      manifests,
      '--state',
      join(scratch, `state-${round}`),
      '--endpoint',
      server.url,
      '--log-level',
      'error',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = once(child, 'exit');
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const failed = ended.then(([code]) => {
    throw new Error(`watch ended with ${code} before its first call: ${said}`);
  });
  const at = await Promise.race([called, failed]);
  // Nothing of it is of use: its state is thrown away.
  child.kill('SIGKILL');
  failed.catch(() => undefined);
  await ended;
  return at - beganAt;
}
