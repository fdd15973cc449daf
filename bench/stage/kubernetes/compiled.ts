import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** Below the repository, so that its dependencies are found; of each scenario its own. */
const installed = join(root, `node_modules/.cache/agora-reconciler-bench-${process.pid}`);

/** What is measured runs as it is published, compiled: stripping types costs time and memory that nobody pays in a cluster. */
export interface Compiled {
  readonly ours: string;
  readonly baseline: string;
  readonly floor: string;
  readonly cloud: string;
  /** `agora-reconciler`. */
  readonly command: string;
  /** What the image gives Node.js. */
  readonly flags: readonly string[];
  remove(): void;
}

export function compile(): Compiled {
  const remove = (): void => rmSync(installed, { recursive: true, force: true });
  remove();
  mkdirSync(installed, { recursive: true });
  for (const part of ['package.json', 'crds']) cpSync(join(root, part), join(installed, part), { recursive: true });
  const { status, stdout } = spawnSync('tsc', ['-p', 'bench/stage/kubernetes', '--outDir', installed], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the sources do not compile:\n${stdout}`);
  const stage = (name: string): string => join(installed, 'bench/stage/kubernetes', `${name}.js`);
  return {
    ours: stage('ours'),
    baseline: stage('baseline'),
    floor: stage('floor'),
    cloud: stage('instant-cloud'),
    command: join(installed, 'src/bin.js'),
    flags: imageFlags(),
    remove,
  };
}

/** Between `node` and the file. */
function imageFlags(): readonly string[] {
  const entryPoint = /^ENTRYPOINT (.*)$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8'))?.[1] ?? '[]';
  return (JSON.parse(entryPoint) as readonly string[]).filter((word) => word.startsWith('--'));
}
