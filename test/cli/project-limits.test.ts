import { describe, expect, it } from 'vitest';
import { createProjectLimits } from '../../src/cli/project-limits.ts';
import { keyOf, type Resource } from '../../src/core/resource.ts';
import { limitsFor } from '../../src/limits/tables.ts';
import { resource } from './resources.ts';

const project = (name: string, limits: object): Resource =>
  resource({ kind: 'AgoraProject', name, spec: { appId: 'a', limits } });

function limitsOver(projects: Resource[]) {
  return createProjectLimits({
    host: { get: (key) => projects.find((each) => keyOf(each) === key) },
    projectsWith: () => projects.map(keyOf),
  });
}

describe('limits of an App ID', () => {
  it('of two projects the lower figure holds', () => {
    const { limitsFor: of } = limitsOver([
      project('one', { recording: { eu: { HD: 7 }, queriesPerSecond: 20 } }),
      project('two', { recording: { eu: { HD: 9 }, queriesPerSecond: 4 } }),
    ]);
    expect(of('a').recording.perRegion.eu.HD).toBe(7);
    expect(of('a').rates.recording.cap).toBe(4);
  });

  it('are Agora’s own where no project says anything', () => {
    expect(limitsOver([]).limitsFor('a')).toEqual(limitsFor({}));
  });

  it('follow an edit, and go on holding when the project is gone', () => {
    const projects = [project('one', { converter: { total: 5 } })];
    const { limitsFor: of } = limitsOver(projects);
    expect(of('a').converter.total).toBe(5);
    projects[0] = project('one', { converter: { total: 6 } });
    expect(of('a').converter.total).toBe(6);
    projects.pop();
    expect(of('a').converter.total).toBe(6);
  });

  it('are the same object until something changes: lanes and ledger ask at every call', () => {
    const { limitsFor: of } = limitsOver([project('one', {})]);
    expect(of('a')).toBe(of('a'));
  });
});
