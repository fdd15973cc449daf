import { type AdminReply, type AdminRequest, type Answered, answer, withBody } from './admin-answers.ts';
import type { Cloud } from './cloud.ts';
import { textAt } from './json.ts';
import { object, text } from './schema.ts';

const ADDRESS = text({ max: 2_048, pattern: /^https?:\/\/[^\s]+$/ });
const SUBSCRIPTION = object({
  required: { appId: text({ min: 1 }), url: ADDRESS },
  optional: { recordingSecret: text({ min: 1 }), mediaPushSecret: text({ min: 1 }) },
});
const TEST = object({ required: { appId: text({ min: 1 }) } });

/** What Console offers: where the notifications of an App ID go, and a test of it. */
export function notifications(
  request: AdminRequest,
  test: string | undefined,
  cloud: Cloud,
  signal: AbortSignal,
): Answered {
  if (test !== undefined)
    return withBody(request, TEST, async (body) =>
      answer({ results: await cloud.testSubscription(textAt(body, 'appId') ?? '', signal) }),
    );
  return withBody(request, SUBSCRIPTION, (body) => {
    const [recording, converter] = [textAt(body, 'recordingSecret'), textAt(body, 'mediaPushSecret')];
    const secrets = {
      ...(recording === undefined ? {} : { recording }),
      ...(converter === undefined ? {} : { converter }),
    };
    const [appId, url] = [textAt(body, 'appId') ?? '', textAt(body, 'url') ?? ''];
    cloud.subscribe(appId, { url, secrets });
    return answer({ appId, url, products: Object.keys(secrets) });
  });
}

export function unsubscribe(cloud: Cloud, appId: string): AdminReply {
  cloud.subscribe(appId, undefined);
  return answer({ appId });
}
