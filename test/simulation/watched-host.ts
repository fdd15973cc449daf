import { type Key, keyOf } from '../../src/core/resource.ts';
import type { MemoryHost } from '../../src/hosts/memory/host.ts';

/** Tells of each status that was written. */
export function watched(host: MemoryHost, told: (key: Key, status: unknown) => void): MemoryHost {
  return {
    ...host,
    async writeStatus(resource, status) {
      const result = await host.writeStatus(resource, status);
      if (result.result === 'written') told(keyOf(resource), status);
      return result;
    },
  };
}
