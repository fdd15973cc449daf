import type { Schema } from './crd-files.ts';

const DNS_LABEL = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$';
const DNS_SUBDOMAIN = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$';
const QUALIFIED_NAME =
  '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)$';

const text = (maxLength: number, pattern?: string): Schema => ({
  type: 'string',
  maxLength,
  ...(pattern && { pattern }),
});
const mapOf = (value: Schema, keyPattern: string): Schema => ({
  type: 'object',
  propertyNames: { type: 'string', pattern: keyPattern },
  additionalProperties: value,
});

/** ObjectMeta as far as a file may hold it; what only a server writes is accepted and means nothing. */
export const METADATA: Schema = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { ...text(253, DNS_SUBDOMAIN), minLength: 1 },
    namespace: { ...text(63, DNS_LABEL), minLength: 1 },
    labels: mapOf(text(63, '^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$'), QUALIFIED_NAME),
    annotations: mapOf(text(262_144), QUALIFIED_NAME),
    generateName: { type: 'string' },
    uid: { type: 'string' },
    resourceVersion: { type: 'string' },
    generation: { type: 'integer' },
    creationTimestamp: { type: 'string' },
    deletionTimestamp: { type: 'string' },
    deletionGracePeriodSeconds: { type: 'integer' },
    selfLink: { type: 'string' },
    finalizers: { type: 'array', items: { type: 'string' } },
    ownerReferences: { type: 'array', items: { type: 'object' } },
    managedFields: { type: 'array', items: { type: 'object' } },
  },
};

const SECRET_KEY = '^[-._a-zA-Z0-9]{1,253}$';
const BASE64 = '^[A-Za-z0-9+/\\s]*={0,2}\\s*$';

/** A `v1` Secret. */
export const SECRET: Schema = {
  type: 'object',
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: METADATA,
    type: { type: 'string' },
    immutable: { type: 'boolean' },
    data: mapOf({ type: 'string', pattern: BASE64 }, SECRET_KEY),
    stringData: mapOf({ type: 'string' }, SECRET_KEY),
  },
  required: ['metadata'],
};

/** One of our kinds: everything but its spec, which is the CRD's. */
export const resourceSchema = (spec: Schema): Schema => ({
  type: 'object',
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: METADATA,
    spec,
    status: { type: 'object', additionalProperties: true },
  },
  required: ['metadata', 'spec'],
});
