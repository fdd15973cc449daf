import { describe, expect, it } from 'vitest';
import { findCondition } from '../../../src/core/conditions.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { Context, IngressView } from '../../../src/kinds/context.ts';
import type { Notifications } from '../../../src/kinds/project/types.ts';
import { ProjectPlay } from './play.ts';

const BOTH: Notifications = { recordingSecretRef: { name: 'hooks' }, mediaPushSecretRef: { name: 'hooks' } };
const RECORDING: Notifications = { recordingSecretRef: { name: 'hooks' } };
const FULL = { recordingNotificationSecret: 'canary-1', mediaPushNotificationSecret: 'canary-2' };

/** A project that declares notifications, with this in its Secret `hooks`. */
class NotifiedPlay extends ProjectPlay {
  keys: Readonly<Record<string, string>> = FULL;
  ingress: IngressView | undefined;

  override context(): Context {
    return {
      ...super.context(),
      secret: (name, key) => {
        const value = name === 'hooks' ? this.keys[key] : undefined;
        return value === undefined ? undefined : new Secret(value);
      },
      ...(this.ingress === undefined ? {} : { ingress: this.ingress }),
    };
  }

  get notified(): string | undefined {
    const found = findCondition(this.status.conditions, 'NotificationsReady');
    return found === undefined ? undefined : `${found.status} ${found.reason}: ${found.message}`;
  }
}

function play(notifications: Notifications | undefined, change: Partial<NotifiedPlay> = {}): NotifiedPlay {
  const made = Object.assign(new NotifiedPlay(notifications === undefined ? {} : { notifications }), change);
  made.pass();
  return made;
}

describe('WR-11 MP-28 a project says whether it can be notified, and is Ready either way', () => {
  const listens = (publicUrl?: string): IngressView => ({
    listens: true,
    ...(publicUrl === undefined ? {} : { publicUrl }),
  });
  const PATH = '/notifications/media/live';
  it.each<[string, Notifications | undefined, Partial<NotifiedPlay>, string | undefined]>([
    ['none declared', undefined, {}, undefined],
    ['both secrets', BOTH, { ingress: listens() }, `True Listening: accepted at ${PATH}`],
    ['a public URL', BOTH, { ingress: listens('https://a.b/') }, `True Listening: accepted at https://a.b${PATH}`],
    ['nobody can tell, as in a plan', BOTH, {}, `True Listening: accepted at ${PATH}`],
    ['nothing listens', BOTH, { ingress: { listens: false } }, 'False NotListening: '],
    ['only one product', RECORDING, { keys: { recordingNotificationSecret: 'canary-1' } }, 'True Listening: '],
    ['no Secret', BOTH, { keys: {} }, 'False NotificationSecretMissing: missing: recordingNotificationSecret of'],
    [
      'one key missing',
      BOTH,
      { keys: { recordingNotificationSecret: 'canary-1' } },
      'False NotificationSecretMissing: missing: mediaPushNotificationSecret of Secret hooks;',
    ],
    ['an empty key', RECORDING, { keys: { recordingNotificationSecret: '' } }, 'False NotificationSecretMissing: '],
    [
      'only the previous one',
      RECORDING,
      { keys: { recordingNotificationSecretPrevious: 'canary-1' } },
      'False NotificationSecretMissing: ',
    ],
  ])('%s', (_, notifications, change, expected) => {
    const made = play(notifications, change);
    expect(made.ready).toBe('True Accepted');
    if (expected === undefined) expect(made.notified).toBeUndefined();
    else expect(made.notified).toContain(expected);
    expect(JSON.stringify(made.status)).not.toContain('canary');
  });

  it('the condition goes with the declaration', () => {
    const made = play(BOTH);
    const { notifications: _gone, ...spec } = made.project.spec;
    made.project = { ...made.project, spec };
    made.pass();
    expect(made.notified).toBeUndefined();
  });
});
