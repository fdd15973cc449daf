import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { Schema } from './crd-files.ts';

/** Keywords of Kubernetes that say nothing to ajv; any other unknown keyword is refused when the schema is compiled. */
const IGNORED = ['x-kubernetes-validations'];

/** A date-time as the API server takes it; the schema's pattern has checked its form before. */
const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:Z|[+-](\d\d):(\d\d))$/;

/** Checks a value against a schema of the CRDs as the API server does, fills in its defaults, changes it in place. */
export type Check = (value: unknown) => readonly ErrorObject[];

export function createChecks(schemas: readonly Schema[]): readonly Check[] {
  const ajv = new Ajv({
    allErrors: true,
    useDefaults: true,
    strict: true,
    strictRequired: false,
    verbose: false,
    formats: { int32: true, int64: true, 'date-time': isDateTime },
  });
  ajv.addVocabulary(IGNORED);
  ajv.addKeyword({
    keyword: 'x-kubernetes-list-type',
    schemaType: 'string',
    validate: (type: string, data: unknown) => type !== 'set' || allDifferent(data),
  });
  ajv.addKeyword({
    keyword: 'x-kubernetes-list-map-keys',
    schemaType: 'array',
    validate: (keys: readonly string[], data: unknown) => allDifferent(pickAll(data, keys)),
  });
  return schemas.map((schema) => {
    const validate: ValidateFunction = ajv.compile(closed(schema));
    return (value) => (validate(value) ? [] : (validate.errors ?? []));
  });
}

/** A copy in which unknown fields are refused, as the API server does under strict field validation. */
function closed(schema: Schema): Schema {
  const { properties, items, additionalProperties } = schema;
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, closed(field)])),
    }),
    ...(items && { items: closed(items) }),
    ...(properties && additionalProperties === undefined && { additionalProperties: false }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: closed(additionalProperties) }),
  };
}

const pickAll = (data: unknown, keys: readonly string[]): unknown =>
  Array.isArray(data)
    ? data.map((item: unknown) =>
        keys.map((key) => (typeof item === 'object' && item !== null ? Reflect.get(item, key) : item)),
      )
    : data;

/** Canonical by JSON: items are scalars, or tuples of the keys of a list-map. */
const allDifferent = (data: unknown): boolean =>
  !Array.isArray(data) || new Set(data.map((item) => JSON.stringify(item))).size === data.length;

/** The day exists in its month, and no second is 60; ajv-formats and `Date` differ from the server in both. */
export function isDateTime(text: string): boolean {
  const [, year, month, day, hour, minute, second, zoneHour = 0, zoneMinute = 0] = (DATE_TIME.exec(text) ?? []).map(
    Number,
  );
  if (year === undefined || month === undefined || day === undefined) return false;
  if (hour === undefined || minute === undefined || second === undefined) return false;
  const daysInMonth = new Date(Date.UTC(year < 100 ? year + 400 : year, month, 0)).getUTCDate();
  return (
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysInMonth &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 59 &&
    !(zoneHour > 23) &&
    !(zoneMinute > 59)
  );
}
