import { createHmac } from 'node:crypto';
import type { Inbound, InboundAnswer, InboundRequest } from '../../src/core/inbound.ts';
import type { CloudOptions } from '../../src/simulator/cloud.ts';
import { postTo } from '../../src/simulator/post.ts';
import { APP, type Rig, rig } from './rig.ts';

export interface Heard {
  /** Milliseconds since the rig began. */
  readonly at: number;
  readonly request: InboundRequest;
  // What a test reads of a body is what it asserts.
  readonly body: ReturnType<typeof JSON.parse>;
}

export const SECRETS = { recording: 'of recordings', converter: 'of converters' };

/** Who listens to a cloud: keeps all it hears and answers as it is told to. */
export interface Listener extends Rig {
  readonly heard: readonly Heard[];
  /** Notifications only: time, event and what more a test looks at. */
  notices(): readonly Heard[];
  reports(): readonly Heard[];
  /** Empties what was heard. */
  forget(): void;
  answer(with_: (request: InboundRequest) => Promise<InboundAnswer> | InboundAnswer): void;
  /** Ends `run`, as a cloud that is closed does. */
  close(): Promise<void>;
}

export const OK: InboundAnswer = { status: 200, headers: {}, body: '{}' };
/** What a page watch answers. */
export const asks = (asked: { heartbeatSeconds?: number; elements?: readonly string[]; media?: boolean } = {}) => ({
  ...OK,
  body: JSON.stringify({ heartbeatSeconds: 15, elements: [], media: false, ...asked }),
});

export function listener(options: Partial<CloudOptions> = {}): Listener {
  const heard: Heard[] = [];
  let answering: (request: InboundRequest) => Promise<InboundAnswer> | InboundAnswer = (request) =>
    request.target === '/page-watch' ? asks() : OK;
  const inbound: Inbound = async (request) => {
    heard.push({
      at: test.clock.now() - began,
      request,
      body: JSON.parse(Buffer.from(request.body).toString('utf8')),
    });
    return answering(request);
  };
  const test: Rig = rig({ tells: { post: postTo(inbound), pageWatchUrl: '/page-watch' }, ...options });
  const began = test.clock.now();
  test.cloud.subscribe(APP, { url: '/notifications/media/live', secrets: SECRETS });
  const end = new AbortController();
  const running = test.cloud.run(end.signal);
  return {
    ...test,
    heard,
    notices: () => heard.filter(({ request }) => request.target.startsWith('/notifications')),
    reports: () => heard.filter(({ request }) => request.target === '/page-watch'),
    forget: () => {
      heard.length = 0;
    },
    answer: (with_) => {
      answering = with_;
    },
    async close() {
      end.abort();
      await test.clock.run(running);
    },
  };
}

/** What the signature headers of a request must be. */
export const signatureOf = ({ body }: InboundRequest, secret: string) => ({
  'agora-signature': createHmac('sha1', secret).update(body).digest('hex'),
  'agora-signature-v2': createHmac('sha256', secret).update(body).digest('hex'),
});
