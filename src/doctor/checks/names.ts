import { baseNameOf, channelOf, derivedName } from '../../kinds/converter/name.ts';
import { cnameOf } from '../../kinds/recording/name.ts';
import type { Converter, Facts, Recording } from '../facts.ts';
import { about, type Finding, judged, orPass, pass } from '../finding.ts';
import { foreignRows, knowsOwn } from '../foreign-rows.ts';
import { LONGEST_BASE, tasksOfConverter } from '../members.ts';
import { counted, listed } from '../texts.ts';
import { byAppId } from '../wanted.ts';

/** What Agora allows (C.2). */
export const LONGEST_NAME = 64;

/** MP-18, MP-19: names of converters are unique under an App ID, within bounds, and as they are declared or derived. */
export const names = ({ projects, statuses }: Facts): readonly Finding[] =>
  byAppId(projects).flatMap((group) => {
    const [{ project }] = group;
    const converters = group.flatMap((each) => each.converters);
    const recordings = group.flatMap((each) => each.recordings);
    if (converters.length + recordings.length === 0) return [];
    const findings = [
      ...doubles(converters),
      ...converters.flatMap(lengths),
      ...recordings.flatMap(cnames),
      ...(knowsOwn(statuses) ? taken(group) : []),
    ].map((finding) => ({ ...finding, ...about(project), ...only(finding) }));
    const good = `${counted(converters.length + recordings.length, 'name')} unique and whole`;
    return orPass(findings, pass('names', good, about(project)));
  });

const only = ({ resource }: Finding): Pick<Finding, 'resource'> => (resource === undefined ? {} : { resource });

function doubles(converters: readonly Converter[]): readonly Finding[] {
  const tasks = converters.flatMap(tasksOfConverter);
  return [...Map.groupBy(tasks, ({ name }) => name)].flatMap(([name, same]) =>
    same.length === 1
      ? []
      : [
          judged('names', 'fail', {
            fact: `${listed('converter', [...new Set(same.map(({ converter }) => placed(converter)))])} would all have the name ${name} at Agora`,
            action: 'Give each a spec.name of its own; until then the later ones are Stalled NameConflict.',
          }),
        ],
  );
}

function lengths(converter: Converter): readonly Finding[] {
  const { spec, metadata } = converter;
  const name = baseNameOf(converter);
  const grows = spec.updateStrategy === 'Overlap' || spec.redundancy !== undefined;
  const most = grows ? LONGEST_BASE : LONGEST_NAME;
  if (name.length > most)
    return [
      judged(
        'names',
        'fail',
        {
          fact: `name ${name} has ${name.length} characters, and at most ${most} fit`,
          action: grows ? 'Shorten spec.name: Overlap and redundancy add to it.' : 'Shorten spec.name.',
        },
        about(converter, converter),
      ),
    ];
  const full = `${channelOf(spec)}_${metadata.name}`;
  if (spec.name !== undefined || derivedName(full) === full) return [];
  return [shortened(converter, { full, name, field: 'spec.name' })];
}

function cnames(recording: Recording): readonly Finding[] {
  const full = `${recording.metadata.namespace}-${recording.metadata.name}`;
  const name = cnameOf(recording);
  if (recording.spec.cname !== undefined || name === full) return [];
  return [shortened(recording, { full, name, field: 'spec.cname' })];
}

const shortened = (
  resource: Converter | Recording,
  { full, name, field }: { readonly full: string; readonly name: string; readonly field: string },
): Finding =>
  judged(
    'names',
    'warn',
    {
      fact: `${full} does not fit Agora’s names and becomes ${name}`,
      action: `Set ${field} to a name that people will know in Agora’s console and in file names.`,
    },
    about(resource, resource),
  );

/** MP-18: a converter that is not ours has a name that ours would have. */
function taken(group: ReturnType<typeof byAppId>[number]): readonly Finding[] {
  return (foreignRows(group) ?? []).flatMap(({ row, claimant }) => {
    if (claimant === undefined) return [];
    const { conflictPolicy } = claimant.spec;
    const fails = conflictPolicy === 'Fail';
    return [
      judged(
        'names',
        fails ? 'fail' : 'warn',
        {
          fact: `name ${row.name} is that of a converter at Agora that is not ours (${row.id})`,
          action: fails
            ? 'Delete that one, choose another spec.name, or set spec.conflictPolicy to Adopt or Replace.'
            : `By conflictPolicy ${conflictPolicy} it is ${conflictPolicy === 'Adopt' ? 'taken over' : 'deleted'} when this one starts; is that meant?`,
        },
        about(claimant, claimant),
      ),
    ];
  });
}

const placed = ({ metadata: { namespace, name } }: Converter): string => `${namespace}/${name}`;
