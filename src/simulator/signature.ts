import { createHmac } from 'node:crypto';

/** Both headers of a notification, over its raw body (reference D.2). */
export const signed = (secret: string, body: string): Readonly<Record<string, string>> => ({
  'agora-signature': createHmac('sha1', secret).update(body).digest('hex'),
  'agora-signature-v2': createHmac('sha256', secret).update(body).digest('hex'),
});
