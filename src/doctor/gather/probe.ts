import type { Instant } from '../../core/time.ts';
import type { Probe, Said } from '../facts.ts';
import type { Dialled } from './dial.ts';

export function probeOf(dialled: Dialled): Probe {
  if (!dialled.ok) return { outcome: 'failed', step: dialled.step, code: dialled.code };
  const { ok: _, headers, sentAt, receivedAt, ...rest } = dialled;
  const skewMs = skewOf(headers['date'], { sentAt, receivedAt });
  return { outcome: 'answered', ...rest, ...(skewMs === undefined ? {} : { skewMs }) };
}

export const saidOf = (dialled: Dialled): Said => (dialled.ok ? { status: dialled.status } : { code: dialled.code });

/**
 * Least difference between the server's clock and ours that its Date header allows: it counts whole seconds, and it was
 * written some time between request and answer. Positive: ours is behind.
 */
export function skewOf(
  date: string | undefined,
  { sentAt, receivedAt }: { readonly sentAt: Instant; readonly receivedAt: Instant },
): number | undefined {
  const from = date === undefined ? Number.NaN : Date.parse(date);
  if (Number.isNaN(from)) return undefined;
  const until = from + 999;
  if (from > receivedAt) return from - receivedAt;
  return until < sentAt ? until - sentAt : 0;
}
