import type { Instant } from '../core/time.ts';
import type { Project } from './projects.ts';
import type { Route } from './routes.ts';

/** A request that passed the gateway: routed, authorised, within its rate, its JSON parsed. */
export interface Admitted<To extends Route = Route> {
  readonly route: To;
  readonly project: Project;
  readonly body: unknown;
  readonly requestId: string;
  readonly now: Instant;
}
