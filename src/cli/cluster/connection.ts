import { realClock } from '../../engine/clock.ts';
import { openAccess } from '../../hosts/kubernetes/access.ts';
import { type Api, type ApiRequest, createApi } from '../../hosts/kubernetes/api.ts';
import { ApiError } from '../../hosts/kubernetes/api-error.ts';
import { AccessError } from '../../hosts/kubernetes/credentials.ts';
import { CommandError, type Io } from '../io.ts';
import { packageVersion } from '../version.ts';

/** How a person names a cluster. */
export interface ClusterFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** A cluster as the person of the kubeconfig may see and change it. */
export interface Connection {
  readonly api: Api;
  /** Of the context: what is meant where none is named. */
  readonly namespace: string;
  /** As `api.call`; what goes wrong is one line for the user, but an answer of the server stays an `ApiError`. */
  call(request: ApiRequest): Promise<unknown>;
  close(): Promise<void>;
}

/** What the command line writes in a cluster is owned by this name. */
export const CLI_FIELD_MANAGER = 'agora-reconciler-cli';

export async function connect({ kubeconfig, context }: ClusterFlags, io: Io): Promise<Connection> {
  const clock = realClock();
  const access = await openAccess({
    clock,
    environment: io.env,
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  }).catch((error: unknown) => {
    throw error instanceof AccessError ? new CommandError(error.message, { cause: error }) : error;
  });
  const api = createApi({ access, clock, userAgent: `agora-reconciler/${packageVersion()} cli` });
  return {
    api,
    namespace: access.namespace,
    async call(request) {
      try {
        return await api.call(request, io.signal);
      } catch (error) {
        if (error instanceof ApiError) throw error;
        if (io.signal.aborted) throw io.signal.reason;
        const why = error instanceof Error ? error.message : String(error);
        throw new CommandError(`the cluster at ${access.server} does not answer: ${why}`, { cause: error });
      }
    },
    close: () => api.close(),
  };
}

/** One line for the user. */
export function refusalText(error: ApiError): string {
  if (error.status === 401) return 'the cluster does not know who you are (401); log in again';
  return error.message.replace(/^[A-Z]+ \S+: /, 'the cluster answered ');
}
