import type { Verdict } from '../../core/conditions.ts';
import type { Reason } from '../../core/reasons.ts';
import type { Resource } from '../../core/resource.ts';
import type { Context } from '../context.ts';
import type { Notifications, ProjectSpec } from './types.ts';

/** The products that notify, each with a secret of its own in Agora's console (reference D.2). */
export type NotifyingProduct = 'recording' | 'media-push';

/** Where the secret of each product stands, and the one before it during a rotation. */
export const NOTIFICATION_SECRETS: Readonly<
  Record<NotifyingProduct, { readonly ref: keyof Notifications; readonly key: string; readonly previousKey: string }>
> = {
  recording: {
    ref: 'recordingSecretRef',
    key: 'recordingNotificationSecret',
    previousKey: 'recordingNotificationSecretPrevious',
  },
  'media-push': {
    ref: 'mediaPushSecretRef',
    key: 'mediaPushNotificationSecret',
    previousKey: 'mediaPushNotificationSecretPrevious',
  },
};

type Condition = NonNullable<NonNullable<Verdict['further']>[keyof NonNullable<Verdict['further']>]>;

/**
 * `NotificationsReady` of a project that declares them (WR-11, MP-28). They are a help and no need: what stands in their
 * way never makes the project less than Ready.
 */
export function notificationsReady(project: Resource<ProjectSpec>, context: Context): Condition | undefined {
  const { notifications } = project.spec;
  if (notifications === undefined) return undefined;
  const { namespace, name } = project.metadata;
  const lacking = Object.values(NOTIFICATION_SECRETS).flatMap(({ ref, key }) => {
    const secret = notifications[ref]?.name;
    const value = secret === undefined ? undefined : context.secret(secret, key)?.reveal();
    return secret === undefined || (value !== undefined && value !== '') ? [] : [`${key} of Secret ${secret}`];
  });
  if (lacking.length > 0)
    return condition(
      'False',
      'NotificationSecretMissing',
      `missing: ${lacking.join(', ')}; notifications signed with it are refused, and ends are found by queries alone`,
    );
  const path = `/notifications/${namespace}/${name}`;
  if (context.ingress?.listens === false)
    return condition(
      'False',
      'NotListening',
      'nothing listens for notifications: start the controller with --ingress-bind-address',
    );
  const { publicUrl } = context.ingress ?? {};
  return condition(
    'True',
    'Listening',
    publicUrl === undefined ? `accepted at ${path}` : `accepted at ${publicUrl.replace(/\/+$/, '')}${path}`,
  );
}

const condition = (status: 'True' | 'False', reason: Reason, message: string): Condition => ({
  status,
  reason,
  message,
});
