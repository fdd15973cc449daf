import { existsSync } from 'node:fs';
import { CommandError, EXIT, type Io } from './io.ts';
import { STATE_DIRECTORY } from './state-directory.ts';

/** What the flags say of where a command looks. */
export interface WhereFlags {
  /** `--state`, or what AGORA_RECONCILER_STATE says. */
  readonly state?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Of a running controller's health server. */
  readonly address?: string;
}

/** `default`: the state directory that is meant where none is named. */
export type Where = 'cluster' | 'state' | 'default';

/**
 * Whether a command looks into a cluster or into a state directory. In this order: what flags say; called as
 * `kubectl agora`, the cluster; AGORA_RECONCILER_STATE; a state directory that is there; KUBECONFIG or a Pod's account.
 */
export function whereOf({ state, kubeconfig, context, address }: WhereFlags, io: Pick<Io, 'env' | 'plugin'>): Where {
  const clusterFlag = kubeconfig ?? context ?? address;
  const isFlag = state !== undefined && state !== io.env['AGORA_RECONCILER_STATE'];
  if (isFlag && clusterFlag !== undefined)
    throw new CommandError(
      '--state is for files, --kubeconfig, --context and --address for a cluster: use one of them',
      {
        exitCode: EXIT.usage,
      },
    );
  if (clusterFlag !== undefined) return 'cluster';
  if (isFlag) return 'state';
  if (io.plugin === true) return 'cluster';
  if (isSet(state)) return 'state';
  if (existsSync(STATE_DIRECTORY)) return 'default';
  return isSet(io.env['KUBECONFIG']) || isSet(io.env['KUBERNETES_SERVICE_HOST']) ? 'cluster' : 'default';
}

/** The flags that only a cluster understands. */
export function refuseClusterFlags(flags: { readonly selector?: string | undefined }): void {
  if (flags.selector !== undefined)
    throw new CommandError('-l selects in a cluster; name one with --context or --kubeconfig', {
      exitCode: EXIT.usage,
    });
}

const isSet = (text: string | undefined): boolean => text !== undefined && text !== '';
