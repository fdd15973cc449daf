import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readSpecSchemas, type Schema } from '../../src/hosts/files/crd-files.ts';
import { createManifestReader } from '../../src/hosts/files/manifest-reader.ts';
import { createValidator } from '../../src/hosts/files/validate.ts';

const folder = new URL('../../examples/', import.meta.url);
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
const text = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
const read = createManifestReader(await createValidator());

it.each(files)('%s is valid, without a warning', (name) => {
  const { resources, secrets, findings } = read(text(name), name, () => undefined);
  expect(findings).toEqual([]);
  expect(resources.length + secrets.length).toBeGreaterThan(0);
});

it('no two examples declare the same resource', () => {
  const names = files.flatMap((file) =>
    read(text(file), file, () => undefined).resources.map(
      ({ value }) => `${value.kind}/${value.namespace}/${value.name}`,
    ),
  );
  expect(new Set(names).size).toBe(names.length);
});

describe('the full examples', () => {
  it.each([...readSpecSchemas()])('show every supported field of %s', (kind, schema) => {
    const shown = new Set(
      files
        .flatMap((file) => parseAllDocuments(text(file)).map((document) => document.toJS()))
        .filter((value) => value.kind === kind)
        .flatMap((value) => [...paths(value.spec, '')]),
    );
    const missing = [...fields(schema, '')].filter((path) => !shown.has(path) && !NOT_YET.test(path));
    expect(missing).toEqual([]);
  });
});

/** In the schema, and not supported yet. */
const NOT_YET = /^pageWatch\b|FHD$/;

function* fields(schema: Schema, path: string): Generator<string> {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const at = path === '' ? name : `${path}.${name}`;
    yield at;
    yield* fields(field.items ?? field, at);
  }
}

function* paths(value: unknown, path: string): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* paths(item, path);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      const at = path === '' ? name : `${path}.${name}`;
      yield at;
      yield* paths(member, at);
    }
  }
}
