import type { Facts } from '../facts.ts';
import { about, type Finding, judged } from '../finding.ts';

/** Tasks of deleted resources that may still live (design §5.7). */
export const leftBehind = ({ projects }: Facts): readonly Finding[] =>
  projects.flatMap(({ project }) =>
    (project.status?.leftBehind ?? []).map(({ kind, name, endsAt, sid, taskName, converterId, cname }) => {
      const handle = sid ?? converterId ?? taskName ?? cname;
      return judged(
        'left-behind',
        'warn',
        {
          fact: `a task of ${kind} ${name}, which is deleted, may still run${handle === undefined ? '' : ` (${handle})`}${endsAt === undefined ? '' : `, until ${endsAt} at the latest`}`,
          action:
            'Stop it in Agora’s console or by its API; agora-reconciler support on the project shows all handles.',
        },
        about(project),
      );
    }),
  );
