import { findCondition } from '../../core/conditions.ts';
import type { Facts, PageFacts, ProjectFacts } from '../facts.ts';
import { about, type Finding, judged, pass } from '../finding.ts';
import { listed } from '../texts.ts';
import { LISTEN, saidText } from './notifications.ts';

/** WR-8: the script and the reports of watched pages get through, from any page and for nobody else's token. */
export const pageWatch = ({ projects }: Facts): readonly Finding[] => projects.flatMap(ofProject);

function ofProject({ project, recordings, ingress }: ProjectFacts): readonly Finding[] {
  const watched = recordings.filter(({ spec }) => spec.pageWatch !== undefined).map(({ metadata }) => metadata.name);
  if (watched.length === 0) return [];
  const reporting = findCondition(project.status?.conditions, 'PagesReporting');
  const silent = reporting?.reason === 'PagesSilent' ? [{ ...SILENT, ...about(project) }] : [];
  if (reporting?.reason === 'NotListening')
    return [
      judged(
        'page-watch',
        'fail',
        { fact: `reports of the page of ${listed('recording', watched)} are listened for by nobody`, action: LISTEN },
        about(project),
      ),
    ];
  if (ingress === undefined)
    return [
      ...silent,
      judged(
        'page-watch',
        'skip',
        {
          fact: `whether the page of ${listed('recording', watched)} can report was not tried`,
          action: 'Give doctor the address that pages report to, with --public-url.',
        },
        about(project),
      ),
    ];
  // A URL that cannot be reached is said once, with it.
  if (ingress.pages === undefined || ingress.probe.outcome !== 'answered') return silent;
  return [...silent, ...judge(ingress.pages).map((finding) => ({ ...finding, ...about(project) }))];
}

const SILENT = judged('page-watch', 'fail', {
  fact: 'no watched page reports any more, so that our own entrance is suspected and nothing is made anew',
  action: 'Look at the way from a page to the controller: the address from outside, certificate, proxy.',
});

function judge({ script, preflight, forged }: PageFacts): readonly Finding[] {
  const findings: Finding[] = [];
  const fail = (fact: string, action: string): unknown => findings.push(judged('page-watch', 'fail', { fact, action }));
  if (script.status !== 200)
    fail(
      `GET /page-watch.js: ${saidText(script)}`,
      'Route /page-watch.js and /page-watch of the public URL to the controller.',
    );
  else if (!/javascript/i.test(script.type ?? ''))
    fail(
      `GET /page-watch.js is served as ${script.type ?? 'nothing in particular'}`,
      'Something else answers there: route the path to the controller.',
    );
  if (preflight.status === undefined || preflight.status >= 300 || preflight.allowOrigin !== '*')
    fail(
      `OPTIONS /page-watch does not open the way for other origins (${saidText(preflight)})`,
      'Let OPTIONS and the answer’s access-control headers through proxies and the Ingress.',
    );
  if (forged.status !== 403)
    fail(
      `a report with a forged token is not refused: ${saidText(forged)}`,
      'Something else than the controller answers there: look at what the public URL leads to.',
    );
  if (findings.length > 0) return findings;
  return [pass('page-watch', 'script, preflight and reports get through; a forged token is refused')];
}
