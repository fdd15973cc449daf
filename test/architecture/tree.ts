/** An ESTree node as the parser gives it; members are narrowed where they are read. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [member: string]: unknown;
}

/** Visits a node and all below it, in order; `visit` answers 'skip' to leave out what is below. */
export function walk(node: Node, visit: (node: Node) => 'skip' | undefined | void): void {
  if (visit(node) === 'skip') return;
  for (const member of Object.values(node)) {
    for (const child of Array.isArray(member) ? member : [member]) if (isNode(child)) walk(child, visit);
  }
}

/** Identifiers that are read as values and that the file does not declare itself: its globals. */
export function globalsOf(program: Node): readonly Node[] {
  const declared = declaredNames(program);
  return valuesOf(program).filter((node) => !declared.has(String(node['name'])));
}

/** `Object.member`, where the node is a plain member access on an identifier. */
export function dotted(node: Node): string | undefined {
  if (node.type !== 'MemberExpression' || node['computed'] === true) return undefined;
  const [object, property] = [node['object'], node['property']];
  return isNode(object) && object.type === 'Identifier' && isNode(property)
    ? `${String(object['name'])}.${String(property['name'])}`
    : undefined;
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

export const isFunction = (node: Node): boolean =>
  node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression';

/** Types are erased before anything runs; these wrap a value. */
export const isErased = (node: Node): boolean =>
  node.type.startsWith('TS') && !['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression'].includes(node.type);

/** Members that hold a name, not a value, unless computed. */
const NAMES: Readonly<Record<string, string>> = {
  MemberExpression: 'property',
  Property: 'key',
  MethodDefinition: 'key',
  PropertyDefinition: 'key',
};

function valuesOf(program: Node): readonly Node[] {
  const values: Node[] = [];
  const names = new Set<unknown>();
  walk(program, (node) => {
    if (isErased(node) || node.type.startsWith('Import') || node.type === 'ExportSpecifier') {
      return node.type === 'ImportExpression' ? undefined : 'skip';
    }
    const name = NAMES[node.type];
    if (name !== undefined && node['computed'] !== true) names.add(node[name]);
    if (node.type === 'Identifier' && !names.has(node)) values.push(node);
    return undefined;
  });
  return values;
}

function declaredNames(program: Node): ReadonlySet<string> {
  const declared = new Set<string>();
  const bind = (pattern: unknown): void => {
    if (!isNode(pattern)) return;
    if (pattern.type === 'Identifier') declared.add(String(pattern['name']));
    for (const part of [
      pattern['left'],
      pattern['argument'],
      pattern['value'],
      ...list(pattern['properties']),
      ...list(pattern['elements']),
    ]) {
      bind(part);
    }
  };
  walk(program, (node) => {
    if (node.type === 'VariableDeclarator' || node.type.startsWith('Class') || isFunction(node)) bind(node['id']);
    if (isFunction(node)) list(node['params']).forEach(bind);
    if (node.type === 'CatchClause') bind(node['param']);
    if (node.type.startsWith('Import')) bind(node['local']);
  });
  return declared;
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
