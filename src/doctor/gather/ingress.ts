import { createHmac } from 'node:crypto';
import { Secret } from '../../core/secret.ts';
import { hours, seconds } from '../../core/time.ts';
import { NOTIFICATION_SECRETS, type NotifyingProduct } from '../../kinds/project/notifications.ts';
import { mintPageToken } from '../../kinds/recording/page-token.ts';
import type { IngressFacts, NoticeFact, PageFacts, Project, Recording, Said } from '../facts.ts';
import type { Dial, DialRequest } from './dial.ts';
import { probeOf, saidOf } from './probe.ts';
import type { SecretLookup } from './secrets.ts';
import type { Turns } from './turns.ts';

export interface Knocking {
  /** Base URL that Agora and pages are told. */
  readonly publicUrl: string;
  readonly dial: Dial;
  readonly turns: Turns;
  readonly newId: () => string;
  readonly now: () => number;
}

/** A project's address, tried as Agora uses it: with a notice that names no task, so that nothing follows from it. */
export async function knock(
  project: Project,
  {
    lookup,
    probe,
    pages,
  }: { readonly lookup: SecretLookup; readonly probe: IngressFacts['probe']; readonly pages?: PageFacts },
  knocking: Knocking,
): Promise<IngressFacts> {
  const { namespace, name } = project.metadata;
  const url = `${knocking.publicUrl.replace(/\/+$/, '')}/notifications/${namespace}/${name}`;
  const secrets = (Object.keys(NOTIFICATION_SECRETS) as NotifyingProduct[]).flatMap((product) => {
    const { ref, key } = NOTIFICATION_SECRETS[product];
    const secretName = project.spec.notifications?.[ref]?.name;
    const secret = secretName === undefined ? undefined : lookup(namespace, secretName, key);
    return secret === undefined || secret === 'unreadable' ? [] : [{ product, secret }];
  });
  const notices =
    probe.outcome === 'answered' ? await Promise.all(secrets.map((each) => notify(url, each, knocking))) : [];
  return { url, probe, notices, ...(pages === undefined ? {} : { pages }) };
}

/** Whether anybody answers there at all, by a request that changes nothing. */
export async function probePublicUrl({ publicUrl, dial, turns }: Knocking): Promise<IngressFacts['probe']> {
  const dialled = await turns.take((signal) => dial({ method: 'GET', url: publicUrl }, signal));
  return dialled === undefined ? { outcome: 'not-asked' } : probeOf(dialled);
}

/** Reference D.1. */
const PRODUCT_IDS: Readonly<Record<NotifyingProduct, number>> = { recording: 3, 'media-push': 5 };
/** Recording: a service status (D.4). Media Push: a state change (D.5). Without a task in it, either is a health check (D.3). */
const EVENT_TYPE = 3;

async function notify(
  url: string,
  { product, secret }: { readonly product: NotifyingProduct; readonly secret: Secret },
  { dial, turns, newId, now }: Knocking,
): Promise<NoticeFact> {
  const send = async (key: string): Promise<Said> => {
    const body = JSON.stringify({
      noticeId: `agora-reconciler-doctor-${newId()}`,
      productId: PRODUCT_IDS[product],
      eventType: EVENT_TYPE,
      notifyMs: now(),
      payload: {},
    });
    const headers = { 'content-type': 'application/json', ...signatures(key, body) };
    return said(await turns.take((signal) => dial({ method: 'POST', url, headers, body }, signal)));
  };
  return {
    service: product === 'recording' ? 'recording' : 'converter',
    signed: await send(secret.reveal()),
    forged: await send(`not-${newId()}`),
  };
}

/** Reference D.2, over the bytes that are sent. */
const signatures = (key: string, body: string): Readonly<Record<string, string>> => ({
  'agora-signature': createHmac('sha1', key).update(body).digest('hex'),
  'agora-signature-v2': createHmac('sha256', key).update(body).digest('hex'),
});

const NOT_ASKED: Said = { code: 'the time was over' };
const said = (dialled: Parameters<typeof saidOf>[0] | undefined): Said =>
  dialled === undefined ? NOT_ASKED : saidOf(dialled);

const TOKEN_LIVES_MS = hours(1);

/** WR-8: what a page of this recording would do, from an origin of its own and with a token that is not ours. */
export async function tryPages(
  { metadata: { namespace, name }, status }: Recording,
  { publicUrl, dial, turns, newId, now }: Knocking,
): Promise<PageFacts> {
  const base = publicUrl.replace(/\/+$/, '');
  const ask = (request: DialRequest) => turns.take((signal) => dial(request, signal));
  const origin = { origin: 'https://page.example' };
  const expiresAt = Math.ceil((now() + TOKEN_LIVES_MS) / seconds(1)) * seconds(1);
  const identity = { namespace, name, attempt: status?.lastAttempt ?? 1, expiresAt };
  // Right in everything but the key.
  const token = mintPageToken(new Secret(newId()), identity).reveal();
  const report = { token, load: newId(), state: 'ready', faults: [] };
  const [script, preflight, forged] = await Promise.all([
    ask({ method: 'GET', url: `${base}/page-watch.js` }),
    ask({
      method: 'OPTIONS',
      url: `${base}/page-watch`,
      headers: { ...origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    }),
    ask({
      method: 'POST',
      url: `${base}/page-watch`,
      headers: { ...origin, 'content-type': 'text/plain' },
      body: JSON.stringify(report),
    }),
  ]);
  const type = script?.ok === true ? script.headers['content-type'] : undefined;
  const allowOrigin = preflight?.ok === true ? preflight.headers['access-control-allow-origin'] : undefined;
  return {
    script: { ...said(script), ...(type === undefined ? {} : { type }) },
    preflight: { ...said(preflight), ...(allowOrigin === undefined ? {} : { allowOrigin }) },
    forged: said(forged),
  };
}
