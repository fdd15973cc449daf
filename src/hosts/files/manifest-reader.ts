import { KIND_NAMES, makeKey } from '../../core/resource.ts';
import type { Declared, DeclaredSecret } from '../declared.ts';
import { isRecord, nameOf } from './declaration.ts';
import type { Finding } from './findings.ts';
import type { Placed, ReadManifests } from './reading.ts';
import type { Validator } from './validate.ts';
import { readManifests } from './yaml.ts';

/** Reads and validates the text of one file, for the files host and for `validate`. */
export function createManifestReader(
  validator: Validator,
  options: { readonly namespace?: string } = {},
): ReadManifests {
  return (text, file, old) => {
    const { documents, findings } = readManifests(text, file);
    const resources: Placed<Declared>[] = [];
    const secrets: Placed<DeclaredSecret>[] = [];
    const all: Finding[] = [...findings];
    for (const document of documents) {
      const { namespace, name } = nameOf(document.value, options.namespace);
      const kind = KIND_NAMES.find((one) => isRecord(document.value) && document.value.kind === one);
      const validated = validator.validate(document, { old: kind && old(makeKey(kind, namespace, name)) });
      all.push(...validated.findings);
      if (validated.resource) resources.push({ value: validated.resource, ...document.place });
      if (validated.secret) secrets.push({ value: validated.secret, ...document.place });
    }
    return { resources, secrets, findings: all.toSorted((a, b) => a.line - b.line || a.column - b.column) };
  };
}
