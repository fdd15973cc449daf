/**
 * Writes `src/kinds/<kind>/types.ts` from `crds/*.yaml` (docs/adr/0001). `--check` writes nothing and exits 1 where a
 * file differs. A schema's `title` names its type; a field with a default is always present, since the API server and
 * the files host fill it in.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';

interface Schema {
  readonly description?: string;
  readonly title?: string;
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly enum?: readonly (string | number)[];
  readonly default?: unknown;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
}

const KINDS = { agoraprojects: 'project', webpagerecordings: 'recording', rtmpconverters: 'converter' };
const LINE_WIDTH = 120;
const root = new URL('../', import.meta.url);

function typesOf(crd: string): string {
  const file = parse(readFileSync(new URL(`crds/${crd}.yaml`, root), 'utf8'));
  const { spec, status }: Readonly<Record<string, Schema>> = file.spec.versions[0].schema.openAPIV3Schema.properties;
  const named = new Map<string, Schema>();
  for (const schema of [spec, status]) if (schema) collect(schema, named);
  const usesCondition = named.delete('Condition');
  return [
    `// Generated from crds/${crd}.yaml; run \`npm run generate\`.`,
    ...(usesCondition ? ["import type { Condition } from '../../core/conditions.ts';"] : []),
    ...[...named].map(([name, schema]) => `\n${doc(schema, '')}${declaration(name, schema)}`),
    '',
  ].join('\n');
}

/** Titled schemas in the order of reading; one title stands for one shape, described by its fields where they differ. */
function collect(schema: Schema, named: Map<string, Schema>): void {
  if (schema.title !== undefined) {
    const earlier = named.get(schema.title);
    if (earlier && !isDeepStrictEqual(shape(earlier), shape(schema))) throw new Error(`two shapes for ${schema.title}`);
    const { description: _, ...undescribed } = schema;
    named.set(schema.title, earlier && earlier.description !== schema.description ? undescribed : schema);
  }
  for (const inner of Object.values(schema.properties ?? {})) collect(inner, named);
  for (const inner of [schema.items, schema.additionalProperties]) if (inner) collect(inner, named);
}

const shape = ({ description: _, default: __, ...rest }: Schema): unknown =>
  JSON.parse(
    JSON.stringify(rest, (key, value) => (key === 'description' && typeof value === 'string' ? undefined : value)),
  );

function declaration(name: string, schema: Schema): string {
  if (schema.type === 'object') return `export interface ${name} ${members(schema)}`;
  const [head, values] = [`export type ${name} =`, (schema.enum ?? []).map(literal)];
  const line = `${head} ${values.join(' | ')};`;
  return line.length <= LINE_WIDTH ? line : `${head}\n${values.map((value) => `  | ${value}`).join('\n')};`;
}

function members(schema: Schema): string {
  const lines = Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const present = schema.required?.includes(name) || field.default !== undefined;
    return `${doc(field, '  ')}  readonly ${name}${present ? '' : '?'}: ${typeOf(field)};`;
  });
  return `{\n${lines.join('\n')}\n}`;
}

function typeOf(schema: Schema): string {
  if (schema.title !== undefined) return schema.title;
  if (schema.enum) return schema.enum.map(literal).join(' | ');
  if (schema.type === 'array' && schema.items) {
    const items = typeOf(schema.items);
    return `readonly ${items.includes(' ') ? `(${items})` : items}[]`;
  }
  if (schema.additionalProperties) return `Readonly<Record<string, ${typeOf(schema.additionalProperties)}>>`;
  if (schema.type === 'object') throw new Error('an object with properties needs a title');
  return schema.type === 'integer' ? 'number' : (schema.type ?? 'unknown');
}

const literal = (value: string | number): string => (typeof value === 'string' ? `'${value}'` : String(value));

function doc(schema: Schema, indent: string): string {
  if (schema.description === undefined) return '';
  const words = schema.description.split(/\s+/);
  const lines = [''];
  for (const word of words) {
    const last = lines.length - 1;
    const longer = lines[last] === '' ? word : `${lines[last]} ${word}`;
    if (indent.length + longer.length + 7 > LINE_WIDTH) lines.push(word);
    else lines[last] = longer;
  }
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}\n`).join('')}${indent} */\n`;
}

const check = process.argv.includes('--check');
for (const [crd, kind] of Object.entries(KINDS)) {
  const target = fileURLToPath(new URL(`src/kinds/${kind}/types.ts`, root));
  const text = typesOf(crd);
  if (!check) writeFileSync(target, text);
  else if (readFileSync(target, 'utf8') !== text) {
    process.stderr.write(`${target} differs from crds/${crd}.yaml: run npm run generate\n`);
    process.exitCode = 1;
  }
}
