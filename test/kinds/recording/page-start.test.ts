import { describe, expect, it } from 'vitest';
import type { AgoraApi, Body } from '../../../src/agora/api.ts';
import { recordingKind } from '../../../src/kinds/recording/kind.ts';
import { pageTokenHash, readPageToken } from '../../../src/kinds/recording/page-token.ts';
import type { PageWatch, RecordingSpec } from '../../../src/kinds/recording/types.ts';
import { failure } from './builders.ts';
import { Play } from './play.ts';

const WATCH: PageWatch = { readyWithinSeconds: 60, heartbeatSeconds: 15, media: false, tokenIn: 'Query' };

/** Each address that a start of this recording would send, in order. */
async function addresses(spec: Partial<RecordingSpec>, arrange: (play: Play) => void = () => undefined) {
  const play = new Play(spec);
  arrange(play);
  const sent: Promise<string>[] = [];
  const { otherwise } = play;
  play.otherwise = (action) => {
    if (action.type === 'start') {
      const bodies: Body[] = [];
      const api = {
        start: async (_call: unknown, _handle: unknown, body: Body) => {
          bodies.push(body);
          return failure('lost');
        },
      } as unknown as AgoraApi;
      const call = { requestId: 'request', signal: new AbortController().signal };
      sent.push(
        recordingKind.perform(play.resource, action, play.context(), api, call).then(() => urlOf(bodies[0] ?? {})),
      );
    }
    return otherwise(action);
  };
  play.run(50);
  return { play, sent: await Promise.all(sent) };
}

interface StartBody {
  readonly clientRequest: {
    readonly extensionServiceConfig: {
      readonly extensionServices: readonly { readonly serviceParam: { readonly url: string } }[];
    };
  };
}
const urlOf = (body: Body): string =>
  (body as unknown as StartBody).clientRequest.extensionServiceConfig.extensionServices[0]?.serviceParam.url ?? '';

const tokenIn = (address: string): string => /agoraPageToken=([^&#]*)/.exec(address)?.[1] ?? '';

describe('WR-8 the start sends the token', () => {
  it.each<[string, Partial<RecordingSpec>, RegExp]>([
    [
      'in the query',
      { url: 'https://a.example/?x=1#/hall', pageWatch: WATCH },
      /^https:\/\/a\.example\/\?x=1&agoraPageToken=v1\.[\w-]+\.[\w-]+#\/hall$/,
    ],
    [
      'in the fragment',
      { url: 'https://a.example/?x=1#/hall', pageWatch: { ...WATCH, tokenIn: 'Fragment' } },
      /^https:\/\/a\.example\/\?x=1#\/hall\?agoraPageToken=v1\.[\w-]+\.[\w-]+$/,
    ],
    ['not at all', { url: 'https://a.example/?x=1#/hall' }, /^https:\/\/a\.example\/\?x=1#\/hall$/],
  ])('%s', async (_what, spec, expected) => {
    const { sent } = await addresses(spec);
    expect(sent[0]).toMatch(expected);
  });

  it('whose hash is in the status, and which names resource and attempt', async () => {
    const { sent, play } = await addresses({ pageWatch: WATCH });
    const token = tokenIn(sent[0] ?? '');
    expect(pageTokenHash(token)).toBe(play.tasks[0]?.pageToken);
    expect(readPageToken(token)).toEqual({
      namespace: 'media',
      name: 'keynote',
      attempt: 1,
      expiresAt: Date.parse(play.tasks[0]?.pageTokenExpiresAt ?? ''),
    });
  });

  it('the same for each retry, with the same handle and with another', async () => {
    const { sent } = await addresses({ pageWatch: WATCH }, (play) =>
      play.answers('start', failure('server'), failure('lost'), failure('server'), failure('server')),
    );
    const retries = sent.slice(0, 4).map(tokenIn);
    expect(retries.length).toBeGreaterThan(0);
    expect(new Set(retries).size).toBe(1);
  });

  it('and nothing of it stands in status or events', async () => {
    const { sent, play } = await addresses({ pageWatch: WATCH });
    const [, payload = '', signature = ''] = tokenIn(sent[0] ?? '').split('.');
    const shown = JSON.stringify([play.status, play.events]);
    expect(signature).toHaveLength(43);
    expect(shown).not.toContain(signature);
    expect(shown).not.toContain(payload);
  });
});
