import type { AgoraCredentials, Body } from './api.ts';

const SHOWN = '***';
const LONGEST_MESSAGE = 300;
/** Shorter texts are words like `live` that messages need, and no key is as short. */
const SHORTEST_SECRET = 4;
const SHORTEST_PART = 6;

/** Members of the two products' bodies whose values are secret, or addresses that hold one. */
const SECRET_MEMBERS = new Set([
  'url',
  'rtmpUrl',
  'imageUrl',
  'placeholderImageUrl',
  'defaultPlaceholderImageUrl',
  'accessKey',
  'secretKey',
  'stsToken',
  'token',
  'payload',
]);

/** Addresses of any scheme; HTTP credentials; tokens of pages (WR-8); what follows the name of a secret. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\b([a-z][a-z0-9+.-]{1,11}):\/\/[^\s"'<>]*/gi, `$1://${SHOWN}`],
  [/\bv1\.[\w-]{8,}\.[\w-]{43}/g, SHOWN],
  [/\b(basic|bearer)\s+[a-z0-9+/=._~-]{8,}/gi, `$1 ${SHOWN}`],
  [
    /\b(access_?key|secret_?key|customer_?secret|sts_?token|token|password|signature)("?\s*[:=]\s*"?)[^\s"',;}]+/gi,
    `$1$2${SHOWN}`,
  ],
];

/** What a request carries that no message may show: each secret as it is sent, and the telling parts of addresses. */
export function secretsOf(credentials: AgoraCredentials, body: Body | undefined): readonly string[] {
  const id = credentials.customerId.reveal();
  const secret = credentials.customerSecret.reveal();
  const found = new Set([id, secret, basicToken(credentials)]);
  collect(body, undefined, found);
  const forms = [...found].flatMap((text) => [
    text,
    encodeURIComponent(text.toWellFormed()),
    JSON.stringify(text).slice(1, -1),
  ]);
  return [...new Set(forms)].filter((text) => text.length >= SHORTEST_SECRET).sort((a, b) => b.length - a.length);
}

export const basicToken = (credentials: AgoraCredentials): string =>
  Buffer.from(`${credentials.customerId.reveal()}:${credentials.customerSecret.reveal()}`).toString('base64');

/** One line without secrets, at most 300 characters: fit for a status, an event and a log. */
export function redacted(text: string, secrets: readonly string[]): string {
  let shown = text;
  for (const secret of secrets) shown = shown.replaceAll(secret, SHOWN);
  for (const [pattern, replacement] of PATTERNS) shown = shown.replaceAll(pattern, replacement);
  shown = shown
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .toWellFormed();
  return shown.length <= LONGEST_MESSAGE ? shown : `${shown.slice(0, LONGEST_MESSAGE - 1).toWellFormed()}…`;
}

function collect(value: unknown, name: string | undefined, found: Set<string>): void {
  if (typeof value === 'string') {
    if (name !== undefined && SECRET_MEMBERS.has(name)) for (const part of partsOf(value)) found.add(part);
  } else if (Array.isArray(value)) {
    for (const element of value) collect(element, name, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const [member, inner] of Object.entries(value)) collect(inner, member, found);
  }
}

/** The value, and of an address what follows its host, whole and in pieces: an answer may quote any of them. */
function partsOf(value: string): readonly string[] {
  const address = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)(.*)$/is.exec(value);
  if (address === null) return [value];
  const [, authority = '', rest = ''] = address;
  const user = authority.includes('@') ? authority.slice(0, authority.lastIndexOf('@')).split(':') : [];
  const pieces = [...user, rest, ...rest.split(/[/?#&=]/)];
  return [value, ...pieces.filter((piece) => piece.length >= SHORTEST_PART)];
}
