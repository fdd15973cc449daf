import type { CelInput } from '@bufbuild/cel';
import type { Timestamp } from '@bufbuild/protobuf/wkt';
import type { Schema } from './crd-files.ts';

export type TimestampOf = (date: Date) => Timestamp;

/**
 * The value as CEL on the server sees it: converted by the schema, since a JSON number says not whether it is an
 * integer. A field that is absent stays absent, so that `has` works.
 */
export function celValue(value: unknown, schema: Schema, timestampOf: TimestampOf): CelInput {
  if (Array.isArray(value)) return value.map((item: unknown) => celValue(item, schema.items ?? {}, timestampOf));
  if (typeof value === 'object' && value !== null) {
    const map = new Map<string, CelInput>();
    for (const [name, member] of Object.entries(value)) {
      map.set(name, celValue(member, memberSchema(schema, name) ?? {}, timestampOf));
    }
    return map;
  }
  if (typeof value === 'number') return schema.type === 'integer' ? BigInt(value) : value;
  if (typeof value === 'string') return schema.format === 'date-time' ? timestampOf(new Date(value)) : value;
  return typeof value === 'boolean' ? value : null;
}

export const memberSchema = (schema: Schema, name: string): Schema | undefined =>
  schema.properties?.[name] ??
  (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined);
