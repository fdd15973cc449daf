import { describe, expect, it } from 'vitest';
import { findCondition } from '../../../src/core/conditions.ts';
import type { Resource } from '../../../src/core/resource.ts';
import { timestamp } from '../../../src/core/time.ts';
import { T0 } from '../recording/builders.ts';
import { member, ProjectPlay } from './play.ts';

/** A recording that watches its page, and what its `PageAlive` says. */
function watched(name: string, says?: readonly ['True' | 'False' | 'Unknown', string]): Resource {
  const base = member({ kind: 'WebPageRecording', name });
  const [status, reason] = says ?? ['Unknown', ''];
  const condition = { type: 'PageAlive', status, reason, message: '', lastTransitionTime: timestamp(T0) };
  return {
    ...base,
    spec: { ...(base.spec as object), pageWatch: { readyWithinSeconds: 60 } },
    status: { observedGeneration: 1, conditions: says === undefined ? [] : [condition] },
  };
}

const said = (members: readonly Resource[], before: readonly Resource[] = []): string | undefined => {
  const play = new ProjectPlay();
  for (const each of [before, members]) {
    play.members = [...each];
    play.pass();
  }
  const found = findCondition(play.status.conditions, 'PagesReporting');
  return found && `${found.status} ${found.reason}`;
};

const HEARD = ['True', 'PageAlive'] as const;
const SILENT = ['Unknown', 'PagesSilent'] as const;

describe('WR-9 the project says what its pages say of our own ingress', () => {
  it.each<[string, readonly Resource[], string | undefined]>([
    ['no recording at all', [], undefined],
    ['one that watches no page', [member({ kind: 'WebPageRecording', name: 'a' })], undefined],
    ['one that is not judged yet', [watched('a')], undefined],
    ['one that is heard', [watched('a', HEARD), watched('b', ['False', 'PageStale'])], 'True PagesHeard'],
    ['all fell silent', [watched('a', SILENT), watched('b', SILENT)], 'False PagesSilent'],
    ['one says so, the other has not been asked', [watched('a', SILENT), watched('b', HEARD)], 'False PagesSilent'],
    ['nobody listens', [watched('a', ['Unknown', 'NotListening'])], 'Unknown NotListening'],
  ])('%s', (_what, members, expected) => {
    expect(said(members)).toBe(expected);
  });

  it('it stays as it was while nobody says anything, and goes with the last watched page', () => {
    expect(said([watched('a', ['False', 'PageStale'])], [watched('a', SILENT)])).toBe('False PagesSilent');
    expect(said([member({ kind: 'WebPageRecording', name: 'a' })], [watched('a', SILENT)])).toBeUndefined();
  });

  it('names them, and what to check; the project is Ready all the same', () => {
    const play = new ProjectPlay();
    play.members = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => watched(name, SILENT));
    play.pass();
    const message = findCondition(play.status.conditions, 'PagesReporting')?.message;
    expect(message).toContain('a, b, c, d, e and 2 more');
    expect(message).toContain('--ingress-bind-address');
    expect(play.ready).toBe('True Accepted');
  });
});
