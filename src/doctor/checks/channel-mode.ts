import { channelOf } from '../../kinds/converter/name.ts';
import type { Facts } from '../facts.ts';
import { about, type Finding, judged } from '../finding.ts';
import { listed } from '../texts.ts';

/** MP-27: Media Push needs channels in live mode. No API tells the mode of a channel: its clients choose it. */
export const channelMode = ({ projects }: Facts): readonly Finding[] =>
  projects.flatMap(({ project, converters }) => {
    const channels = [...new Set(converters.map(({ spec }) => channelOf(spec)))].sort();
    if (channels.length === 0) return [];
    return [
      judged(
        'channel-mode',
        'skip',
        {
          fact: `it cannot be asked whether ${listed('channel', channels)} ${channels.length === 1 ? 'is' : 'are'} in live mode`,
          action: 'Look into the code of the clients: every one must join with the channel profile LIVE_BROADCASTING.',
        },
        about(project),
      ),
    ];
  });
