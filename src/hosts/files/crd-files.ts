import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { KIND_NAMES, type KindName } from '../../core/resource.ts';

const FILES: Readonly<Record<KindName, string>> = {
  AgoraProject: 'agoraprojects.yaml',
  WebPageRecording: 'webpagerecordings.yaml',
  RtmpConverter: 'rtmpconverters.yaml',
};

/** A schema as the CRD files hold it; only the keywords that are read here are named. */
export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly 'x-kubernetes-validations'?: readonly Rule[];
  readonly [keyword: string]: unknown;
}

export interface Rule {
  readonly rule: string;
  readonly message: string;
  readonly fieldPath?: string;
}

/** The text of the CRD files, by kind. `crds/` lies at the root of the package, above `src/` and above `dist/`. */
export function readCrdTexts(): ReadonlyMap<KindName, string> {
  const folder = crdFolder();
  return new Map(KIND_NAMES.map((kind) => [kind, readFileSync(new URL(FILES[kind], folder), 'utf8')]));
}

/** The schemas of `spec`, by kind. */
export function readSpecSchemas(): ReadonlyMap<KindName, Schema> {
  return new Map(
    [...readCrdTexts()].map(([kind, text]) => [
      kind,
      parse(text).spec.versions[0].schema.openAPIV3Schema.properties.spec,
    ]),
  );
}

function crdFolder(): URL {
  let folder = new URL('.', import.meta.url);
  for (;;) {
    const candidate = new URL('crds/', folder);
    if (existsSync(new URL(FILES.AgoraProject, candidate))) return candidate;
    const above = new URL('..', folder);
    if (above.href === folder.href) throw new Error('crds/ is missing from the package: install it again');
    folder = above;
  }
}
