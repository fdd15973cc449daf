import { KIND_NAMES, type Resource } from '../../core/resource.ts';
import { Secret } from '../../core/secret.ts';
import type { DeclaredSecret } from '../declared.ts';

/** What a state file holds: the resource with its last accepted declaration, and where that came from. */
export interface StateRecord {
  readonly resource: Resource;
  /** The manifest, relative to the directory that is watched. */
  readonly source?: string;
}

/** Grows when an older version could not read what a newer one writes. */
const FORMAT = 1;

export const recordText = ({ resource, source }: StateRecord): string =>
  `${JSON.stringify({ format: FORMAT, source, resource }, undefined, 2)}\n`;

export const secretRecordText = ({ namespace, name, values }: DeclaredSecret): string => {
  const revealed = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value.reveal()]));
  return `${JSON.stringify({ format: FORMAT, secret: { namespace, name, values: revealed } }, undefined, 2)}\n`;
};

/** The record, or what is wrong with it. Only a damaged disk or a person can make it wrong: our writes are whole. */
export function parseRecord(text: string): StateRecord | string {
  const parsed = parse(text);
  if (typeof parsed === 'string') return parsed;
  const { resource, source } = parsed as { readonly resource?: unknown; readonly source?: unknown };
  if (!isResource(resource)) return 'no resource in it, or its metadata is not complete';
  return typeof source === 'string' ? { resource, source } : { resource };
}

export function parseSecretRecord(text: string): DeclaredSecret | string {
  const parsed = parse(text);
  if (typeof parsed === 'string') return parsed;
  const { secret } = parsed as { readonly secret?: Readonly<Record<string, unknown>> };
  const { namespace, name, values } = secret ?? {};
  if (typeof namespace !== 'string' || typeof name !== 'string' || !isObject(values)) return 'no secret in it';
  const entries = Object.entries(values).map(([key, value]) => [key, new Secret(String(value))] as const);
  return { namespace, name, values: Object.fromEntries(entries) };
}

function parse(text: string): Readonly<Record<string, unknown>> | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return text.trim() === '' ? 'the file is empty' : 'not whole JSON (cut off, or damaged)';
  }
  if (!isObject(parsed)) return 'not an object';
  if (parsed.format !== FORMAT) return `format ${String(parsed.format)} is not known to this version`;
  return parsed;
}

function isResource(value: unknown): value is Resource {
  if (!isObject(value) || !isObject(value.metadata) || !('spec' in value)) return false;
  const { namespace, name, uid, generation, resourceVersion, creationTimestamp, finalizers } = value.metadata;
  return (
    KIND_NAMES.some((kind) => kind === value.kind) &&
    [value.apiVersion, namespace, name, uid, resourceVersion, creationTimestamp].every(
      (one) => typeof one === 'string',
    ) &&
    typeof generation === 'number' &&
    Array.isArray(finalizers)
  );
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
