import { findCondition } from '../../core/conditions.ts';
import { REASONS, type Reason } from '../../core/reasons.ts';
import type { Facts, Project, TaskResource } from '../facts.ts';
import { about, type Finding, judged } from '../finding.ts';
import { tasksIn } from '../wanted.ts';

/** What the controller has given up until a person acts. Messages are left to `explain`, which scrubs them. */
export const stalled = ({ projects }: Facts): readonly Finding[] =>
  projects.flatMap((facts) => {
    const { project } = facts;
    return [project, ...tasksIn(facts)].flatMap((resource: Project | TaskResource) => {
      const condition = findCondition(resource.status?.conditions, 'Stalled');
      if (condition?.status !== 'True') return [];
      const { kind, metadata } = resource;
      return [
        judged(
          'stalled',
          'fail',
          {
            fact: `${kind} ${metadata.name} is Stalled, ${condition.reason}. ${isReason(condition.reason) ? REASONS[condition.reason] : ''}`.trim(),
            action: `agora-reconciler explain ${kind}/${metadata.name} -n ${metadata.namespace}`,
          },
          about(project, resource),
        ),
      ];
    });
  });

const isReason = (text: string): text is Reason => Object.hasOwn(REASONS, text);
