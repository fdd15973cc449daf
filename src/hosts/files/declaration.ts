import { API_VERSION, type KindName } from '../../core/resource.ts';
import { Secret } from '../../core/secret.ts';
import type { Declared, DeclaredSecret } from '../declared.ts';

export type Fields = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The namespace of what names none, as kubectl has it. */
const DEFAULT_NAMESPACE = 'default';

/** Reads what the schema has accepted. */
export function declaredOf(kind: KindName, value: Fields): Declared {
  const { labels, annotations } = isRecord(value.metadata) ? value.metadata : {};
  return {
    apiVersion: API_VERSION,
    kind,
    ...nameOf(value),
    ...(isRecord(labels) && { labels: texts(labels) }),
    ...(isRecord(annotations) && { annotations: texts(annotations) }),
    spec: value.spec,
  };
}

/** `stringData` goes before `data`, as in the API server. */
export function secretOf(value: Fields): DeclaredSecret {
  const decoded = Object.entries(texts(value.data)).map(([key, text]) => [
    key,
    Buffer.from(text, 'base64').toString('utf8'),
  ]);
  const plain = Object.entries(texts(value.stringData));
  return {
    ...nameOf(value),
    values: Object.fromEntries([...decoded, ...plain].map(([key = '', text = '']) => [key, new Secret(text)])),
  };
}

export function nameOf(
  value: unknown,
  fallback = DEFAULT_NAMESPACE,
): { readonly namespace: string; readonly name: string } {
  const metadata = isRecord(value) && isRecord(value.metadata) ? value.metadata : {};
  const { name, namespace } = metadata;
  return {
    namespace: typeof namespace === 'string' ? namespace : fallback,
    name: typeof name === 'string' ? name : '',
  };
}

const texts = (value: unknown): Readonly<Record<string, string>> =>
  isRecord(value)
    ? Object.fromEntries(
        Object.entries(value).flatMap(([key, text]) => (typeof text === 'string' ? [[key, text]] : [])),
      )
    : {};
