import { deletionRequested } from '../../core/resource.ts';
import { hours } from '../../core/time.ts';
import { resourceExpiredHour } from '../../kinds/recording/request.ts';
import type { Facts, ProjectFacts, Recording } from '../facts.ts';
import { about, type Finding, judged, orPass, pass } from '../finding.ts';
import { counted, spanText } from '../texts.ts';
import { windowOf } from '../wanted.ts';

/** How long Agora lets a recording run, and how long it can be reached, against how long it is wanted (B.2, B.3, B.13). */
export const lifetimes = ({ projects }: Facts): readonly Finding[] => projects.flatMap(ofProject);

function ofProject({ project, recordings: all }: ProjectFacts): readonly Finding[] {
  const recordings = all.filter((recording) => !deletionRequested(recording));
  if (recordings.length === 0) return [];
  const findings = recordings.flatMap((recording) =>
    [unreachable(recording), cut(recording)].flatMap((said) =>
      said === undefined ? [] : [judged('lifetimes', said.verdict, said, about(project, recording))],
    ),
  );
  const good = `${counted(recordings.length, 'recording')} reachable to the end and as long as wanted`;
  return orPass(findings, pass('lifetimes', good, about(project)));
}

interface Said {
  readonly verdict: 'warn' | 'fail';
  readonly fact: string;
  readonly action: string;
}

/** The schema refuses it; a resource that is older than that rule may have it. */
function unreachable({ metadata: { name }, spec }: Recording): Said | undefined {
  const reachable = resourceExpiredHour(spec);
  if (reachable >= spec.maxRecordingHour) return undefined;
  return {
    verdict: 'fail',
    fact: `${name} may run ${spec.maxRecordingHour} h, and can be queried and stopped for ${reachable} h only`,
    action: 'Set spec.resourceExpiredHour to at least spec.maxRecordingHour.',
  };
}

function cut(recording: Recording): Said | undefined {
  const { spec, metadata } = recording;
  const { startAt, stopAt } = windowOf(recording);
  const longest = hours(spec.maxRecordingHour);
  if (stopAt === Infinity || startAt === -Infinity || stopAt - startAt <= longest) return undefined;
  const again = spec.restartPolicy === 'Always';
  return {
    verdict: again ? 'warn' : 'fail',
    fact: `the window of ${metadata.name} lasts ${spanText(stopAt - startAt)}, and Agora ends a recording after ${spec.maxRecordingHour} h`,
    action: again
      ? 'Raise spec.maxRecordingHour to the length of the window, or bear with the gap while it is begun anew.'
      : `Raise spec.maxRecordingHour to the length of the window: with restartPolicy ${spec.restartPolicy} nothing follows.`,
  };
}
