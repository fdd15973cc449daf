import type { Facts, IngressServiceFact } from '../facts.ts';
import { type Finding, judged, pass } from '../finding.ts';

/** Where an Ingress for notices and page reports points to. */
export function ingressService({ cluster }: Facts): readonly Finding[] {
  const service = cluster?.ingressService;
  return service === undefined ? [] : [endpoints(service)];
}

function endpoints({ place, state, readyEndpoints }: IngressServiceFact): Finding {
  if (state === 'unreadable')
    return judged('ingress-service', 'skip', {
      fact: `you may not read Service ${place}`,
      action: 'Run doctor as somebody who may get services there.',
    });
  if (state === 'absent')
    return judged('ingress-service', 'fail', {
      fact: `there is no Service ${place}, and notices or page reports are declared`,
      action: 'Install manifests/base/service.yaml, and let an Ingress point to it.',
    });
  if (readyEndpoints === undefined)
    return judged('ingress-service', 'skip', {
      fact: `Service ${place} is there; you may not read its endpoints`,
      action: 'Run doctor as somebody who may list endpointslices there.',
    });
  if (readyEndpoints === 0)
    return judged('ingress-service', 'fail', {
      fact: `Service ${place} has no ready endpoint`,
      action: 'Look whether the controller’s Pods run, are ready and have the Service’s labels.',
    });
  return pass(
    'ingress-service',
    `${place} has ${readyEndpoints} ready ${readyEndpoints === 1 ? 'endpoint' : 'endpoints'}`,
  );
}
