import type { Facts } from '../facts.ts';
import { type Finding, judged, pass } from '../finding.ts';

/** What `validate` says, one line each. */
export function manifests({ manifests: read }: Facts): readonly Finding[] {
  if (read === undefined) return [];
  const findings = read.findings.map(({ place, severity, text, advice }) =>
    judged('manifests', severity === 'error' ? 'fail' : 'warn', { fact: `${place}: ${text}`, action: advice }),
  );
  if (findings.some(({ verdict }) => verdict === 'fail')) return findings;
  return [...findings, pass('manifests', `${read.files} ${read.files === 1 ? 'file is' : 'files are'} valid`)];
}
