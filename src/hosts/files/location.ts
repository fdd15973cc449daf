import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
} from 'yaml';
import type { Lines, Place } from './lines.ts';

export type Path = readonly (string | number)[];

/** Where fields of one YAML document stand. Asked only when there is something to report. */
export interface Locator {
  /** The place of the field, or of the nearest one above it that is written down. */
  locate(path: Path, part?: 'key' | 'value'): Place;
}

export function createLocator(document: Document, lines: Lines): Locator {
  return {
    locate(path, part = 'value') {
      let node = resolve(document.contents, document);
      let at = startOf(node) ?? document.range?.[0] ?? 0;
      for (const [index, segment] of path.entries()) {
        const pair = entryOf(node, segment, document);
        const value = isPair(pair) ? pair.value : pair;
        const key = isPair(pair) && isNode(pair.key) ? startOf(pair.key) : undefined;
        node = resolve(value, document);
        const last = index === path.length - 1;
        // A collection is named by its key: its first value says little about where it begins.
        const written = last && part === 'key' ? key : isCollection(node) || node === undefined ? key : startOf(value);
        if (written === undefined && pair === undefined) break;
        at = written ?? startOf(value) ?? at;
      }
      return lines.place(at);
    },
  };
}

/** `spec.storage.fileNamePrefix[0]`, as Kubernetes writes paths. */
export function fieldName(path: Path): string {
  let text = '';
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else if (!/^[A-Za-z_$][\w$-]*$/.test(segment)) text += `[${segment}]`;
    else text += text === '' ? segment : `.${segment}`;
  }
  return text;
}

function entryOf(node: Node | undefined, segment: string | number, document: Document): Node | Pair | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(segment)];
    return isNode(item) ? item : undefined;
  }
  if (!isMap(node)) return undefined;
  const name = String(segment);
  const own = node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === name);
  return own ?? mergedEntry(node, name, document);
}

/** A member that came in by `<<`. */
function mergedEntry(node: Node, name: string, document: Document): Node | Pair | undefined {
  if (!isMap(node)) return undefined;
  for (const { key, value } of node.items) {
    if (!isScalar(key) || key.source !== '<<') continue;
    const source = resolve(value, document);
    for (const one of isSeq(source) ? source.items : [source]) {
      const map = resolve(one, document);
      const found = isMap(map) ? entryOf(map, name, document) : undefined;
      if (found) return found;
    }
  }
  return undefined;
}

const resolve = (node: unknown, document: Document): Node | undefined =>
  isAlias(node) ? node.resolve(document) : isNode(node) ? node : undefined;

const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);
