import type { Api } from './api.ts';
import { member } from './api-error.ts';

/** Does the server stream the first list through the watch? Learned once for all collections. */
export interface StreamingLists {
  usable(signal: AbortSignal): Promise<boolean>;
  /** It does not, whatever its version says. `known`: that was known before. */
  refuse(): 'changed' | 'known';
}

/** From 1.34 on it is there unless somebody switched it off. Older servers that do not know it would just watch. */
const SINCE_MINOR = 34;

export function createStreamingLists(api: Api): StreamingLists {
  let known: boolean | undefined;
  return {
    async usable(signal) {
      if (known !== undefined) return known;
      const { major, minor } = member(await api.call({ method: 'GET', path: '/version' }, signal));
      const isNew = Number(major) > 1 || Number.parseInt(String(minor), 10) >= SINCE_MINOR;
      known ??= isNew;
      return known;
    },
    refuse() {
      const before = known;
      known = false;
      return before === false ? 'known' : 'changed';
    },
  };
}
