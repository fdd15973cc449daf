import type { Resource } from '../src/core/resource.ts';
import { readState } from '../src/hosts/files/store.ts';
import { type TaskBase, type TaskStatus, tasksOf } from '../src/kinds/task.ts';
import type { Audit } from '../src/simulator/audit.ts';
import type { Task } from '../src/simulator/ledger.ts';

type Listed = TaskBase & {
  readonly sid?: string;
  readonly converterId?: string;
  readonly uid?: string;
  readonly cname?: string;
  readonly name?: string;
};

/** What the statuses on disk say at one moment. */
export interface Books {
  readonly resources: readonly Resource[];
  readonly tasks: readonly Listed[];
}

export async function readBooks(stateDirectory: string): Promise<Books> {
  const { records } = await readState(stateDirectory);
  const resources = [...records.values()].map(({ resource }) => resource);
  return {
    resources,
    tasks: resources.flatMap(({ status }) => tasksOf(status as TaskStatus<Listed> | undefined)),
  };
}

/** A task is listed by its handle, or, where no answer ever brought one, by the uid of its attempt. */
export const lists = ({ tasks }: Books, task: Task): boolean =>
  tasks.some(
    ({ sid, converterId, uid, name }) =>
      [sid, converterId].some((id) => id?.toLowerCase() === task.id) ||
      (task.product === 'recording' && sid === undefined && uid !== undefined && uid === task.uid) ||
      (task.product === 'converter' && converterId === undefined && name !== undefined && name === task.name),
  );

/** Alive, and no status knows of it: the task nobody can stop any more. */
export const unlisted = (books: Books, { live }: Audit): readonly Task[] => live.filter((task) => !lists(books, task));

/** Two at a time of which the statuses never said that one may live besides. */
export const undeclaredDoubles = (
  { doubles }: Audit,
  taskOf: (id: string) => Task | undefined,
  everSpare: readonly Books[],
): Audit['doubles'] =>
  doubles.filter(
    ({ ids }) =>
      !ids.some((id) => {
        const task = taskOf(id);
        return task !== undefined && everSpare.some((books) => lists(books, task));
      }),
  );

/** Only the entries of which a status says that they may live beside the current one. */
export const spares = (books: Books): Books => ({
  ...books,
  tasks: books.tasks.filter(({ phase }) => phase === 'Unknown' || phase === 'Lost' || phase === 'Stopping'),
});
