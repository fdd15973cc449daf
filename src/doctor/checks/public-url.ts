import { isLoopback } from '../../core/loopback.ts';
import type { Facts, IngressFacts } from '../facts.ts';
import { type Finding, judged, pass, placeOf } from '../finding.ts';
import { spanText } from '../texts.ts';
import { FAILURES, MORE_TIME } from './domains.ts';

/** Certificates are renewed a month ahead; one that ends so soon was not. */
export const CERTIFICATE_MS = 14 * 24 * 3_600_000;

/** WR-8, WR-11, MP-28: Agora and the pages come over https only (D.1), and their browsers must trust the certificate. */
export const publicUrl = ({ projects, at }: Facts): readonly Finding[] =>
  projects.flatMap(({ project, ingress }) =>
    ingress === undefined ? [] : judge(ingress, at).map((finding) => ({ ...finding, project: placeOf(project) })),
  );

/** The address that is listened on may be tried before there is a proxy; the way through that is then still open. */
const notHttps = (url: string): Finding =>
  isLoopback(new URL(url))
    ? judged('public-url', 'warn', {
        fact: `${url} is reached from this machine only`,
        action: 'Try the address that Agora is told, through DNS, proxy and certificate, as well.',
      })
    : judged('public-url', 'fail', {
        fact: `${url} is not https: Agora sends its notices over https only`,
        action: 'Put an Ingress or a proxy with a certificate in front, and give its address.',
      });

function judge({ url, probe }: IngressFacts, at: number): readonly Finding[] {
  const isHttps = url.startsWith('https:');
  const plain = isHttps ? [] : [notHttps(url)];
  if (probe.outcome === 'not-asked')
    return [
      ...plain,
      judged('public-url', 'skip', { fact: `${url} was not asked: the time was over`, action: MORE_TIME }),
    ];
  if (probe.outcome === 'failed')
    return [
      ...plain,
      judged('public-url', 'fail', {
        fact: `${url}: ${FAILURES[probe.step]} (${probe.code})`,
        action:
          probe.step === 'tls'
            ? 'Renew or replace the certificate: it must name this host and be signed by a CA that browsers trust.'
            : 'Look at DNS, load balancer and Ingress; Agora and the recorded pages must reach it from the internet.',
      }),
    ];
  const left = probe.certificateEndsAt === undefined ? Infinity : probe.certificateEndsAt - at;
  if (left < CERTIFICATE_MS)
    return [
      ...plain,
      judged('public-url', 'warn', {
        fact: `${url} answers in ${Math.round(probe.totalMs)} ms; its certificate ends in ${spanText(Math.max(0, left))}`,
        action: 'Renew the certificate, and look why it was not renewed by itself.',
      }),
    ];
  return isHttps ? [pass('public-url', `${url} answers in ${Math.round(probe.totalMs)} ms`)] : plain;
}
