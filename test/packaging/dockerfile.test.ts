import { readFileSync } from 'node:fs';
import { ValidationSeverity, validate } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
import { contextOf, type Step, stagesOf } from '../../scripts/dockerfile-stages.ts';

const text = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const dockerfile = text('Dockerfile');
const stages = stagesOf(dockerfile);
const last = stages.at(-1);

const steps = <Do extends Step['do']>(of: Do): readonly Extract<Step, { readonly do: Do }>[] =>
  (last?.steps ?? []).filter((step): step is Extract<Step, { readonly do: Do }> => step.do === of);

const lint = (source: string): readonly string[] =>
  validate(source, {
    deprecatedMaintainer: ValidationSeverity.ERROR,
    directiveCasing: ValidationSeverity.ERROR,
    emptyContinuationLine: ValidationSeverity.ERROR,
    instructionCasing: ValidationSeverity.ERROR,
    instructionCmdMultiple: ValidationSeverity.ERROR,
    instructionEntrypointMultiple: ValidationSeverity.ERROR,
    instructionHealthcheckMultiple: ValidationSeverity.ERROR,
    instructionJSONInSingleQuotes: ValidationSeverity.ERROR,
    instructionWorkdirRelative: ValidationSeverity.ERROR,
  }).map(({ message }) => (typeof message === 'string' ? message : message.value));

describe('Dockerfile', () => {
  it('has nothing that the linter objects to', () => expect(lint(dockerfile)).toEqual([]));

  it.each([
    ['WORKDIR /app', 'WORKDIR app'],
    ['USER 65532:65532', 'USERS 65532'],
    ['CMD ["controller"]', "CMD ['controller']"],
    ['CMD ["controller"]', 'CMD ["controller"]\nCMD ["x"]'],
    ['COPY --from=dependencies', 'COPY --form=dependencies'],
  ])('the linter would object to %s → %s', (from, to) => expect(lint(dockerfile.replace(from, to))).not.toEqual([]));

  it('every stage is the pinned Node.js of the lock file, by its whole version', () => {
    const lock = JSON.parse(text('package-lock.json')) as {
      readonly packages: Readonly<Record<string, { readonly version?: string }>>;
    };
    const { version } = lock.packages['node_modules/node'] ?? {};
    expect(new Set(stages.map(({ image }) => image))).toEqual(new Set([`node:${version}-bookworm-slim`]));
  });

  it('runs as a user other than root, by number, as the Deployment says', () => {
    expect(steps('user')).toEqual([{ do: 'user', user: '65532:65532' }]);
  });

  it('needs no shell at run time, and runs nothing in the last stage', () => {
    const flags = ['--max-semi-space-size=8', '--heap-growing-percent=30'];
    expect(steps('entrypoint')).toEqual([{ do: 'entrypoint', words: ['node', ...flags, '/app/dist/bin.js'] }]);
    expect(steps('cmd')).toEqual([{ do: 'cmd', words: ['controller'] }]);
    expect(steps('run')).toEqual([]);
  });

  it('installs what the lock file says, without install scripts, and production dependencies only in the image', () => {
    const commands = new Map(
      stages.map(({ name, steps: of }) => [name, of.flatMap((step) => (step.do === 'run' ? [step.command] : []))]),
    );
    for (const command of [...commands.values()].flat().filter((each) => each.includes('npm') && !each.includes('run')))
      expect(command).toMatch(/^npm ci .*--ignore-scripts/);
    expect(commands.get('dependencies')).toEqual([expect.stringContaining('--omit=dev')]);
    expect(steps('copy').find(({ paths }) => paths[0]?.endsWith('node_modules'))?.from).toBe('dependencies');
  });

  it('sees only what it copies', () => {
    const copied = stages.flatMap(({ steps: of }) =>
      of.flatMap((step) => (step.do === 'copy' && step.from === undefined ? step.paths : [])),
    );
    expect([...new Set(copied)].sort()).toEqual([...contextOf(text('.dockerignore'))].sort());
  });

  it.each(['ADD x /x', 'RUN --mount=type=secret,id=x cat', 'RUN ["a"]', 'ENTRYPOINT node x', 'COPY --chmod=777 a b'])(
    'a step that the check does not know is an error: %s',
    (line) => expect(() => stagesOf(`FROM node:24.21.0-bookworm-slim\n${line}\n`)).toThrow(),
  );
});
