import type { Situation } from './situation.ts';

/** The first attempt ever, one that an edit asked for, or a re-creation (design §5.5). */
export function causeOf({ resource, status }: Pick<Situation, 'resource' | 'status'>): 'first' | 'edit' | 'recreate' {
  if (status.restarts === undefined) return 'first';
  return status.restarts.generation === resource.metadata.generation ? 'recreate' : 'edit';
}
