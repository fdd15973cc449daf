import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { KIND_NAMES } from '../../src/core/resource.ts';
import { kstatus } from './kstatus.ts';
import { runHealth } from './lua.ts';
import { findTool } from './tool.ts';
import { ALL_REASONS, BEFORE, conditionsAfter, SHAPES, verdict } from './verdicts.ts';

const folder = new URL('../../manifests/gitops/argocd/', import.meta.url);
const text = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
const script = text('health.lua');

interface Case {
  readonly inputPath: string;
  readonly healthStatus: { readonly status: string; readonly message: string };
}
const { tests } = parse(text('health_test.yaml')) as { readonly tests: readonly Case[] };

const lua = findTool('lua5.1', 'lua5.4', 'lua');

describe.skipIf(lua === undefined)('health.lua', () => {
  it.each(tests.map(({ inputPath, healthStatus }) => [inputPath, healthStatus] as const))(
    '%s: $status',
    (inputPath, { status, message }) => {
      expect(runHealth(lua ?? '', script, [parse(text(inputPath))])).toEqual([`${status}\t${message}`]);
    },
  );

  const objects = SHAPES.flatMap((shape) =>
    ALL_REASONS.flatMap((reason) =>
      BEFORE.map((before) => ({ shape, reason, conditions: conditionsAfter(before, verdict(shape, reason)) })),
    ),
  ).map(({ shape, reason, conditions }) => ({
    wanted: reason === 'Suspended' ? 'Suspended' : shape.argo,
    object: { metadata: { generation: 1 }, status: { observedGeneration: 1, conditions } },
  }));

  it('reads every status that the controller can produce', () => {
    const read = runHealth(
      lua ?? '',
      script,
      objects.map(({ object }) => object),
    );
    expect(read.map((line) => line.split('\t')[0])).toEqual(objects.map(({ wanted }) => wanted));
  });

  it('says Healthy only where kstatus says Current, and Degraded only where it says Failed', () => {
    const read = runHealth(
      lua ?? '',
      script,
      objects.map(({ object }) => object),
    ).map((line) => line.split('\t')[0]);
    const pairs = new Set(objects.map(({ object }, index) => `${read[index]} ${kstatus(object)}`));
    expect([...pairs].filter((pair) => !pair.startsWith('Suspended')).sort()).toEqual([
      'Degraded Failed',
      'Healthy Current',
      'Progressing InProgress',
    ]);
  });
});

describe('the settings for Argo CD', () => {
  it('every file of testdata is used by a test', () => {
    const files = readdirSync(new URL('testdata', folder)).map((name) => `testdata/${name}`);
    expect(tests.map(({ inputPath }) => inputPath).sort()).toEqual(files.sort());
  });

  it('argocd-cm.yaml brings the script for each kind', () => {
    const { data } = parse(text('argocd-cm.yaml')) as { readonly data: Readonly<Record<string, string>> };
    expect(data).toEqual(
      Object.fromEntries(
        KIND_NAMES.map((kind) => [`resource.customizations.health.agora-reconciler.dev_${kind}`, script]),
      ),
    );
  });
});
