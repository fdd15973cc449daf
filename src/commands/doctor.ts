import { Option } from 'commander';
import type { WhereFlags } from '../cli/where.ts';
import { duration, endpoint, examinedUrl } from '../config.ts';
import { type Declare, examples } from './command.ts';
import { clusterOptions, namespaceOption, outputOption, stateOption } from './options.ts';

export const declareDoctor: Declare = (program, { io, run }) => {
  clusterOptions(
    program
      .command('doctor')
      .description(
        'Examine projects and their resources against Agora’s checklist and what operators trip over (MP-27).',
      )
      .option('-f, --filename <path...>', 'files or directories, read recursively; else what state or cluster have')
      .addOption(stateOption())
      .addOption(namespaceOption())
      .option('-A, --all-namespaces', 'in a cluster: every namespace; the default for files'),
  )
    .addOption(
      new Option('--public-url <url>', 'base URL that Agora and pages are told: notices and reports are tried there')
        .argParser(examinedUrl)
        .env('AGORA_RECONCILER_PUBLIC_URL'),
    )
    .addOption(
      new Option('--endpoint <url>', 'ask this base URL instead of Agora’s domains')
        .argParser(endpoint)
        .env('AGORA_RECONCILER_ENDPOINT'),
    )
    .option('--strict', 'warnings count as findings', false)
    .addOption(
      new Option('--timeout <span>', 'when everything has to be done').argParser(duration).default(60_000, '60s'),
    )
    .addOption(outputOption('json'))
    .addHelpText(
      'after',
      `${examples('doctor -f manifests/', 'doctor -f manifests/ --public-url https://recorder.example.com', 'doctor -A --context live')}
Exit codes: 0 nothing failed; 1 something failed, with --strict also a warning;
2 it could not run, or not to its end within --timeout.`,
    )
    .action(async ({ timeout: timeoutMs, ...options }: DoctorFlags) =>
      run((await import('../cli/doctor.ts')).doctorCommand({ ...options, timeoutMs }, io)),
    );
};

/** As commander hands them over, after the parsers of `config`. */
interface DoctorFlags extends WhereFlags {
  readonly filename?: string[];
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly publicUrl?: string;
  readonly endpoint?: string;
  readonly strict: boolean;
  readonly timeout: number;
  readonly output?: 'json';
}
