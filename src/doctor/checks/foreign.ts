import type { Facts } from '../facts.ts';
import { about, type Finding, judged, pass } from '../finding.ts';
import { foreignRows, knowsOwn } from '../foreign-rows.ts';
import { counted, listed } from '../texts.ts';
import { byAppId } from '../wanted.ts';

/** MP-18: converters under the App ID that no status lists: somebody else's, or forgotten and billed. */
export const foreign = ({ projects, statuses }: Facts): readonly Finding[] =>
  byAppId(projects).flatMap((group) => {
    const [{ project }] = group;
    const rows = foreignRows(group);
    if (rows === undefined) return [];
    if (rows.length === 0) return [pass('foreign', 'none under this App ID', about(project))];
    const shown = rows.map(({ row }) => (row.name === '' ? row.id : row.name));
    if (!knowsOwn(statuses))
      return [
        judged(
          'foreign',
          'skip',
          {
            fact: `Agora lists ${counted(rows.length, 'converter')} under this App ID, and whose they are cannot be told`,
            action:
              statuses === 'none'
                ? 'Name the state directory with --state, or a cluster, so that those that are listed there are known.'
                : 'Run doctor as somebody who may list the resources of every namespace.',
          },
          about(project),
        ),
      ];
    return [
      judged(
        'foreign',
        'warn',
        {
          fact: `Agora lists ${listed('converter', shown)} that no resource lists; ${rows.length === 1 ? 'it counts' : 'they count'} against the project’s total`,
          action: 'Look who made them; delete what is forgotten in Agora’s console or by its API, since it is billed.',
        },
        about(project),
      ),
    ];
  });
