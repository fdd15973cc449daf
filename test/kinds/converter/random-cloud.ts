import { expect } from 'vitest';
import type { ConverterRow } from '../../../src/agora/answer.ts';
import type { ConverterAction } from '../../../src/kinds/converter/action.ts';
import { MAX_TASKS } from '../../../src/kinds/task.ts';
import { failure } from './builders.ts';
import type { Ending, Play } from './play.ts';

/** How a call may end. */
export const ENDINGS = [
  'ok',
  'ok',
  'ok',
  'lost',
  'lost-done',
  'server',
  'dns',
  'throttle',
  'not-sent',
  'crash-before',
  'crash-after',
  'no-resources',
] as const;
/** Agora as far as names, ids and sequences go, with the faults that a script asks for. */
export class Cloud {
  readonly living = new Map<string, ConverterRow & { sequence: number }>();
  readonly hidden = new Set<string>();
  readonly play: Play;
  #ids = 0;

  constructor(play: Play) {
    this.play = play;
    play.rows = () => [...this.living.values()].filter((each) => !this.hidden.has(each.id));
  }

  answer(action: ConverterAction): Ending {
    const at = Math.floor(this.play.now / 1_000);
    if (action.type === 'create') {
      if ([...this.living.values()].some((each) => each.name === action.name)) return failure('name-taken');
      this.#ids += 1;
      const id = `c${this.#ids}`;
      this.living.set(id, { id, name: action.name, state: 'running', createTs: at, updateTs: at, sequence: -1 });
      return { call: 'create', id, state: 'connecting', createTs: at, updateTs: at };
    }
    const task = this.hidden.has(action.converterId) ? undefined : this.living.get(action.converterId);
    if (task === undefined) return failure('not-found');
    if (action.type === 'delete') {
      this.living.delete(task.id);
      return { call: 'deleteConverter' };
    }
    if (action.type === 'get')
      return { call: 'get', state: task.state, ...(task.updateTs === undefined ? {} : { updateTs: task.updateTs }) };
    expect(action.sequence, 'MP-24: the sequence grows').toBeGreaterThan(task.sequence);
    this.living.set(task.id, { ...task, sequence: action.sequence, updateTs: at });
    return { call: 'updateConverter', updateTs: at };
  }

  faulty(action: ConverterAction, how: (typeof ENDINGS)[number]): Ending {
    switch (how) {
      case 'ok':
        return this.answer(action);
      case 'lost-done':
        this.answer(action);
        return failure('lost');
      case 'crash-after':
        this.answer(action);
        return how;
      case 'not-sent':
      case 'crash-before':
        return how;
      default:
        return failure(how);
    }
  }
}

/** All that lives is in the status, and of those that may live only one is current, or is the outgoing one of an Overlap. */
export function checkListed(play: Play, cloud: Cloud, isForeign: (id: string) => boolean = () => false): void {
  const unresolved = play.tasks.filter(
    (task) => task.converterId === undefined && (task.mayHaveEffect === true || task.intent !== undefined),
  );
  for (const { id, name } of cloud.living.values()) {
    if (isForeign(id)) continue;
    const listed = play.tasks.some((task) => task.converterId === id) || unresolved.some((task) => task.name === name);
    expect(listed, `${id} (${name}) lives and no status lists it`).toBe(true);
  }
  expect(play.tasks.length).toBeLessThanOrEqual(MAX_TASKS);
}
