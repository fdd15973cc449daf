import { Copy, DockerfileParser, From, JSONInstruction } from 'dockerfile-ast';

/** A Dockerfile as far as ours uses it; anything else is an error, so that no step goes unchecked. */
export interface Stage {
  readonly name: string | undefined;
  readonly image: string;
  readonly steps: readonly Step[];
}

export type Step =
  | { readonly do: 'workdir'; readonly path: string }
  | { readonly do: 'copy'; readonly from: string | undefined; readonly paths: readonly string[]; readonly to: string }
  | { readonly do: 'run'; readonly command: string }
  | { readonly do: 'env'; readonly name: string; readonly value: string }
  | { readonly do: 'user'; readonly user: string }
  | { readonly do: 'entrypoint' | 'cmd'; readonly words: readonly string[] };

export function stagesOf(dockerfile: string): readonly Stage[] {
  const stages: { name: string | undefined; image: string; steps: Step[] }[] = [];
  for (const instruction of DockerfileParser.parse(dockerfile).getInstructions()) {
    if (instruction instanceof From) {
      stages.push({ name: instruction.getBuildStage() ?? undefined, image: instruction.getImage() ?? '', steps: [] });
      continue;
    }
    const steps = stages.at(-1)?.steps;
    if (steps === undefined) throw new Error(`${instruction.getKeyword()} comes before FROM`);
    steps.push(...stepsOf(instruction));
  }
  return stages;
}

function stepsOf(
  instruction: ReturnType<ReturnType<typeof DockerfileParser.parse>['getInstructions']>[number],
): Step[] {
  const text = instruction.getArgumentsContent() ?? '';
  switch (instruction.getKeyword()) {
    case 'WORKDIR':
      return [{ do: 'workdir', path: text }];
    case 'COPY': {
      if (!(instruction instanceof Copy)) throw new Error('COPY cannot be read');
      const [flag, ...others] = instruction.getFlags();
      if (others.length > 0 || (flag !== undefined && flag.getName() !== 'from')) throw new Error(`COPY ${text}`);
      const words = instruction.getArguments().map((word) => word.getValue());
      return [{ do: 'copy', from: flag?.getValue() ?? undefined, paths: words.slice(0, -1), to: words.at(-1) ?? '' }];
    }
    case 'RUN': {
      const odd = instruction instanceof JSONInstruction && (instruction.getFlags().length > 0 || text.startsWith('['));
      if (odd) throw new Error(`RUN ${text} is not checked by this script`);
      return [{ do: 'run', command: text }];
    }
    case 'ENV': {
      const [name = '', value = ''] = text.split(/=(.*)/s);
      return [{ do: 'env', name, value }];
    }
    case 'USER':
      return [{ do: 'user', user: text }];
    case 'ENTRYPOINT':
    case 'CMD': {
      if (!(instruction instanceof JSONInstruction)) throw new Error(`${text} cannot be read`);
      const words = instruction.getJSONStrings().map((word) => JSON.parse(word.getValue()) as string);
      if (words.length === 0) throw new Error(`${instruction.getKeyword()} ${text} needs a shell: write a JSON array`);
      return [{ do: instruction.getKeyword() === 'CMD' ? 'cmd' : 'entrypoint', words }];
    }
    case 'LABEL':
    case 'EXPOSE':
      return [];
    default:
      throw new Error(`${instruction.getKeyword()} is not checked by this script`);
  }
}

/** What the build context holds: ours leaves out everything, then lets names of the root back in. */
export function contextOf(dockerignore: string): readonly string[] {
  const [first, ...rest] = dockerignore.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const odd = rest.filter((line) => !/^![\w.-]+$/.test(line));
  if (first !== '*' || odd.length > 0) throw new Error('.dockerignore is `*`, then `!name` lines, and nothing else');
  return rest.map((line) => line.slice(1));
}
