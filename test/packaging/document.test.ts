import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { METRIC_TABLE } from '../../src/observability/metric-table.ts';

const root = new URL('../../', import.meta.url);
const text = (name: string): string => readFileSync(new URL(name, root), 'utf8');
const page = text('docs/kubernetes.md');

describe('docs/kubernetes.md', () => {
  it('names folders and files that are there', () => {
    const names = new Set(page.match(/\b(?:manifests|test)\/[\w./-]*\w/g));
    expect(names.size).toBeGreaterThan(8);
    expect([...names].filter((name) => !existsSync(new URL(name, root)))).toEqual([]);
  });

  it('applies folders that kustomize can apply', () => {
    const folders = [...page.matchAll(/ -k (\S+)/g)].map(([, folder = '']) => folder);
    expect(folders).not.toEqual([]);
    expect(folders.filter((folder) => !existsSync(new URL(`${folder}/kustomization.yaml`, root)))).toEqual([]);
  });

  it('names metrics that there are', () => {
    const known = new Set<string>(Object.values(METRIC_TABLE).map(({ name }) => name));
    const named = page.match(/\b(?:agora_reconciler|workqueue|controller_runtime)_\w+/g) ?? [];
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it('has a row for each alert', () => {
    const { spec } = parse(text('manifests/components/monitoring/prometheus-rule.yaml'));
    const alerts: readonly string[] = spec.groups.flatMap((group: { readonly rules: readonly { alert: string }[] }) =>
      group.rules.map(({ alert }) => alert),
    );
    const rows = [...page.matchAll(/^\| (Agora\w+) \|/gm)].map(([, alert]) => alert);
    expect(rows).toEqual(alerts);
  });
});
