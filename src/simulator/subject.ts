import type { Converters } from './converters.ts';
import type { Subject } from './fault-rules.ts';
import { textAt } from './json.ts';
import type { Recordings } from './recordings.ts';
import { productOf, type Route } from './routes.ts';

interface Arrived {
  readonly route: Route;
  readonly body: unknown;
  readonly host: string;
}

/** What faults are matched against; names are found through ids where the request has only those. */
export function subjectOf({ route, body, host }: Arrived, recordings: Recordings, converters: Converters): Subject {
  const product = productOf(route.call);
  const base = { call: route.call, host, ...(product === undefined ? {} : { product }) };
  switch (route.call) {
    case 'ncsIp':
      return base;
    case 'acquire':
      return { ...base, appId: route.appId, name: textAt(body, 'cname') ?? '' };
    case 'start':
      return {
        ...base,
        appId: route.appId,
        name: recordings.cnameOf(route.resourceId) ?? textAt(body, 'cname') ?? '',
      };
    case 'query':
    case 'updateRecording':
    case 'stop':
      return {
        ...base,
        appId: route.appId,
        taskId: route.sid,
        name: recordings.cnameOf(route.resourceId) ?? '',
      };
    case 'create':
      return { ...base, appId: route.appId, name: textAt(body, 'converter', 'name') ?? '' };
    case 'list':
    case 'listChannel':
      return { ...base, appId: route.appId };
    default: {
      const taskId = route.converterId.toLowerCase();
      return { ...base, appId: route.appId, taskId, name: converters.find(taskId)?.entry.identity.name ?? '' };
    }
  }
}
