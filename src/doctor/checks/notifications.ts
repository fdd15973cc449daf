import { findCondition } from '../../core/conditions.ts';
import type { Service } from '../../limits/slot.ts';
import type { Facts, NoticeFact, ProjectFacts, Said } from '../facts.ts';
import { about, type Finding, judged, pass } from '../finding.ts';

/** WR-11, MP-28: each service in use has a secret for its notices, and a signed notice finds its way through the public URL. */
export const notifications = ({ projects }: Facts): readonly Finding[] => projects.flatMap(ofProject);

function ofProject(facts: ProjectFacts): readonly Finding[] {
  const { project, recordings, converters, ingress } = facts;
  const used: readonly (readonly [Service, number])[] = [
    ['recording', recordings.length],
    ['converter', converters.length],
  ];
  return used
    .filter(([, count]) => count > 0)
    .flatMap(([service]) => {
      const notice = ingress?.notices.find((each) => each.service === service);
      return judge(facts, service, notice).map((finding) => ({ ...finding, ...about(project) }));
    });
}

const FIELD: Readonly<Record<Service, string>> = {
  recording: 'recordingSecretRef',
  converter: 'mediaPushSecretRef',
};
export const LISTEN = 'Start the controller with --ingress-bind-address.';
const NAME: Readonly<Record<Service, string>> = { recording: 'Cloud Recording', converter: 'Media Push' };

function judge(
  { project, ingress }: ProjectFacts,
  service: Service,
  notice: NoticeFact | undefined,
): readonly Finding[] {
  const { notifications: declared } = project.spec;
  const reference = service === 'recording' ? declared?.recordingSecretRef : declared?.mediaPushSecretRef;
  const name = NAME[service];
  if (reference === undefined)
    return [
      judged('notifications', 'warn', {
        fact: `notices of ${name} are not taken: spec.notifications.${FIELD[service]} is not declared`,
        action: `Enable notifications for ${name} in Agora’s console and declare their secret: ends and failures are then seen at once instead of by the next look.`,
      }),
    ];
  if (findCondition(project.status?.conditions, 'NotificationsReady')?.reason === 'NotListening')
    return [judged('notifications', 'fail', { fact: `notices of ${name} are listened for by nobody`, action: LISTEN })];
  if (ingress === undefined)
    return [
      judged('notifications', 'skip', {
        fact: `notices of ${name} have a secret; whether they arrive was not tried`,
        action: 'Give doctor the address that Agora is told, with --public-url.',
      }),
    ];
  // A URL that cannot be reached is said once, with it.
  if (notice === undefined || ingress.probe.outcome !== 'answered') return [];
  return [signed(name, notice.signed), ...forged(name, notice.forged)];
}

function signed(name: string, said: Said): Finding {
  if (said.status === 200) return pass('notifications', `a signed notice of ${name} is taken`);
  // It answers the same for a project that it does not know.
  const action =
    said.status === 401 || said.status === 403
      ? 'The controller there has another secret for this project, or does not know the project: compare the Secret with the one that it reads, and wait a minute after a change.'
      : said.status === 503
        ? 'No replica takes it now: look at the controller and the leader, and repeat.'
        : 'Route /notifications of the public URL to the controller, and look at its log.';
  return judged('notifications', 'fail', {
    fact: `a signed notice of ${name} is not taken: ${saidText(said)}`,
    action,
  });
}

function forged(name: string, said: Said): readonly Finding[] {
  if (said.status === 401 || said.status === 403)
    return [pass('notifications', `a wrong signature is refused (${said.status})`)];
  const isTaken = said.status !== undefined && said.status < 300;
  return [
    judged('notifications', isTaken ? 'fail' : 'warn', {
      fact: `a notice of ${name} with a wrong signature is not refused as it should be: ${saidText(said)}`,
      action: 'Something else than the controller answers there: look at what the public URL leads to.',
    }),
  ];
}

export const saidText = ({ status, code }: Said): string =>
  status === undefined ? `no answer (${code})` : `HTTP ${status}`;
