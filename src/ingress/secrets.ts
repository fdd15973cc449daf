import type { InboundRequest } from '../core/inbound.ts';
import type { Resource } from '../core/resource.ts';
import type { Secret } from '../core/secret.ts';
import { NOTIFICATION_SECRETS, type NotifyingProduct } from '../kinds/project/notifications.ts';
import type { ProjectSpec } from '../kinds/project/types.ts';
import { isSignedWith } from './signature.ts';

type Secrets = (namespace: string, name: string, key: string) => Secret | undefined;
/** The products that a request may speak for in a project: those with a secret, new or previous, that signed it. */
export function signedFor(
  project: Resource<ProjectSpec>,
  request: Pick<InboundRequest, 'headers' | 'body'>,
  secret: Secrets,
): ReadonlySet<NotifyingProduct> {
  const products = new Set<NotifyingProduct>();
  for (const [product, { ref, key, previousKey }] of Object.entries(NOTIFICATION_SECRETS)) {
    const name = project.spec.notifications?.[ref]?.name;
    if (name === undefined) continue;
    for (const each of [key, previousKey]) {
      const value = secret(project.metadata.namespace, name, each);
      if (value !== undefined && isSignedWith(request, value)) products.add(product as NotifyingProduct);
    }
  }
  return products;
}
