import { deletionRequested, type Resource } from '../../core/resource.ts';
import type { ConverterTask } from '../../kinds/converter/types.ts';
import { tasksOf } from '../../kinds/task.ts';
import type { PageFacts, Probe, Project, ProjectFacts, Recording } from '../facts.ts';
import { isConverter, isMember, isProject, isRecording } from '../resources.ts';
import { createAgora, credentialsOf } from './agora.ts';
import { type Knocking, knock, probePublicUrl, tryPages } from './ingress.ts';
import type { Examined, Means } from './means.ts';
import { converterSecrets, projectSecrets, recordingSecrets } from './secrets.ts';
import type { Turns } from './turns.ts';

const NOT_USED = { asked: false, why: 'not-used' } as const;

/** Gathers for one project after the other, or for all at once. */
export function createProjectGatherer(
  { resources, visible, secret, limitsFor }: Examined,
  means: Means,
  turns: Turns,
): (project: Project) => Promise<ProjectFacts> {
  const live = resources.filter((resource) => !deletionRequested(resource));
  const ownIds = idsIn(visible);
  const agora = createAgora(means, turns);
  const ingressOf = createEntrance({ secret }, means, turns);

  return async (project) => {
    const { appId } = project.spec;
    const recordings = live.filter(isRecording).filter((resource) => isMember(resource, project));
    const converters = live.filter(isConverter).filter((resource) => isMember(resource, project));
    const { facts: domains, reach } = await agora.domains(project);
    const asked = { appId, credentials: credentialsOf(project, secret), reach };
    const [recordingLook, converterLook, ingress] = await Promise.all([
      // A project that nothing uses yet has credentials all the same.
      recordings.length === 0 && converters.length > 0 ? NOT_USED : agora.recordings(asked),
      converters.length === 0 ? NOT_USED : agora.converters(asked),
      ingressOf(project, recordings),
    ]);
    return {
      project,
      recordings,
      converters,
      limits: limitsFor(appId),
      secrets: [
        ...projectSecrets(project, secret),
        ...recordings.flatMap((recording) => recordingSecrets(recording, secret, means.at)),
        ...converters.flatMap((converter) => converterSecrets(converter, secret)),
      ],
      domains,
      recordingLook,
      converterLook,
      ownIds,
      ...(ingress === undefined ? {} : { ingress }),
    };
  };
}

/** Our own entrance, for projects that have a use for it; what is the same for all is tried once. */
function createEntrance(
  { secret: lookup }: Pick<Examined, 'secret'>,
  { publicUrl, dial, newId, clock }: Means,
  turns: Turns,
): (project: Project, recordings: readonly Recording[]) => Promise<ProjectFacts['ingress']> {
  if (publicUrl === undefined) return async () => undefined;
  const knocking: Knocking = { publicUrl, dial, turns, newId, now: () => clock.now() };
  let door: Promise<Probe> | undefined;
  let pages: Promise<PageFacts> | undefined;
  return async (project, recordings) => {
    const watched = recordings.find(({ spec }) => spec.pageWatch !== undefined);
    if (project.spec.notifications === undefined && watched === undefined) return undefined;
    const probe = await (door ??= probePublicUrl(knocking));
    if (watched === undefined || probe.outcome !== 'answered') return knock(project, { lookup, probe }, knocking);
    return knock(project, { lookup, probe, pages: await (pages ??= tryPages(watched, knocking)) }, knocking);
  };
}

/** Tasks that statuses list, those left behind included. */
const idsIn = (resources: readonly Resource[]): ReadonlySet<string> =>
  new Set(
    [
      ...resources.filter(isConverter).flatMap(({ status }) => tasksOf<ConverterTask>(status)),
      ...resources.filter(isProject).flatMap(({ status }) => status?.leftBehind ?? []),
    ].flatMap(({ converterId }) => (converterId === undefined ? [] : [converterId.toLowerCase()])),
  );
