import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

const root = new URL('../../', import.meta.url);
const text = (name: string): string => readFileSync(new URL(name, root), 'utf8');
const { version } = JSON.parse(text('package.json')) as { readonly version: string };

interface Kustomization {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly dependsOn?: readonly { readonly name: string }[];
    readonly sourceRef: { readonly name: string };
    readonly path: string;
    readonly prune: boolean;
    readonly wait: boolean;
  };
}

describe('the Flux example', () => {
  const documents = parseAllDocuments(text('manifests/gitops/flux/agora-reconciler.yaml')).map((each) => each.toJS());
  const sources = documents.filter(({ kind }) => kind === 'GitRepository');
  const steps: readonly Kustomization[] = documents.filter(({ kind }) => kind === 'Kustomization');

  it('applies definitions, then the controller, then resources, and waits for each', () => {
    expect(steps.map(({ metadata, spec }) => [spec.dependsOn?.map(({ name }) => name) ?? [], metadata.name])).toEqual([
      [[], 'agora-reconciler-crds'],
      [['agora-reconciler-crds'], 'agora-reconciler'],
      [['agora-reconciler'], 'media'],
    ]);
    expect(steps.every(({ spec }) => spec.wait)).toBe(true);
  });

  it('names sources and folders that are there, and this version', () => {
    for (const { spec } of steps) {
      expect(sources.map(({ metadata }) => metadata.name)).toContain(spec.sourceRef.name);
      if (spec.sourceRef.name !== 'agora-reconciler') continue;
      expect(existsSync(new URL(`${spec.path}/kustomization.yaml`, root))).toBe(true);
    }
    expect(sources[0].spec.ref.tag).toBe(`v${version}`);
  });

  it('prunes neither definitions nor the controller: tasks would run on unseen', () => {
    expect(steps.map(({ spec }) => spec.prune)).toEqual([false, false, true]);
  });
});

describe('the Argo CD example', () => {
  const applications = parseAllDocuments(text('manifests/gitops/argocd/application.yaml')).map((each) => each.toJS());

  it('names a folder that is there, this version, and applies server-side', () => {
    const { source, syncPolicy } = applications[0].spec;
    expect(existsSync(new URL(`${source.path}/kustomization.yaml`, root))).toBe(true);
    expect(source.targetRevision).toBe(`v${version}`);
    expect(source.kustomize.images[0]).toMatch(new RegExp(`:${version.replaceAll('.', String.raw`\.`)}$`));
    for (const { spec } of applications) expect(spec.syncPolicy.syncOptions).toContain('ServerSideApply=true');
    expect(syncPolicy.automated.prune).toBe(false);
  });
});
