import type { Clock } from '../core/clock.ts';
import type { Inbound } from '../core/inbound.ts';
import type { Resource } from '../core/resource.ts';
import type { Secret } from '../core/secret.ts';
import { NOTIFICATION_SECRETS } from '../kinds/project/notifications.ts';
import type { ProjectSpec } from '../kinds/project/types.ts';
import { type Cloud, createCloud } from '../simulator/cloud.ts';
import type { FaultRule } from '../simulator/fault-rules.ts';
import { postTo } from '../simulator/post.ts';
import type { Subscription } from '../simulator/subscriptions.ts';
import type { Switches } from '../simulator/switches.ts';
import type { Outside } from '../simulator/world.ts';
import { copyLimits } from './simulated-limits.ts';

/** A cloud in this process that takes every App ID that is declared and whatever its Secret says. */
export interface SimulatedCloud {
  readonly cloud: Cloud;
  /** What an account sets up at Agora for the projects: their limits, and where their notifications go. */
  declared(projects: readonly Resource<ProjectSpec>[], secret: SecretOf): void;
  /** From now on this one is told what happens, and by pages how they are. */
  tell(inbound: Inbound): void;
  /** Ends when nothing is on its way any more. */
  close(): Promise<void>;
}

export type SecretOf = (namespace: string, name: string, key: string) => Secret | undefined;

export function openSimulatedCloud(options: {
  readonly clock: Clock;
  readonly seed: string | number;
  readonly faults: readonly FaultRule[];
  readonly switches?: Partial<Switches>;
  readonly outside?: Partial<Outside>;
}): SimulatedCloud {
  let inbound: Inbound | undefined;
  const cloud = createCloud({
    ...options,
    anyProject: {},
    tells: {
      post: postTo(async (request) => {
        if (inbound === undefined) throw new Error('nobody listens');
        return inbound(request);
      }),
      pageWatchUrl: '/page-watch',
    },
  });
  const end = new AbortController();
  let running: Promise<void> | undefined;
  return {
    cloud,
    declared(projects, secret) {
      copyLimits(
        cloud,
        projects.map(({ spec }) => spec),
      );
      for (const [appId, same] of Map.groupBy(projects, ({ spec }) => spec.appId))
        cloud.subscribe(
          appId,
          same.map((project) => subscriptionOf(project, secret)).find((found) => found !== undefined),
        );
    },
    tell(given) {
      inbound = given;
      running ??= cloud.run(end.signal);
    },
    async close() {
      end.abort();
      await running;
    },
  };
}

/** With the secrets that the project itself knows; one address serves an App ID, as at Agora. */
function subscriptionOf({ metadata, spec }: Resource<ProjectSpec>, secret: SecretOf): Subscription | undefined {
  const { namespace, name } = metadata;
  const of = (product: keyof typeof NOTIFICATION_SECRETS): string | undefined => {
    const { ref, key } = NOTIFICATION_SECRETS[product];
    const source = spec.notifications?.[ref]?.name;
    return source === undefined ? undefined : secret(namespace, source, key)?.reveal();
  };
  const [recording, converter] = [of('recording'), of('media-push')];
  if (recording === undefined && converter === undefined) return undefined;
  return {
    url: `/notifications/${namespace}/${name}`,
    secrets: {
      ...(recording === undefined ? {} : { recording }),
      ...(converter === undefined ? {} : { converter }),
    },
  };
}
