import type { Failure, FailureKind } from '../../agora/answer.ts';
import type { Facts, Look, ProjectFacts } from '../facts.ts';
import { about, type Finding, judged, pass } from '../finding.ts';

type Says = 'accepted' | 'rejected' | 'unclear';

/** Are customerId, customerSecret and App ID accepted? Told by how the looks of both services are answered. */
export const credentials = ({ projects }: Facts): readonly Finding[] => projects.flatMap(ofProject);

function ofProject({ project, recordingLook, converterLook, domains }: ProjectFacts): readonly Finding[] {
  const looks = [recordingLook, converterLook];
  const said = looks.flatMap((look) => (look.asked ? [sayingOf(look)] : []));
  const rejection = looks.flatMap((look) => (look.asked && sayingOf(look) === 'rejected' ? [look] : []))[0];
  if (rejection !== undefined)
    return [
      judged(
        'credentials',
        'fail',
        {
          fact: `Agora refuses them for this App ID${texted(rejection)}`,
          action:
            'Take customerId and customerSecret of the account that owns the App ID, from Console › Developer Toolkit › RESTful API, into the Secret that spec.credentialsSecretRef names.',
        },
        about(project),
      ),
    ];
  if (said.includes('accepted')) return [pass('credentials', 'Agora accepts them', about(project))];
  const skipped = (fact: string, action: string): readonly Finding[] => [
    judged('credentials', 'skip', { fact, action }, about(project)),
  ];
  if (said.length > 0)
    return [
      judged(
        'credentials',
        'warn',
        { fact: 'the answers do not tell whether they are accepted', action: 'See what is said of the services.' },
        about(project),
      ),
    ];
  const why = looks.flatMap((look) => (look.asked || look.why === 'not-used' ? [] : [look.why]))[0];
  if (why === 'no-credentials') return skipped('not tried: they are not at hand', 'See what is said of the secrets.');
  if (why === 'no-domain' && domains.length > 0)
    return skipped('not tried: no domain of Agora answers', 'See what is said of the domains.');
  if (why === 'no-time') return skipped('not tried: the time was over', 'Give doctor more time with --timeout.');
  return skipped('not tried: they are not needed yet', 'Declare a recording or a converter.');
}

function sayingOf(look: Extract<Look<'query'> | Look<'list'>, { asked: true }>): Says {
  return look.answer.ok ? 'accepted' : SAYINGS[look.answer.kind];
}

/** Behind the front door Agora speaks of App ID, service and task; before it, of nothing but credentials and rate (A.1, B.8, C.8). */
const SAYINGS: Readonly<Record<FailureKind, Says>> = {
  credential: 'rejected',
  'not-found': 'accepted',
  parameter: 'accepted',
  'handle-invalid': 'accepted',
  'handle-expired': 'accepted',
  stopping: 'accepted',
  account: 'accepted',
  quota: 'accepted',
  'no-resources': 'accepted',
  'no-worker': 'accepted',
  'no-data': 'accepted',
  'name-taken': 'accepted',
  'already-started': 'accepted',
  'task-conflict': 'accepted',
  // "appid is invalid" may be said before the credentials are compared.
  entitlement: 'unclear',
  'no-route': 'unclear',
  throttle: 'unclear',
  jitter: 'unclear',
  server: 'unclear',
  'gateway-timeout': 'unclear',
  dns: 'unclear',
  refused: 'unclear',
  lost: 'unclear',
  unreadable: 'unclear',
};

const texted = ({ answer }: Extract<Look<'query'> | Look<'list'>, { asked: true }>): string =>
  answer.ok ? '' : `: ${failureText(answer)}`;

/** Agora's words (redacted by the client), and the ID by which its support finds the call (MP-16). */
export function failureText({ status, code, message, ids }: Failure): string {
  const http = status === undefined ? '' : `HTTP ${status}${code === undefined ? '' : ` code ${code}`} `;
  return `${http}“${message}” (X-Request-ID ${ids.agoraRequestId ?? ids.requestId})`;
}
