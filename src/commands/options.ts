import { type Command, InvalidArgumentError, Option } from 'commander';
import type { WhereFlags } from '../cli/where.ts';
import { endpoint, publicUrl } from '../config.ts';
import { type BindAddress, parseBindAddress } from '../observability/bind-address.ts';

/** How a person names a cluster, in every command that can look into one. */
export const clusterOptions = (command: Command): Command =>
  command
    .option('--kubeconfig <file>', 'look into the cluster of this kubeconfig')
    .option('--context <name>', 'look into the cluster of this context');

export const addressOption = (): Option =>
  new Option('--address <host:port>', 'ask the controller whose health server is here');

export const selectorOption = (): Option =>
  new Option('-l, --selector <labels>', 'in a cluster: only with these labels');

export const filesOption = (): Option =>
  new Option('-f, --filename <path...>', 'files or directories, read recursively').makeOptionMandatory();

export const outputOption = (...formats: readonly string[]): Option =>
  new Option('-o, --output <format>', 'how it is written; default: for people').choices(formats);

export const namespaceOption = (): Option => new Option('-n, --namespace <name>', 'only in this namespace');

export const stateOption = (): Option =>
  new Option('--state <dir>', 'where status is kept (default: .agora-reconciler)').env('AGORA_RECONCILER_STATE');

export const endpointOption = (): Option =>
  new Option('--endpoint <url>', 'send every call to this base URL; adopts the speed of a local simulate')
    .argParser(endpoint)
    .env('AGORA_RECONCILER_ENDPOINT');

export const logFormatOption = (): Option =>
  new Option('--log-format <format>', 'how log lines are written')
    .choices(['text', 'json'])
    .default('text')
    .env('AGORA_RECONCILER_LOG_FORMAT');

export const logLevelOption = (): Option =>
  new Option('--log-level <level>', 'what is logged')
    .choices(['debug', 'info', 'warn', 'error'])
    .default('info')
    .env('AGORA_RECONCILER_LOG_LEVEL');

/** Nothing where nothing is served: commander takes an undefined value for an absent flag. */
export interface Bind {
  readonly address?: BindAddress;
}

export function bind(text: string): Bind {
  try {
    const address = parseBindAddress(text);
    return address === undefined ? {} : { address };
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? `${error.message}.` : '');
  }
}

/** Of the commands that can be told something unasked. */
export const ingressOptions = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--ingress-bind-address <address>',
        'where notifications of Agora and reports of pages are taken; 0 for nowhere',
      )
        .argParser(bind)
        .default({}, '0'),
    )
    .addOption(
      new Option('--public-url <url>', 'under which Agora and the pages reach that address')
        .argParser(publicUrl)
        .env('AGORA_RECONCILER_PUBLIC_URL'),
    );

export interface IngressFlags {
  readonly ingressBindAddress: Bind;
  readonly publicUrl?: string;
}

/** Flags of the commands that tell about one thing, as commander hands them over. */
export interface AboutFlags extends WhereFlags {
  readonly namespace?: string;
  readonly output?: 'json';
}
