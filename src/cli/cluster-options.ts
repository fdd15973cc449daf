import { type Command, Option } from 'commander';

/** How a person names a cluster, in every command that can look into one. */
export const clusterOptions = (command: Command): Command =>
  command
    .option('--kubeconfig <file>', 'look into the cluster of this kubeconfig')
    .option('--context <name>', 'look into the cluster of this context');

export const addressOption = (): Option =>
  new Option('--address <host:port>', 'ask the controller whose health server is here');

export const selectorOption = (): Option =>
  new Option('-l, --selector <labels>', 'in a cluster: only with these labels');
