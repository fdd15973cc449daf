import { describe, expect, it } from 'vitest';
import type { ConverterRow } from '../../../src/agora/answer.ts';
import { seconds } from '../../../src/core/time.ts';
import { failure, row } from './builders.ts';
import { state } from './notice.ts';
import { changing, type Ending, type Play, running, types } from './play.ts';

const notFound = failure('not-found');
const FAILOVER_S = 119;

interface Moving {
  /** Does the list go on to show a converter that Agora moves (C.9)? */
  readonly listed: boolean;
  /** Is its name taken meanwhile? */
  readonly named: boolean;
}

/**
 * Agora moves the running converter to another server: calls about its id answer 404 until it is there. Afterwards it
 * lives on, unless it was deleted meanwhile: its delete answered 404 as well, so that it returns.
 */
function moving(spec: Parameters<typeof running>[0], { listed, named }: Moving): { play: Play; most: () => number } {
  const play = running(spec);
  const [old] = [...play.living.values()];
  if (old === undefined) throw new Error('nothing runs');
  const backAt = play.now + seconds(FAILOVER_S);
  const away = (): boolean => play.now < backAt;
  const obliging = play.otherwise;
  let most = 0;
  play.otherwise = (action): Ending => {
    if (away() && 'converterId' in action && action.converterId === old.id) return notFound;
    const taken = (name: string): boolean =>
      [...play.living.values()].some((each) => each.name === name && (named || each.id !== old.id || !away()));
    if (action.type === 'create' && taken(action.name)) return failure('name-taken');
    if (action.type === 'get' && !play.living.has(action.converterId)) return notFound;
    if (action.type === 'delete' && !play.living.has(action.converterId)) return notFound;
    const answer = obliging(action);
    most = Math.max(most, play.living.size - (away() ? 1 : 0));
    return answer;
  };
  play.rows = (): readonly ConverterRow[] =>
    [...play.living.values()].filter((each) => each.id !== old.id || listed || !away());
  return { play, most: () => most };
}

/** As `moving`, with a look in its first second: where the list shows it running nothing else would cause one. */
function lookedAt(...given: Parameters<typeof moving>): ReturnType<typeof moving> {
  const made = moving(...given);
  made.play.request('look');
  return made;
}

const CASES: readonly Moving[] = [
  { listed: true, named: true },
  { listed: false, named: true },
  { listed: true, named: false },
  { listed: false, named: false },
];

describe('MP-6 a failover of 119 s, the list showing the converter or not', () => {
  it.each(CASES)('MigrationWindow waits: it is the same one afterwards (listed $listed)', (how) => {
    const { play } = lookedAt({ replaceAfter: 'MigrationWindow' }, how);
    play.run(FAILOVER_S - 2);
    expect(play.ready).toBe('Unknown MigrationSuspected…');
    play.run(40);
    expect(play.ready).toBe('True Running');
    expect(types(changing(play.calls))).toEqual(['create']);
    expect([...play.living.keys()]).toEqual(['c1']);
  });

  it.each(CASES)('MigrationWindow and `failed`: no verdict within it either (listed $listed)', (how) => {
    const { play } = lookedAt({ replaceAfter: 'MigrationWindow' }, how);
    play.script.get = [{ call: 'get', state: 'failed' }];
    play.tell(state('failed')).run(FAILOVER_S + 40);
    expect(play.ready).toBe('True Running');
    expect(types(changing(play.calls))).toEqual(['create']);
  });

  it.each(CASES)(
    'Strikes replaces: never two that are known to live, and one in the end (listed $listed, name taken $named)',
    (how) => {
      const { play, most } = lookedAt({ replaceAfter: 'Strikes' }, how);
      play.run(50);
      expect(types(changing(play.calls)).slice(0, 2)).toEqual(['create', 'delete']);
      expect(play.ready).toMatch(how.named ? /^False Recovering…$|^False WaitingForRetry…$/ : /^True Running$/);
      play.run(600);
      expect(play.ready).toBe('True Running');
      expect(play.task).toMatchObject({ attempt: 2, name: 'show68_vertical' });
      expect(play.task?.converterId).not.toBe('c1');
      expect(play.living.size).toBe(1);
      // Only where Agora gives the name away meanwhile the old one returns beside its successor; it is deleted.
      expect(most()).toBeLessThanOrEqual(how.named ? 1 : 2);
    },
  );

  it('Strikes and a list that goes on to show it running: nobody looks, nothing is done', () => {
    const { play } = moving({ replaceAfter: 'Strikes' }, { listed: true, named: true });
    play.run(FAILOVER_S + 60);
    expect(types(play.calls)).not.toContain('delete');
    expect(play.ready).toBe('True Running');
  });

  it('one that has not returned after 120 s is replaced, whatever the policy', () => {
    for (const replaceAfter of ['Strikes', 'MigrationWindow'] as const) {
      const play = running({ replaceAfter });
      play.living.clear();
      play.otherwise = ((obliging) => (action) => {
        if ('converterId' in action && !play.living.has(action.converterId)) return notFound;
        return obliging(action);
      })(play.otherwise);
      play.run(160);
      expect(play.ready).toBe('True Running');
      expect(play.task?.attempt).toBe(2);
    }
  });
});

describe('MP-7 one that was given up and returns late', () => {
  it.each([
    ['while it is still being stopped', 60],
    ['after it was taken for lost', 300],
  ])('%s: it is deleted, its successor goes on', (_name, backAfterS) => {
    const play = running();
    play.living.clear();
    play.otherwise = ((obliging) => (action) => {
      if ('converterId' in action && !play.living.has(action.converterId)) return notFound;
      return obliging(action);
    })(play.otherwise);
    play.run(backAfterS);
    expect(play.task?.attempt).toBe(2);
    const successor = play.task?.converterId;
    play.living.set('c1', row({ id: 'c1', createTs: 1 }));
    play.run(60);
    expect([...play.living.keys()]).toEqual([successor]);
    expect(play.ready).toBe('True Running');
    expect(play.task).toMatchObject({ attempt: 2, converterId: successor });
  });
});
