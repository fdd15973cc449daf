import { type Document, parse, visit } from 'yaml';
import type { Finding } from './findings.ts';
import type { Lines } from './lines.ts';

/** What the two versions of YAML could disagree about: words for true and false, and numbers in special dress. */
const SUSPICIOUS =
  /^(?:[yYnN]|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|[-+]?(?:0[0-9_]+|0b[01_]+|[0-9.]*_[0-9_.xXeEa-fA-F]*|0x[0-9a-fA-F]*_[0-9a-fA-F_]*))$/;

/** Plain values that YAML 1.1, so kubectl, and YAML 1.2, so most editors, read differently. Not shown: one may be a secret. */
export function versionWarnings(document: Document, lines: Lines, file: string): Finding[] {
  const findings: Finding[] = [];
  visit(document, {
    Scalar(_, node) {
      if (node.type !== 'PLAIN' || node.source === undefined || !SUSPICIOUS.test(node.source)) return;
      const newer: unknown = parse(node.source, { schema: 'core' });
      if (Object.is(newer, node.value)) return;
      findings.push({
        file,
        ...lines.place(node.range?.[0] ?? 0),
        field: '',
        severity: 'warning',
        message: `is a ${typeof node.value} to kubectl (YAML 1.1) and read otherwise by YAML 1.2`,
        advice: 'quote it, or write it in a way that both read alike',
      });
    },
  });
  return findings;
}
