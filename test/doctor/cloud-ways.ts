import { classifyNetworkError } from '../../src/agora/network-errors.ts';
import type { Ways } from '../../src/cli/doctor.ts';
import type { InboundAnswer } from '../../src/core/inbound.ts';
import type { DialRequest } from '../../src/doctor/gather/dial.ts';
import type { Cloud } from '../../src/simulator/cloud.ts';

/** Who answers at the public URL; undefined: nobody. */
export type Door = (request: DialRequest) => Promise<InboundAnswer | undefined>;

/** A simulated cloud in place of Agora, and a door in place of the public URL; every step takes a known time. */
export function cloudWays(cloud: Cloud, door: Door = async () => undefined): Ways {
  return {
    transport: cloud.transport,
    dial: async (request, signal) => {
      const { method, url } = request;
      const now = Date.now();
      const times = { sentAt: now, receivedAt: now, totalMs: 42, dnsMs: 2, connectMs: 10, tlsMs: 20 };
      if (!isAgora(url)) {
        const answer = await door(request);
        if (answer === undefined) return { ok: false, step: 'connect', code: 'ECONNREFUSED' };
        return { ok: true, status: answer.status, headers: answer.headers, ...times };
      }
      if (method === 'OPTIONS') throw new Error('Agora is asked for nothing like this');
      try {
        const { status, headers } = await cloud.transport({ method, url, headers: {} }, signal);
        return { ok: true, status, headers: { ...headers, date: new Date(now).toUTCString() }, ...times };
      } catch (error) {
        const { kind, code } = classifyNetworkError(error);
        return { ok: false, step: kind === 'dns' ? 'dns' : 'connect', code };
      }
    },
  };
}

const isAgora = (url: string): boolean => /\.(agora\.io|sd-rtn\.com)$/.test(new URL(url).hostname);
