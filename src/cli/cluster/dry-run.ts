import type { Declared } from '../../hosts/declared.ts';
import type { Finding } from '../../hosts/files/findings.ts';
import { ApiError, member } from '../../hosts/kubernetes/api-error.ts';
import { collectionPath, objectPath } from '../../hosts/kubernetes/kinds.ts';
import { CommandError, type Io } from '../io.ts';
import { CLI_FIELD_MANAGER, type ClusterFlags, type Connection, connect, refusalText } from './connection.ts';

/** A declaration and where it stands. */
export interface Placed {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly declared: Declared;
}

/** The namespace of the context, and what the API server says to declarations when nothing is kept of them. */
export interface ServerCheck {
  readonly namespace: string;
  findings(declared: readonly Placed[]): Promise<readonly Finding[]>;
  close(): Promise<void>;
}

export async function openServerCheck(flags: ClusterFlags, io: Io): Promise<ServerCheck> {
  const cluster = await connect(flags, io);
  return {
    namespace: cluster.namespace,
    async findings(declared) {
      const findings: Finding[] = [];
      for (const one of declared) findings.push(...(await findingsOf(cluster, one)));
      return findings;
    },
    close: () => cluster.close(),
  };
}

const DRY_RUN = { dryRun: 'All', fieldValidation: 'Strict', fieldManager: CLI_FIELD_MANAGER };

/** Replaced as a whole where it exists: what the manifest does not declare any more must not count. */
async function findingsOf(cluster: Connection, placed: Placed): Promise<readonly Finding[]> {
  const { apiVersion, kind, namespace, name, labels, annotations, spec } = placed.declared;
  const path = objectPath(kind, namespace, name);
  const known = await call(cluster, { method: 'GET', path });
  if (known instanceof ApiError && known.status !== 404) throw failure(known);
  const isNew = known instanceof ApiError;
  const before = isNew ? {} : member(member(known)['metadata']);
  const metadata = {
    ...before,
    namespace,
    name,
    labels: { ...member(before['labels']), ...labels },
    annotations: { ...member(before['annotations']), ...annotations },
  };
  const body = { apiVersion, kind, metadata, spec };
  const answer = isNew
    ? await call(cluster, { method: 'POST', path: collectionPath(kind, namespace), query: DRY_RUN, body })
    : await call(cluster, { method: 'PUT', path, query: DRY_RUN, body });
  if (!(answer instanceof ApiError)) return [];
  if (answer.status === 404) return [finding(placed, notThere(answer, namespace))];
  if (answer.status !== 400 && answer.status !== 422) throw failure(answer);
  const { fields } = answer;
  if (fields.length === 0) return [finding(placed, { message: refusalText(answer) })];
  return fields.map(({ field, message }) => finding(placed, { field, message }));
}

const call = (cluster: Connection, request: Parameters<Connection['call']>[0]): Promise<unknown> =>
  cluster.call(request).catch((error: unknown) => {
    if (error instanceof ApiError) return error;
    throw error;
  });

/** What is not about the manifest. */
const failure = (error: ApiError): CommandError => new CommandError(refusalText(error), { cause: error });

/** Nothing wrong with the manifest: it cannot be asked about yet. */
function notThere(answer: ApiError, namespace: string): Said {
  const isNamespace = answer.message.includes('namespaces');
  return isNamespace
    ? { message: `was not checked: the cluster has no namespace ${namespace}`, advice: 'create it', is: 'warning' }
    : {
        message: 'the cluster does not know this kind',
        advice: 'install the definitions: agora-reconciler crds | kubectl apply --server-side -f -',
      };
}

interface Said {
  readonly message: string;
  readonly field?: string;
  readonly advice?: string;
  readonly is?: Finding['severity'];
}

const finding = (
  { path, line, column }: Placed,
  { message, field = '', advice = '', is: severity = 'error' }: Said,
): Finding => ({ file: path, line, column, field, message, advice, severity });
