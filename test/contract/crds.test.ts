import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readCrdTexts, readSpecSchemas, type Schema } from '../../src/hosts/files/crd-files.ts';
import { STORAGE_VENDORS, storageNumbers } from '../../src/kinds/recording/storage-regions.ts';
import { createOffline } from './offline.ts';

const crds = [...readCrdTexts()].map(([kind, text]) => ({ kind, crd: parse(text) }));

describe.each(crds)('the CRD of $kind', ({ crd }) => {
  const version = crd.spec.versions[0];
  const all = [
    ...schemas(version.schema.openAPIV3Schema.properties.spec, ['spec']),
    ...schemas(version.schema.openAPIV3Schema.properties.status, ['status']),
  ];

  it('bounds every string, list and map, which the cost of rules needs', () => {
    const unbounded = all.filter(
      ({ schema }) =>
        (schema.type === 'string' && schema.enum === undefined && schema.maxLength === undefined) ||
        (schema.type === 'array' && schema.maxItems === undefined) ||
        (schema.additionalProperties !== undefined && schema.maxProperties === undefined),
    );
    expect(unbounded.map(({ path }) => path)).toEqual([]);
  });

  it('describes every field', () => {
    const silent = all.filter(({ schema, path }) => !path.endsWith('[]') && schema.description === undefined);
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  it('has no nullable field and none whose name YAML 1.1 takes for a boolean', () => {
    expect(all.filter(({ schema }) => schema.nullable !== undefined).map(({ path }) => path)).toEqual([]);
    const names = all.flatMap(({ schema }) => Object.keys(schema.properties ?? {}));
    expect(names.filter((name) => /^(y|n|yes|no|on|off)$/i.test(name))).toEqual([]);
  });

  it('pairs the date-time format with a pattern', () => {
    const times = all.filter(({ schema }) => schema.format === 'date-time');
    expect(times.every(({ schema }) => typeof schema.pattern === 'string')).toBe(true);
  });

  it('gives what a user may not remove as required, so that its rules run', () => {
    const fixed = all.flatMap(({ schema }) =>
      Object.entries(schema.properties ?? {})
        .filter(([, field]) => (field['x-kubernetes-validations'] ?? []).some(({ rule }) => rule.includes('oldSelf')))
        .map(([name]) => schema.required?.includes(name)),
    );
    expect(fixed.every((required) => required === true)).toBe(true);
    expect(fixed).toHaveLength(1);
  });

  it('shows a resource that the controller has not seen as not ready and on its way', () => {
    const { observedGeneration, conditions } = version.schema.openAPIV3Schema.properties.status.default;
    expect(observedGeneration).toBe(-1);
    expect(conditions).toMatchObject([
      { type: 'Ready', status: 'Unknown', reason: 'Pending' },
      { type: 'Reconciling', status: 'True', reason: 'Pending' },
    ]);
  });
});

it('the generated types are those of the CRDs', () => {
  const script = new URL('../../scripts/generate-types.ts', import.meta.url).pathname;
  expect(spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' })).toMatchObject({
    status: 0,
    stderr: '',
  });
});

describe('storage regions', () => {
  it('each has a number of its own', () => {
    for (const { regions } of Object.values(STORAGE_VENDORS)) {
      const numbers = Object.values(regions).map(({ number }) => number);
      expect(new Set(numbers).size).toBe(numbers.length);
    }
    expect(storageNumbers('AmazonS3', 'EU_CENTRAL_1')).toEqual({ vendor: 1, region: 7 });
    expect(storageNumbers('S3Compatible', undefined)).toEqual({ vendor: 11, region: 0 });
  });

  it('are those of the enum of vendors and of the rules, area by area', async () => {
    expect(Object.keys(STORAGE_VENDORS)).toEqual(vendorsInCrd());
    const offline = await createOffline();
    for (const [vendor, { regions }] of Object.entries(STORAGE_VENDORS)) {
      for (const [region, { area }] of Object.entries(regions)) {
        for (const where of ['cn', 'ap', 'eu', 'na']) {
          const set = { 'spec.region': where, 'spec.storage.vendor': vendor, 'spec.storage.region': region };
          const { errors } = offline.judge({ title: region, kind: 'WebPageRecording', set });
          expect([vendor, region, where, errors.length]).toEqual([
            vendor,
            region,
            where,
            area === undefined || area === where ? 0 : 1,
          ]);
        }
      }
    }
  });
});

const vendorsInCrd = (): unknown => {
  const storage = readSpecSchemas().get('WebPageRecording')?.properties?.storage;
  return storage?.properties?.vendor?.enum;
};

function* schemas(
  schema: Schema,
  path: readonly string[],
): Generator<{ readonly path: string; readonly schema: Schema }> {
  yield { path: path.join('.').replaceAll('.[]', '[]'), schema };
  for (const [name, field] of Object.entries(schema.properties ?? {})) yield* schemas(field, [...path, name]);
  if (schema.items) yield* schemas(schema.items, [...path, '[]']);
}
