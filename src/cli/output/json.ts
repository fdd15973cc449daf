/** Of every JSON document that a command prints; documented in docs/reference/cli-output.md, and only ever added to. */
export const CLI_API_VERSION = 'cli.agora-reconciler.dev/v1';

export type CliKind =
  | 'Plan'
  | 'ValidationReport'
  | 'DoctorReport'
  | 'ResourceList'
  | 'Explanation'
  | 'SupportCase'
  | 'PruneList';

/** The document as text, the version first. */
export const jsonDocument = (kind: CliKind, body: object): string =>
  `${JSON.stringify({ apiVersion: CLI_API_VERSION, kind, ...body }, undefined, 2)}\n`;
