import { type Condition, findCondition } from '../core/conditions.ts';
import { keyOf, type StatusBase } from '../core/resource.ts';
import { type Finding, formatFinding } from '../hosts/files/findings.ts';
import type { Report } from '../hosts/files/report.ts';
import type { ResourceHost } from '../hosts/host.ts';
import type { Logger } from '../observability/log.ts';

/** A host that says in the log how each resource fares: one line when the status or reason of Ready changes. */
export function narrated<Host extends ResourceHost>(host: Host, log: Logger): Host {
  return {
    ...host,
    async writeStatus(resource, status) {
      const before = readyOf(resource.status as StatusBase | undefined);
      const result = await host.writeStatus(resource, status);
      const after = readyOf(status);
      if (result.result !== 'written' || after === undefined || same(before, after)) return result;
      const fields = { resource: keyOf(resource), state: after.reason, note: after.message };
      if (findCondition(status.conditions, 'Stalled') === undefined) log.info(fields, 'state');
      else log.warn(fields, 'state');
      return result;
    },
  };
}

const readyOf = (status: StatusBase | undefined): Condition | undefined => findCondition(status?.conditions, 'Ready');

const same = (a: Condition | undefined, b: Condition): boolean => a?.status === b.status && a.reason === b.reason;

/** Says what is wrong with the manifests once, and again when it is something else. */
export function createFindingTeller(tell: {
  finding(line: string, finding: Finding): void;
  notice(text: string): void;
}): (report: Report) => void {
  let told: ReadonlySet<string> = new Set();
  let held = '';
  return ({ findings, pruneHeld = [] }) => {
    const lines = new Map(findings.map((finding) => [formatFinding(finding), finding]));
    for (const [line, finding] of lines) if (!told.has(line)) tell.finding(line, finding);
    told = new Set(lines.keys());
    const list = pruneHeld.join(', ');
    if (list !== held && list !== '') {
      tell.notice(
        `PruneHeld: so many manifests are gone at once that it looks like a mistake; nothing is stopped. To stop them: ` +
          `agora-reconciler prune, or watch --prune-all: ${list}`,
      );
    }
    held = list;
  };
}
