import type { Schedule } from '../core/backoff.ts';
import { seconds } from '../core/time.ts';

/**
 * When a call that never reached Agora is repeated, on whatever domain is current then. The first three waits are
 * MP-12's example; the rest keeps a long outage cheap. It never counts towards WR-6's or MP-22's three. (design §5.3)
 */
export const NETWORK_RETRY: Schedule = [1, 3, 6, 10, 20, 40, 60].map(seconds);
