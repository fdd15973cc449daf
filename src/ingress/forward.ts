import { Agent, request as send } from 'undici';
import type { Clock } from '../core/clock.ts';
import type { InboundAnswer, InboundRequest } from '../core/inbound.ts';
import { seconds } from '../core/time.ts';
import { within } from '../core/within.ts';
import { json } from './answer.ts';

/** Sends on to the replica that leads what only that one can take (ADR 0025). */
export interface Forward {
  /** This replica takes it itself. */
  leads(): boolean;
  /** Never rejects: where the leader cannot be reached, the sender is asked to send it again. */
  send(request: InboundRequest): Promise<InboundAnswer>;
  stats(): ForwardFigures;
  close(): Promise<void>;
}

/** How requests fared that came to a replica which stands by. */
export type ForwardFigures = Readonly<Record<'forwarded' | 'failed' | 'no-leader' | 'looped' | 'too-many', number>>;

export interface ForwardOptions {
  readonly leads: () => boolean;
  /** The base URL of the leader's ingress, as the Lease tells it. */
  readonly leader: () => string | undefined;
  /** Of the machine. */
  readonly clock: Clock;
  readonly timeoutMs?: number;
}

/** Says that a replica has sent it on already: the next one does not, so that nothing goes in circles. */
export const FORWARDED_HEADER = 'agora-reconciler-forwarded';

/** Agora waits ten seconds, and the leader answers within one. */
const TIMEOUT_MS = seconds(3);
const AT_ONCE = 64;
const ANSWER_BYTES = 64 * 1_024;
/** What an answer depends on; the rest is between the sender and us. */
const HEADERS = ['content-type', 'agora-signature', 'agora-signature-v2'] as const;
/** Of the connection, not of the answer. */
const HOP_HEADERS: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length']);

export function createForward({ leads, leader, clock, timeoutMs = TIMEOUT_MS }: ForwardOptions): Forward {
  const agent = new Agent({ connect: { timeout: timeoutMs }, connections: AT_ONCE, headersTimeout: 0, bodyTimeout: 0 });
  const figures: Record<keyof ForwardFigures, number> = {
    forwarded: 0,
    failed: 0,
    'no-leader': 0,
    looped: 0,
    'too-many': 0,
  };
  let atOnce = 0;

  function not(why: Exclude<keyof ForwardFigures, 'forwarded'>): InboundAnswer {
    figures[why] += 1;
    return json(503, { message: 'this replica stands by; send it again' }, { 'retry-after': '1' });
  }

  async function pass(base: string, { target, headers, body }: InboundRequest): Promise<InboundAnswer> {
    const { signal: never } = new AbortController();
    const known = HEADERS.map((name) => [name, headers[name]]).filter(([, value]) => value !== undefined);
    return within({ clock, ms: timeoutMs, signal: never }, async (late) => {
      const answer = await send(new URL(target, base), {
        // Nothing else needs the leader.
        method: 'POST',
        headers: { ...(Object.fromEntries(known) as Readonly<Record<string, string>>), [FORWARDED_HEADER]: '1' },
        body: Buffer.from(body),
        dispatcher: agent,
        signal: late,
      });
      return { status: answer.statusCode, headers: headersOf(answer.headers), body: await textOf(answer.body) };
    });
  }

  return {
    leads,
    async send(request) {
      if (request.headers[FORWARDED_HEADER] !== undefined) return not('looped');
      const base = leader();
      if (base === undefined || !URL.canParse(base)) return not('no-leader');
      if (atOnce >= AT_ONCE) return not('too-many');
      atOnce += 1;
      try {
        const answer = await pass(base, request);
        figures.forwarded += 1;
        return answer;
      } catch {
        // Gone, or not the leader any more: the next attempt finds the new one.
        return not('failed');
      } finally {
        atOnce -= 1;
      }
    },
    stats: () => ({ ...figures }),
    close: () => agent.close(),
  };
}

function headersOf(headers: Readonly<Record<string, string | string[] | undefined>>): InboundAnswer['headers'] {
  const kept = Object.entries(headers)
    .filter(([name, value]) => value !== undefined && !HOP_HEADERS.has(name))
    .map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]);
  return Object.fromEntries(kept) as InboundAnswer['headers'];
}

async function textOf(body: AsyncIterable<unknown>): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body) {
    const chunk: Buffer = Buffer.isBuffer(part) ? part : Buffer.from(String(part));
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES) throw new Error('the answer is longer than any of ours');
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString('utf8');
}
