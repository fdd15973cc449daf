/**
 * Does what the Dockerfile says without Docker: each stage in a clean directory, each RUN as a user without rights, and
 * then the last stage's command on a tree that nobody can write to, without a shell in reach. Needs the npm registry.
 */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contextOf, type Stage, stagesOf } from './dockerfile-stages.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const text = (name: string): string => readFileSync(join(root, name), 'utf8');

/** Numeric, and root can take it; whoever runs this without root stays who he is. */
const USER = 65_532;
const isRoot = process.getuid?.() === 0;
const identity = isRoot ? { uid: USER, gid: USER } : {};

const scratch = mkdtempSync(join(tmpdir(), 'image-'));

function checkImage(): void {
  const tools = folder('tools');
  copyFileSync(process.execPath, join(tools, 'node'));
  const stages = stagesOf(text('Dockerfile'));
  const context = contextOf(text('.dockerignore'));
  for (const [index, stage] of stages.entries())
    build(stage, { at: stageFolder(stages, index), stages, context, tools });
  runImage(stages, tools);
}

interface Build {
  readonly at: string;
  readonly stages: readonly Stage[];
  readonly context: readonly string[];
  readonly tools: string;
}

function build(stage: Stage, { at, stages, context, tools }: Build): void {
  const expected = `node:${process.versions.node}-`;
  if (!stage.image.startsWith(expected))
    throw new Error(`${stage.image} is not checked by Node.js ${process.versions.node}`);
  let workdir = at;
  for (const step of stage.steps) {
    if (step.do === 'workdir') {
      workdir = folderAt(join(at, step.path));
    } else if (step.do === 'copy') {
      const from =
        step.from === undefined
          ? root
          : stageFolder(
              stages,
              stages.findIndex(({ name }) => name === step.from),
            );
      for (const path of step.paths) {
        const ignored = step.from === undefined && !context.includes(path);
        if (ignored) throw new Error(`COPY ${path}: .dockerignore leaves it out`);
        const intoFolder = step.to.endsWith('/') && lstatSync(join(from, path)).isFile();
        const to = join(workdir, step.to, intoFolder ? path : '');
        cpSync(join(from, path), to, { recursive: true, verbatimSymlinks: true });
      }
      own(workdir);
    } else if (step.do === 'run') {
      console.log(`${stage.name ?? 'final'}: ${step.command}`);
      const result = spawnSync('/bin/sh', ['-c', step.command], {
        cwd: workdir,
        stdio: 'inherit',
        env: { ...npmSettings(), PATH: `${tools}:${process.env['PATH']}`, HOME: folder('home') },
        ...identity,
      });
      succeed(result, step.command);
    }
  }
}

/** The registry and its certificates may be set up around us. */
function npmSettings(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) =>
    /^(https?_proxy|no_proxy|npm_config_registry|npm_config_cafile|node_extra_ca_certs)$/i.test(name),
  );
  return { ...Object.fromEntries(kept), npm_config_cache: folder('npm-cache'), npm_config_update_notifier: 'false' };
}

function runImage(stages: readonly Stage[], tools: string): void {
  const last = stages.at(-1);
  const steps = last?.steps ?? [];
  const user = steps.findLast((step) => step.do === 'user')?.user;
  if (!/^[1-9]\d*:[1-9]\d*$/.test(user ?? '')) throw new Error(`USER ${user ?? ''}: name a user and a group by number`);
  const words = (of: 'entrypoint' | 'cmd'): readonly string[] =>
    steps.flatMap((step) => (step.do === of ? [...step.words] : []));
  const [program, ...args] = words('entrypoint');
  if (program !== 'node') throw new Error('ENTRYPOINT does not begin with node');
  const at = stageFolder(stages, stages.length - 1);
  const app = join(at, 'app');
  for (const name of ['typescript', 'vitest', 'node'])
    if (existsSync(join(app, 'node_modules', name)))
      throw new Error(`the image holds ${name}, which only development needs`);
  for (const name of readdirSync(app))
    if (!['LICENSE', 'crds', 'dist', 'node_modules', 'package.json'].includes(name))
      throw new Error(`the image holds ${name}`);
  succeed(spawnSync('chmod', ['-R', 'a-w', at]), 'chmod');
  const inImage = (word: string): string => (word.startsWith('/') ? join(at, word) : word);
  const env = Object.fromEntries(steps.flatMap((step) => (step.do === 'env' ? [[step.name, step.value]] : [])));
  const say = (...asked: readonly string[]): string => {
    const result = spawnSync(join(tools, 'node'), [...args.map(inImage), ...asked], {
      cwd: app,
      encoding: 'utf8',
      // No shell, no home, nothing to find.
      env: { ...env, PATH: '/nonexistent' },
      ...identity,
    });
    succeed(result, asked.join(' '));
    return result.stdout;
  };
  const { version } = JSON.parse(text('package.json')) as { readonly version: string };
  if (say('version').trim() !== version) throw new Error('the image tells another version');
  const definitions = say('crds').match(/^kind: CustomResourceDefinition$/gm)?.length;
  if (definitions !== 3) throw new Error(`the image prints ${definitions ?? 0} definitions`);
  say(...words('cmd'), '--help');
  const size = spawnSync('du', ['-sm', app], { encoding: 'utf8' }).stdout.split('\t')[0];
  console.log(
    `ok: version, crds and the help of its command run as ${isRoot ? USER : 'this user'} on a read-only tree of ${size} MiB`,
  );
}

function stageFolder(stages: readonly Stage[], index: number): string {
  if (stages[index] === undefined) throw new Error('COPY --from names no stage');
  return folder(`stage-${index}`);
}

const folder = (name: string): string => folderAt(join(scratch, name));

function folderAt(path: string): string {
  mkdirSync(path, { recursive: true });
  if (isRoot) chownSync(path, USER, USER);
  return path;
}

/** What was copied belongs to who runs the next command. */
function own(path: string): void {
  if (isRoot) succeed(spawnSync('chown', ['-R', '-h', `${USER}:${USER}`, path]), 'chown');
}

function succeed({ status, error, stderr }: SpawnSyncReturns<string | Buffer>, what: string): void {
  // Absent where it went to the terminal.
  const said = stderr?.toString().trim() ?? '';
  if (status !== 0) throw new Error(`${what} failed: ${error?.message ?? said}`);
}

try {
  chmodSync(scratch, 0o755);
  checkImage();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  spawnSync('chmod', ['-R', 'u+w', scratch]);
  rmSync(scratch, { recursive: true, force: true });
}
