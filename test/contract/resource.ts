import type { Resource } from '../../src/core/resource.ts';
import type { Declared } from '../../src/hosts/declared.ts';

/** The resource that a host would hold for a declaration. */
export const resourceFromDeclared = ({ apiVersion, kind, namespace, name, spec }: Declared): Resource => ({
  apiVersion,
  kind,
  metadata: {
    namespace,
    name,
    uid: '00000000-0000-4000-8000-000000000000',
    generation: 1,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    finalizers: [],
  },
  spec,
});
