import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { REASONS } from '../../src/core/reasons.ts';
import { METRIC_TABLE } from '../../src/observability/metric-table.ts';
import { findTool } from './tool.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: { readonly severity: string };
}

const root = new URL('../../', import.meta.url);
const { spec } = parse(readFileSync(new URL('manifests/components/monitoring/prometheus-rule.yaml', root), 'utf8'));
const rules: readonly Rule[] = spec.groups.flatMap((group: { readonly rules: readonly Rule[] }) => group.rules);
const unitTests = readFileSync(new URL('alerts.test.yaml', import.meta.url), 'utf8');

describe('alert rules', () => {
  it.each(rules.map((rule) => [rule.alert, rule] as const))('%s reads metrics and reasons that exist', (_, rule) => {
    const names = new Set<string>(Object.values(METRIC_TABLE).map(({ name }) => name));
    const read = rule.expr.match(/\b(?:agora_reconciler|controller_runtime|workqueue|leader_election)_\w+/g) ?? [];
    expect(read).not.toEqual([]);
    expect(read.filter((name) => !names.has(name))).toEqual([]);
    const reasons = [...rule.expr.matchAll(/reason(?:=~|!~|=)"([^"]+)"/g)].flatMap(([, list = '']) => list.split('|'));
    expect(reasons.filter((reason) => !Object.hasOwn(REASONS, reason))).toEqual([]);
  });

  it.each(rules.map((rule) => [rule.alert, rule] as const))('%s says what it means, and is tested', (_, rule) => {
    expect(Object.keys(rule.annotations)).toEqual(['summary', 'description']);
    expect(['critical', 'warning', 'info']).toContain(rule.labels.severity);
    expect(unitTests).toContain(`alertname: ${rule.alert}\n        exp_alerts:\n          - exp_labels`);
  });

  const promtool = findTool('promtool');
  describe.skipIf(promtool === undefined)('by promtool', () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'alerts-'));
      writeFileSync(join(folder, 'rules.yaml'), stringify(spec));
      copyFileSync(new URL('alerts.test.yaml', import.meta.url), join(folder, 'alerts.test.yaml'));
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it.each([
      ['are well formed', ['check', 'rules', 'rules.yaml']],
      ['fire when they should, and not before', ['test', 'rules', 'alerts.test.yaml']],
    ])('%s', (_, args) => {
      const { status, stdout, stderr } = spawnSync(promtool ?? '', args, { cwd: folder, encoding: 'utf8' });
      expect(status, `${stdout}${stderr}`).toBe(0);
    });
  });
});
