import type { Declared } from '../../src/hosts/declared.ts';
import { isRecord } from '../../src/hosts/files/declaration.ts';
import type { Finding } from '../../src/hosts/files/findings.ts';
import { createManifestReader } from '../../src/hosts/files/manifest-reader.ts';
import { createValidator } from '../../src/hosts/files/validate.ts';
import { readManifests } from '../../src/hosts/files/yaml.ts';
import { resourceFromDeclared } from './resource.ts';
import { type Case, manifest } from './table/case.ts';

export interface Judgement {
  readonly resource: Declared | undefined;
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
}

/** `validate` as a user meets it: text in, findings out. */
export interface Offline {
  judge(row: Case): Judgement;
  read(text: string, old?: Declared): Judgement;
  /** The specs as the reader sees them, before any check. */
  documents(text: string): readonly unknown[];
  syntaxErrors(text: string): number;
}

export async function createOffline(): Promise<Offline> {
  const reader = createManifestReader(await createValidator());
  const read = (text: string, old?: Declared): Judgement => {
    const { resources, findings } = reader(text, 'file.yaml', () => old && resourceFromDeclared(old));
    return {
      resource: resources[0]?.value,
      errors: findings.filter(({ severity }) => severity === 'error'),
      warnings: findings.filter(({ severity }) => severity === 'warning'),
    };
  };
  return {
    read,
    documents: (text) =>
      readManifests(text, 'file.yaml').documents.map(({ value }) => (isRecord(value) ? value.spec : undefined)),
    syntaxErrors: (text) =>
      readManifests(text, 'file.yaml').findings.filter(({ severity }) => severity === 'error').length,
    judge(row) {
      const old = row.old && read(JSON.stringify(manifest({ kind: row.kind, set: row.old }))).resource;
      return read(JSON.stringify(manifest(row)), old);
    },
  };
}
