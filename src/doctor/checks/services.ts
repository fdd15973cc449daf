import type { Failure, FailureKind } from '../../agora/answer.ts';
import { tasksOf } from '../../kinds/task.ts';
import type { Facts, Look, ProjectFacts } from '../facts.ts';
import { about, type Finding, judged, pass } from '../finding.ts';
import { failureText } from './credentials.ts';

/** Is each service that the project uses enabled for its App ID?  (MP-27: "Enable Media Push"; B.8, C.8, ADR 0034) */
export const services = ({ projects }: Facts): readonly Finding[] => projects.flatMap(ofProject);

function ofProject(facts: ProjectFacts): readonly Finding[] {
  const { project, recordings, converters, recordingLook, converterLook } = facts;
  const ran = recordings.some(({ status }) => tasksOf(status).some(({ phase }) => phase === 'Running'));
  return [
    ...(recordings.length === 0 ? [] : judge('Cloud Recording', recordingLook, { proven: ran })),
    ...(converters.length === 0 ? [] : judge('Media Push', converterLook, { proven: false })),
  ].map((finding) => ({ ...finding, ...about(project) }));
}

type Enabled = 'yes' | 'no' | 'suspended' | 'not-told' | 'throttled' | 'trouble' | 'no-answer' | 'rejected';

function judge(
  service: 'Cloud Recording' | 'Media Push',
  look: Look<'query'> | Look<'list'>,
  { proven }: { readonly proven: boolean },
): readonly Finding[] {
  // What keeps it from being asked is said once, with the credentials.
  if (!look.asked) return [];
  const { answer } = look;
  const enabled = answer.ok ? 'yes' : enabledBy(answer, service);
  if (enabled === 'yes') return [pass('service', `${service} answers for this App ID`)];
  if (enabled === 'not-told' && proven) return [pass('service', `${service} runs tasks of this App ID`)];
  const text = answer.ok ? '' : `: ${failureText(answer)}`;
  const { verdict, fact, action } = SAID[enabled];
  return [judged('service', verdict, { fact: `${service} ${fact}${text}`, action })];
}

/** Recording alone says `not-found` to a handle that cannot be: it looked the task up under this App ID. */
function enabledBy({ kind }: Failure, service: 'Cloud Recording' | 'Media Push'): Enabled {
  if (kind === 'not-found') return service === 'Cloud Recording' ? 'yes' : 'not-told';
  return ENABLED[kind];
}

const ENABLED: Readonly<Record<Exclude<FailureKind, 'not-found'>, Enabled>> = {
  credential: 'rejected',
  entitlement: 'no',
  account: 'suspended',
  throttle: 'throttled',
  jitter: 'trouble',
  server: 'trouble',
  'gateway-timeout': 'trouble',
  unreadable: 'trouble',
  dns: 'no-answer',
  refused: 'no-answer',
  lost: 'no-answer',
  parameter: 'not-told',
  'handle-invalid': 'not-told',
  'handle-expired': 'not-told',
  stopping: 'not-told',
  quota: 'not-told',
  'no-resources': 'not-told',
  'no-worker': 'not-told',
  'no-data': 'not-told',
  'no-route': 'not-told',
  'name-taken': 'not-told',
  'already-started': 'not-told',
  'task-conflict': 'not-told',
};

const SAID: Readonly<
  Record<
    Exclude<Enabled, 'yes'>,
    { readonly verdict: 'warn' | 'fail' | 'skip'; readonly fact: string; readonly action: string }
  >
> = {
  no: {
    verdict: 'fail',
    fact: 'is not enabled for this App ID',
    action: 'Enable it in Agora’s console, and look whether spec.appId is the project’s App ID.',
  },
  suspended: {
    verdict: 'fail',
    fact: 'is closed: the account is suspended or overdue',
    action: 'Settle the account in Agora’s console.',
  },
  rejected: {
    verdict: 'skip',
    fact: 'was not reached: the credentials are refused',
    action: 'Correct the credentials first.',
  },
  'not-told': {
    verdict: 'warn',
    fact: 'answers, but not whether it is enabled',
    action: 'Look into Agora’s console whether the service is enabled; the first start will tell.',
  },
  throttled: {
    verdict: 'warn',
    fact: 'refuses for too many queries a second, so that no more can be told',
    action: 'Look who else calls Agora with this App ID, and repeat.',
  },
  trouble: {
    verdict: 'warn',
    fact: 'has trouble of its own, so that no more can be told',
    action: 'Repeat; if it stays so, look at Agora’s status page or give support the request ID.',
  },
  'no-answer': {
    verdict: 'fail',
    fact: 'did not answer, although its domain does',
    action: 'Look for a proxy or firewall that holds requests with credentials back, and repeat.',
  },
};
