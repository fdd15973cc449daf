import type { Facts } from '../facts.ts';
import { type Finding, judged, placeOf } from '../finding.ts';

/** A resource that names a project that is not there waits for ever. */
export const reference = ({ strays }: Facts): readonly Finding[] =>
  strays.map((resource) => {
    const { name } = (resource.spec as { readonly projectRef: { readonly name: string } }).projectRef;
    return judged(
      'reference',
      'fail',
      {
        fact: `${resource.kind} ${resource.metadata.namespace}/${resource.metadata.name} names AgoraProject ${name}, which is not there`,
        action: `Declare AgoraProject ${name} in namespace ${resource.metadata.namespace}, or correct spec.projectRef.`,
      },
      { resource: { kind: resource.kind, ...placeOf(resource) } },
    );
  });
