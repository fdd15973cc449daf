import { channelOf, userClaim } from '../../kinds/converter/name.ts';
import type { Converter, Facts } from '../facts.ts';
import { about, type Finding, judged, orPass, pass } from '../finding.ts';
import { type DeclaredTask, tasksOfConverter } from '../members.ts';
import { counted, listed } from '../texts.ts';
import { byAppId } from '../wanted.ts';

/** MP-17: a user of its own for each converter in a channel, and none that somebody else is there. */
export const users = ({ projects }: Facts): readonly Finding[] =>
  byAppId(projects).flatMap((group) => {
    const [{ project }] = group;
    const { appId } = project.spec;
    const converters = group.flatMap((each) => each.converters);
    const declared = converters.flatMap(tasksOfConverter).filter(({ spec }) => spec.user !== undefined);
    if (declared.length === 0) return [];
    const byUser = [...Map.groupBy(declared, ({ spec }) => userClaim(appId, spec)).values()];
    const shared = byUser.flatMap((same) => {
      const [first] = same;
      if (first === undefined || same.length === 1) return [];
      return [
        judged(
          'users',
          'fail',
          {
            fact: `${listed('converter', same.map(nameOf))} share one user in channel ${channelOf(first.spec)}`,
            action: 'Give each a spec.user of its own; until then only the first of them runs.',
          },
          about(project),
        ),
      ];
    });
    const spoken = declared.flatMap((task) => {
      const uid = task.spec.user?.uid;
      const channel = channelOf(task.spec);
      return uid === undefined || !speakersIn(converters, channel).has(uid)
        ? []
        : [
            judged(
              'users',
              'warn',
              {
                fact: `user ${uid} of ${nameOf(task)} is also one whose stream is pushed from channel ${channel}`,
                action: 'Choose another spec.user.uid: two of one uid put each other out of the channel.',
              },
              about(project, task.converter),
            ),
          ];
    });
    return orPass(
      [...shared, ...spoken],
      pass('users', `${counted(declared.length, 'user')} unique in their channels`, about(project)),
    );
  });

const nameOf = ({ converter: { metadata } }: DeclaredTask): string => `${metadata.namespace}/${metadata.name}`;

function speakersIn(converters: readonly Converter[], channel: string): ReadonlySet<number> {
  const inChannel = converters.filter(({ spec }) => channelOf(spec) === channel);
  return new Set(
    inChannel.flatMap(({ spec: { rawOptions, transcodeOptions } }) => [
      ...(rawOptions === undefined ? [] : [rawOptions.rtcStreamUid]),
      ...(transcodeOptions?.audioOptions?.rtcStreamUids ?? []),
      ...(transcodeOptions?.videoOptions?.layout ?? []).flatMap(({ rtcStreamUid }) =>
        rtcStreamUid === undefined ? [] : [rtcStreamUid],
      ),
    ]),
  );
}
