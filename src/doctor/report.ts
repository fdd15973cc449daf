import { type Timestamp, timestamp } from '../core/time.ts';
import { access } from './checks/access.ts';
import { region, storageRegion } from './checks/areas.ts';
import { channelMode } from './checks/channel-mode.ts';
import { clocks } from './checks/clocks.ts';
import { controller, leader } from './checks/controller.ts';
import { credentials } from './checks/credentials.ts';
import { definitions } from './checks/definitions.ts';
import { domains } from './checks/domains.ts';
import { foreign } from './checks/foreign.ts';
import { idleTimeout } from './checks/idle.ts';
import { ingressService } from './checks/ingress-service.ts';
import { leftBehind } from './checks/left-behind.ts';
import { lifetimes } from './checks/lifetimes.ts';
import { location } from './checks/location.ts';
import { manifests } from './checks/manifests.ts';
import { names } from './checks/names.ts';
import { notifications } from './checks/notifications.ts';
import { pageWatch } from './checks/page-watch.ts';
import { publicUrl } from './checks/public-url.ts';
import { rates } from './checks/rates.ts';
import { reference } from './checks/reference.ts';
import { secrets } from './checks/secrets.ts';
import { services } from './checks/services.ts';
import { slots } from './checks/slots.ts';
import { stalled } from './checks/stalled.ts';
import { users } from './checks/users.ts';
import { windows } from './checks/windows.ts';
import type { Facts } from './facts.ts';
import { CHECKS, type CheckName, type Finding, VERDICTS, type Verdict } from './finding.ts';

/** Plain data: what `doctor -o json` prints. */
export interface Report {
  readonly at: Timestamp;
  readonly summary: Readonly<Record<Verdict, number>>;
  /** False where `--timeout` was over before everything was asked. */
  readonly complete: boolean;
  readonly findings: readonly (Finding & { readonly rules: readonly string[] })[];
}

export type Check = (facts: Facts) => readonly Finding[];

const TABLE: Readonly<Record<CheckName, Check>> = {
  manifests,
  definitions,
  access,
  controller,
  leader,
  'ingress-service': ingressService,
  reference,
  secrets,
  domains,
  location,
  clock: clocks,
  credentials,
  service: services,
  'channel-mode': channelMode,
  rates,
  slots,
  names,
  users,
  region,
  'storage-region': storageRegion,
  'idle-timeout': idleTimeout,
  windows,
  lifetimes,
  notifications,
  'public-url': publicUrl,
  'page-watch': pageWatch,
  foreign,
  'left-behind': leftBehind,
  stalled,
};

/** MP-27: every check on the same facts; what is about no project first, then project by project. */
export function examine(facts: Facts): Report {
  const checks = Object.keys(CHECKS) as readonly CheckName[];
  const all = checks.flatMap((name) =>
    TABLE[name](facts).map((finding) => ({ ...finding, rules: ['MP-27', ...CHECKS[name].rules] })),
  );
  const places = facts.projects.map(({ project: { metadata } }) => metadata);
  const placeOf = ({ project }: Finding): number =>
    project === undefined
      ? -1
      : places.findIndex(({ namespace, name }) => namespace === project.namespace && name === project.name);
  const findings = all.toSorted((a, b) => placeOf(a) - placeOf(b));
  const count = (verdict: Verdict): number => findings.filter((finding) => finding.verdict === verdict).length;
  const [pass = 0, warn = 0, fail = 0, skip = 0] = VERDICTS.map(count);
  return { at: timestamp(facts.at), summary: { pass, warn, fail, skip }, complete: !facts.outOfTime, findings };
}
