import type { Instant } from '../../core/time.ts';
import { classOf } from '../../kinds/converter/desired.ts';
import { wishedSlot } from '../../kinds/recording/held.ts';
import { describeExclusion, excludedBy } from '../../limits/grant.ts';
import { allLevels, type Cell, cellOf, type Level, levelName, limitOf, sumOf } from '../../limits/levels.ts';
import type { Slot } from '../../limits/slot.ts';
import type { Limits } from '../../limits/tables.ts';
import type { Facts, TaskResource } from '../facts.ts';
import { about, type Finding, judged, pass } from '../finding.ts';
import { foreignRows, knowsOwn } from '../foreign-rows.ts';
import { tasksOfConverter } from '../members.ts';
import { byAppId, isWanted, tasksIn, windowOf } from '../wanted.ts';

/** WR-1, MP-2: the most tasks that the declarations want at one time, against each limit of their App ID. */
export const slots = ({ projects, at, statuses }: Facts): readonly Finding[] =>
  byAppId(projects).flatMap((group) => {
    const [{ project, limits }] = group;
    const claims = group
      .flatMap((each) => tasksIn(each).filter((resource) => isWanted(resource, at)))
      .map((resource) => ({ resource, slots: slotsOf(resource, project.spec.appId) }));
    const barred = claims.flatMap((claim) => {
      const full = excludedBy(claim.slots, limits);
      return full === undefined ? [] : [{ claim, why: describeExclusion(full, claim.slots) }];
    });
    const possible = claims.filter((claim) => !barred.some((one) => one.claim === claim));
    const foreign = knowsOwn(statuses) ? (foreignRows(group)?.length ?? 0) : 0;
    return [
      ...barred.map(({ claim: { resource }, why }) =>
        judged(
          'slots',
          'fail',
          {
            fact: `${resource.kind} ${resource.metadata.name} can never run: ${why}`,
            action:
              'Declare a smaller frame or another region; where Agora has raised the limit, say so in spec.limits.',
          },
          about(project, resource),
        ),
      ),
      ...peaksOf(possible, { limits, foreign, at }).map((peak) => ({ ...judge(peak), ...about(project) })),
    ];
  });

interface Claim {
  readonly resource: TaskResource;
  readonly slots: readonly Slot[];
}

/** Each member that runs holds one: of a parallel set all (MP-8), of one that stands by the active one (MP-9). */
function slotsOf(resource: TaskResource, appId: string): readonly Slot[] {
  if (resource.kind === 'WebPageRecording') return [wishedSlot(resource.spec, appId)];
  const { spec } = resource;
  const slot: Slot = { appId, service: 'converter', region: spec.region, class: classOf(spec) };
  return tasksOfConverter(resource).flatMap((task) => (task.spec.desiredState === 'Stopped' ? [] : [slot]));
}

interface Peak {
  readonly level: Level;
  readonly wanted: number;
  readonly limit: number;
  readonly foreign: number;
}

/** The fullest moment of each level that anything counts in: windows are followed from edge to edge. */
function peaksOf(
  claims: readonly Claim[],
  { limits, foreign, at }: { readonly limits: Limits; readonly foreign: number; readonly at: Instant },
): readonly Peak[] {
  const edges = claims
    .flatMap(({ resource, slots: all }) => {
      const { startAt, stopAt } = windowOf(resource);
      return [
        { at: Math.max(startAt, at), by: 1, slots: all },
        { at: stopAt, by: -1, slots: all },
      ];
    })
    .filter((edge) => edge.at < Infinity)
    // Who stops makes room for who starts at the same instant.
    .toSorted((a, b) => a.at - b.at || a.by - b.by);
  const levels = allLevels(limits.mixedResolution);
  const tasks = new Map<Cell, number>();
  const peaks = new Map<Level, Peak>();
  for (const edge of edges) {
    for (const slot of edge.slots) tasks.set(cellOf(slot), (tasks.get(cellOf(slot)) ?? 0) + edge.by);
    if (edge.by < 0) continue;
    for (const level of levels) {
      const strangers = level.of === 'total' && level.service === 'converter' ? foreign : 0;
      const own = sumOf(level, tasks);
      if (own === 0) continue;
      const peak: Peak = {
        level,
        wanted: own + strangers,
        limit: limitOf(level, limits, (cell) => (tasks.get(cell) ?? 0) > 0),
        foreign: strangers,
      };
      const before = peaks.get(level);
      if (before === undefined || peak.wanted - peak.limit > before.wanted - before.limit) peaks.set(level, peak);
    }
  }
  return levels.flatMap((level) => peaks.get(level) ?? []);
}

function judge({ level, wanted, limit, foreign }: Peak): Finding {
  const strangers = foreign === 0 ? '' : `, ${foreign} of them foreign`;
  const fact = `${levelName(level)} ${wanted} of ${limit}${strangers}`;
  if (wanted > limit)
    return judged('slots', 'fail', {
      fact,
      action: `${wanted - limit} will wait, by priority and age. Move windows apart, choose smaller frames or another region, or ask Agora for more and declare it in spec.limits.`,
    });
  if (wanted === limit)
    return judged('slots', 'warn', {
      fact,
      action: 'Nothing is left for an Overlap, or for a task that lives on unseen while its successor begins.',
    });
  return pass('slots', fact);
}
