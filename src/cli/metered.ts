import type { ResourceHost } from '../hosts/host.ts';
import type { Metrics } from '../observability/metrics.ts';

/** A host whose status writes are counted. */
export function counting<Host extends ResourceHost>(host: Host, metrics: Pick<Metrics, 'wrote'>): Host {
  return {
    ...host,
    async writeStatus(resource, status) {
      try {
        const written = await host.writeStatus(resource, status);
        metrics.wrote(resource.kind, written.result);
        return written;
      } catch (error) {
        metrics.wrote(resource.kind, 'failed');
        throw error;
      }
    },
  };
}
