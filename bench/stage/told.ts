import { openIngress } from '../../src/cli/ingress.ts';
import type { Inbound } from '../../src/core/inbound.ts';
import { SILENT } from '../../src/observability/log.ts';
import { type Post, postTo } from '../../src/simulator/post.ts';
import type { Loop } from './loop.ts';

/** The wire between a cloud and the ingress of a loop, in this process. */
export interface Wire {
  readonly post: Post;
  /** From now on this loop is told. */
  connect(loop: Loop): void;
}

export function wire(): Wire {
  let inbound: Inbound = async () => ({ status: 503, headers: {}, body: '' });
  return {
    post: postTo((request) => inbound(request)),
    connect(loop) {
      inbound = ingressOf(loop);
    },
  };
}

function ingressOf({ runtime, host }: Loop): Inbound {
  const { engine, clock } = runtime;
  return openIngress({ host, engine: () => engine, clock, log: SILENT }).handle;
}
