import type { DomainFact, Facts, Probe, ProjectFacts } from '../facts.ts';
import { about, type Finding, judged, pass } from '../finding.ts';

/** Slower than this a call and its repeats no longer fit into the windows that they are made for. */
export const SLOW_MS = 1_000;

/** MP-12: each place of the ladder is tried by itself, since it is needed when the one before it does not work. */
export const domains = ({ projects }: Facts): readonly Finding[] => projects.flatMap(ofProject);

function ofProject({ project, domains: ladder }: ProjectFacts): readonly Finding[] {
  const works = ladder.some(({ probe }) => probe.outcome === 'answered');
  const findings = ladder.map((domain) => ({ ...judge(domain, { works }), ...about(project) }));
  const isWhole = ladder.some(({ role }) => role === 'adjacent' || role === 'endpoint');
  return isWhole || ladder.length === 0 ? findings : [...findings, { ...NO_ADJACENT, ...about(project) }];
}

const NO_ADJACENT = judged('domains', 'warn', {
  fact: 'no adjacent domain: neither spec.homeRegion nor spec.adjacentDomains is declared',
  action:
    'Set spec.homeRegion to the region nearest to the controller, so that its neighbour serves when the main domain fails.',
});

function judge({ role, host, probe }: DomainFact, { works }: { readonly works: boolean }): Finding {
  const name = `${role} ${host}`;
  switch (probe.outcome) {
    case 'answered':
      return probe.totalMs <= SLOW_MS
        ? pass('domains', `${name} answers in ${latency(probe)}`)
        : judged('domains', 'warn', {
            fact: `${name} answers only in ${latency(probe)}`,
            action: 'Look at the network between the controller and Agora, and at spec.location.',
          });
    case 'failed':
      // While another place of the ladder works, calls go there.
      return judged('domains', works ? 'warn' : 'fail', {
        fact: `${name}: ${FAILURES[probe.step]} (${probe.code})`,
        action: ACTIONS[probe.step],
      });
    case 'not-asked':
      return judged('domains', 'skip', { fact: `${name} was not asked: the time was over`, action: MORE_TIME });
  }
}

export const MORE_TIME = 'Give doctor more time with --timeout.';

function latency({ totalMs, dnsMs, connectMs, tlsMs }: Extract<Probe, { outcome: 'answered' }>): string {
  const steps = [
    ['DNS', dnsMs],
    ['TCP', connectMs],
    ['TLS', tlsMs],
  ] as const;
  const parts = steps.flatMap(([step, ms]) => (ms === undefined ? [] : [`${step} ${Math.round(ms)}`]));
  return `${Math.round(totalMs)} ms${parts.length === 0 ? '' : ` (${parts.join(', ')})`}`;
}

export const FAILURES = {
  dns: 'its name does not resolve',
  connect: 'no connection',
  tls: 'no TLS session',
  http: 'no HTTP answer',
} as const;

const ACTIONS = {
  dns: 'Look at the resolver that this machine uses; from the controller’s network the name must resolve.',
  connect: 'Let TCP port 443 to this domain through firewalls and network policies.',
  tls: 'Look for a proxy that breaks TLS, and at the CA certificates and the clock of this machine.',
  http: 'Look for a proxy or firewall that holds requests back, and at Agora’s status page.',
} as const;
