import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type Manifest, renderFolder } from '../../scripts/kustomize.ts';
import { findTool } from '../packaging/tool.ts';

const manifests = fileURLToPath(new URL('../../manifests/', import.meta.url));
const bundled = join(process.env['KUBEBUILDER_ASSETS'] ?? '', 'kubectl');
const kubectl = existsSync(bundled) ? bundled : findTool('kubectl');

const byKubectl = (folder: string): readonly Manifest[] =>
  parseAllDocuments(execFileSync(kubectl ?? '', ['kustomize', folder], { encoding: 'utf8' })).map((each) =>
    each.toJS(),
  );

const byName = (rendered: readonly Manifest[]): readonly Manifest[] => {
  const id = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.namespace ?? ''} ${metadata.name}`;
  return rendered.toSorted((a, b) => (id(a) < id(b) ? -1 : 1));
};

describe.skipIf(kubectl === undefined)('kubectl kustomize', () => {
  it('renders what install.yaml was generated from, in the same order', () => {
    const folder = join(manifests, 'default');
    expect(renderFolder(folder)).toEqual(byKubectl(folder));
  });

  it.each(['crds', 'base', 'user-roles', 'overlays/cluster-wide'])('renders manifests/%s alike', (name) => {
    const folder = join(manifests, name);
    expect(byName(renderFolder(folder))).toEqual(byName(byKubectl(folder)));
  });

  it('renders the namespaced overlay without anything of the cluster, watching its own namespace', () => {
    const rendered = byKubectl(join(manifests, 'overlays/namespaced'));
    expect(rendered.filter(({ metadata }) => metadata.namespace !== 'agora-reconciler')).toEqual([]);
    const deployment = rendered.find(({ kind }) => kind === 'Deployment');
    expect(JSON.stringify(deployment)).toContain('"--watch-namespaces=$(POD_NAMESPACE)"');
  });

  it('takes an overlay of one’s own: another namespace and image, with monitoring', () => {
    const own = mkdtempSync(join(tmpdir(), 'overlay-'));
    try {
      const to = (name: string): string => relative(own, join(manifests, name));
      writeFileSync(
        join(own, 'kustomization.yaml'),
        JSON.stringify({
          namespace: 'media',
          resources: [to('overlays/namespaced')],
          components: [to('components/monitoring')],
          images: [{ name: 'agora-reconciler', newName: 'images.example.com/agora-reconciler', newTag: '9.9.9' }],
        }),
      );
      const rendered = byKubectl(own);
      expect(new Set(rendered.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['media']));
      expect(rendered.flatMap(({ subjects }) => subjects ?? []).map(({ namespace }) => namespace)).toEqual([
        'media',
        'media',
      ]);
      expect(rendered.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['ServiceMonitor', 'PrometheusRule']));
      expect(JSON.stringify(rendered)).toContain('"image":"images.example.com/agora-reconciler:9.9.9"');
    } finally {
      rmSync(own, { recursive: true, force: true });
    }
  });
});
