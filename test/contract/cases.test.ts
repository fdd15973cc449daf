import { describe, expect, it } from 'vitest';
import { type Rule, readSpecSchemas, type Schema } from '../../src/hosts/files/crd-files.ts';
import { createOffline } from './offline.ts';
import { CASES } from './table/cases.ts';

const offline = await createOffline();

describe.each(['AgoraProject', 'WebPageRecording', 'RtmpConverter'])('%s', (kind) => {
  it.each(CASES.filter((row) => row.kind === kind).map((row) => [row.title, row] as const))('%s', (_, row) => {
    const { resource, errors } = offline.judge(row);
    expect(errors.map(({ field }) => field)).toEqual(row.refused === undefined ? [] : [row.refused]);
    expect(resource === undefined).toBe(row.refused !== undefined);
  });
});

it('every rule of the CRDs refuses something in the table', () => {
  const broken = new Set(CASES.flatMap((row) => offline.judge(row).errors.map(({ message }) => message)));
  const unproven = [...readSpecSchemas().values()]
    .flatMap((schema) => [...rules(schema)])
    .filter(({ message }) => ![...broken].some((said) => message.startsWith(said)));
  expect(unproven).toEqual([]);
});

function* rules(schema: Schema): Generator<Rule> {
  yield* schema['x-kubernetes-validations'] ?? [];
  for (const field of Object.values(schema.properties ?? {})) yield* rules(field);
  if (schema.items) yield* rules(schema.items);
}
