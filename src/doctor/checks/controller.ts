import type { Facts } from '../facts.ts';
import { type Finding, judged, pass } from '../finding.ts';
import { listed } from '../texts.ts';

/** A controller runs, watches these resources and leads. */
export function controller({ cluster, watch }: Facts): readonly Finding[] {
  if (watch !== undefined) return [watching(watch)];
  if (cluster === undefined) return [];
  const { pods, watches, why } = cluster.controller;
  const { lease } = cluster;
  if (why === undefined)
    return [
      pass(
        'controller',
        `answers, and watches ${watches === undefined ? 'all namespaces' : listed('namespace', watches)}`,
      ),
    ];
  if (pods === undefined || pods > 0)
    return [
      judged('controller', 'warn', {
        fact: `${pods === undefined ? '' : `${pods} run, but `}none could be asked: ${why}`,
        action:
          'Look at the Pods labelled app.kubernetes.io/name=agora-reconciler and at their logs; asking needs create on pods/proxy.',
      }),
    ];
  if (lease?.state === 'held')
    return [pass('controller', `runs outside of the cluster: ${lease.holder ?? 'somebody'} leads`)];
  return [
    judged('controller', 'fail', {
      fact: 'no Pod of a controller runs',
      action: 'Install it (kubectl apply -k manifests/default), or look why its Pods do not run.',
    }),
  ];
}

const watching = ({ directory, answers }: NonNullable<Facts['watch']>): Finding =>
  answers
    ? pass('controller', `a watch works on the state ${directory}`)
    : judged('controller', 'warn', {
        fact: `no watch answers for the state ${directory}: nothing is kept as declared`,
        action: 'Start it: agora-reconciler watch DIR',
      });

export function leader({ cluster }: Facts): readonly Finding[] {
  const lease = cluster?.lease;
  if (lease === undefined) return [];
  const { state, place, holder, renewedAgoMs } = lease;
  switch (state) {
    case 'held':
      return [
        pass('leader', `${holder ?? 'somebody'} leads, renewed ${Math.round((renewedAgoMs ?? 0) / 1_000)} s ago`),
      ];
    case 'free':
    case 'expired':
      return [
        judged('leader', 'fail', {
          fact: `nobody leads: Lease ${place} is ${state === 'free' ? 'free' : `held by ${holder ?? 'somebody'}, not renewed for ${Math.round((renewedAgoMs ?? 0) / 1_000)} s`}`,
          action: 'Look whether the controller’s Pods run and may update the Lease.',
        }),
      ];
    case 'absent':
      return [
        judged('leader', 'warn', {
          fact: `there is no Lease ${place}`,
          action: 'With more than one replica run the controller with --leader-elect; a single one needs none.',
        }),
      ];
    case 'unreadable':
      return [
        judged('leader', 'skip', {
          fact: `you may not read Lease ${place}`,
          action: 'Run doctor as somebody who may get leases there.',
        }),
      ];
  }
}
