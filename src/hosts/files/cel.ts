import type { CelInput } from '@bufbuild/cel';
import { celValue } from './cel-values.ts';
import type { Rule, Schema } from './crd-files.ts';
import type { Path } from './location.ts';
import type { Problem } from './schema-findings.ts';

/** The rules of a schema that a valid value breaks; those about a change only where there is an old value. */
export type CheckRules = (value: unknown, old: unknown, root: Path) => readonly Problem[];

interface CompiledRule extends Rule {
  readonly isTransition: boolean;
  holds(self: CelInput, oldSelf: CelInput | undefined): boolean;
}

/** A schema and the rules in it; branches without any are left out, so that nothing walks them. */
interface RuleTree {
  readonly rules: readonly CompiledRule[];
  readonly members: ReadonlyMap<string, RuleTree>;
  readonly items: RuleTree | undefined;
}

/** The CEL library is loaded here and not before: commands that validate nothing do not pay for it. */
export async function createRuleChecker(): Promise<(schema: Schema) => CheckRules> {
  const { celEnv, isCelError, parse, plan } = await import('@bufbuild/cel');
  const { strings } = await import('@bufbuild/cel/ext');
  const { timestampFromDate } = await import('@bufbuild/protobuf/wkt');
  const env = celEnv({ funcs: strings });

  const compile = (rule: Rule): CompiledRule => {
    const evaluate = plan(env, parse(rule.rule));
    return {
      ...rule,
      isTransition: /\boldSelf\b/.test(rule.rule),
      holds(self, oldSelf) {
        const result = evaluate(oldSelf === undefined ? { self } : { self, oldSelf });
        return !isCelError(result) && result === true;
      },
    };
  };

  const grow = (schema: Schema): RuleTree | undefined => {
    const rules = (schema['x-kubernetes-validations'] ?? []).map(compile);
    const members = new Map<string, RuleTree>();
    for (const [name, field] of Object.entries(schema.properties ?? {})) {
      const tree = grow(field);
      if (tree) members.set(name, tree);
    }
    const items = schema.items && grow(schema.items);
    return rules.length > 0 || members.size > 0 || items ? { rules, members, items } : undefined;
  };

  return (schema) => {
    const tree = grow(schema);
    return (value, old, root) =>
      tree === undefined
        ? []
        : [
            ...broken(
              tree,
              celValue(value, schema, timestampFromDate),
              old === undefined ? undefined : celValue(old, schema, timestampFromDate),
              root,
            ),
          ];
  };
}

function* broken(tree: RuleTree, self: CelInput, oldSelf: CelInput | undefined, path: Path): Generator<Problem> {
  for (const rule of tree.rules) {
    if (rule.isTransition && oldSelf === undefined) continue;
    if (!rule.holds(self, rule.isTransition ? oldSelf : undefined)) yield problem(rule, path);
  }
  if (self instanceof Map) {
    for (const [name, member] of tree.members) {
      const inner: CelInput | undefined = self.get(name);
      const oldInner: CelInput | undefined = oldSelf instanceof Map ? oldSelf.get(name) : undefined;
      if (inner !== undefined) yield* broken(member, inner, oldInner, [...path, name]);
    }
  }
  // Items of a list have no old value here, as for the server in atomic lists: no rule about a change stands below one.
  if (tree.items && Array.isArray(self)) {
    for (const [index, item] of self.entries()) yield* broken(tree.items, item, undefined, [...path, index]);
  }
}

/** A rule's message is `what is wrong; what to do`, or `what is wrong: what to do`. */
function problem({ message, fieldPath }: Rule, path: Path): Problem {
  const mark = message.includes('; ') ? message.indexOf('; ') : message.indexOf(': ');
  const [what, advice] = mark < 0 ? [message, ''] : [message.slice(0, mark), message.slice(mark + 2)];
  const more = (fieldPath ?? '').split('.').filter((segment) => segment !== '');
  return { path: [...path, ...more], part: 'value', message: what, advice };
}
