/**
 * Values of JSON's kind with hostile edits: a valid value in which some places hold what nobody expects there. A
 * place is found by a route of child numbers, so that edits reach shallow and deep places alike.
 */
import * as fc from 'fast-check';
import { MARK } from '../watch/prototypes.js';

/** Text that stands in JSON as it is, such as `1e309`, or a hundred thousand brackets. */
export class Raw {
  constructor(readonly text: string) {}
  toString(): string {
    return `Raw(${this.text.length > 40 ? `${this.text.slice(0, 40)}…` : this.text})`;
  }
}

const DEEP = 100_000;
const nested = (open: string, close: string): Raw => new Raw(open.repeat(DEEP) + close.repeat(DEEP));

export const NAMES = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'length', 'then'],
  ...['', ' ', '\0', '\u001b[2J', '\ud800', '../../etc/passwd', '/', 'a'.repeat(5000), 'toJSON', '🜁'],
];

const NUMBERS = [
  ...[NaN, Infinity, -Infinity],
  ...[-1, -0, 0.5, 1, 7, 255, 256, 65_536, 4_000_000, 4_000_001, 2 ** 31 - 1, 2 ** 31, 2 ** 32, -(2 ** 31)],
  ...[2 ** 53, 2 ** 53 - 1, 1e15, 1e300, 5e-324],
];
const RAW = [
  ...['1e309', '-1e309', '1e-400', '9007199254740993', '123456789012345678901234567890', '-0'].map(
    (text) => new Raw(text),
  ),
  nested('[', ']'),
  nested('{"a":', '}').text.replace('}', '1}'),
  new Raw('['.repeat(DEEP)),
].map((one) => (typeof one === 'string' ? new Raw(one) : one));

const pollution = { [MARK]: true };

/** Something that does not belong where it is put. */
export const hostile: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<unknown>(...NUMBERS) },
  { weight: 4, arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null], pollution) },
  { weight: 3, arbitrary: fc.constantFrom<unknown>(...NAMES) },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(...RAW) },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  { weight: 1, arbitrary: fc.array(fc.integer({ min: -2, max: 9 }), { maxLength: 6 }) },
  { weight: 1, arbitrary: fc.constant('x'.repeat(100_000)) },
);

interface Operation {
  readonly kind: 'replace' | 'insert' | 'remove' | 'repeat';
  /** What is put there. */
  readonly value?: unknown;
  /** Its key, where it is inserted into an object. */
  readonly name?: string;
}

export interface TreeEdit {
  readonly route: readonly number[];
  readonly operation: Operation;
}

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('replace' as const), value: hostile }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('insert' as const),
      value: fc.oneof(hostile, fc.constant(pollution)),
      name: fc.constantFrom(...NAMES),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('repeat' as const) }) },
);

export const treeEdit: fc.Arbitrary<TreeEdit> = fc.record({
  route: fc.array(fc.nat(400), { minLength: 1, maxLength: 6 }),
  operation,
});

/** A child of an object. Objects are lists of them here, so that a key may occur twice and be called anything. */
export type Member = [key: string, value: Tree];
export type Tree = { readonly members: Member[] } | { readonly items: Tree[] } | { readonly leaf: unknown };

export function toTree(value: unknown): Tree {
  if (Array.isArray(value)) return { items: value.map(toTree) };
  if (typeof value === 'object' && value !== null && !(value instanceof Raw) && !ArrayBuffer.isView(value)) {
    return { members: Object.entries(value).map(([key, child]): Member => [key, toTree(child)]) };
  }
  // A copy: edits change typed arrays in place.
  return { leaf: ArrayBuffer.isView(value) ? (value as NumberArray).slice() : value };
}

/** Changes `tree` in place. A route that leads nowhere ends at the last container on its way. */
export function applyEdit(tree: Tree, { route, operation }: TreeEdit): void {
  let node = tree;
  for (const [depth, step] of route.entries()) {
    const children: (Tree | Member)[] = childrenOf(node);
    if (children.length === 0) return;
    const index = step % children.length;
    const child = children[index] as Tree | Member;
    const next = Array.isArray(child) ? child[1] : child;
    const last = depth === route.length - 1 || childrenOf(next).length === 0;
    if (!last) {
      node = next;
      continue;
    }
    change(children, index, operation);
    return;
  }
}

function change(children: (Tree | Member)[], index: number, operation: Operation): void {
  const child = children[index] as Tree | Member;
  const tree = Array.isArray(child) ? child[1] : child;
  const named = (tree: Tree, name: string): Tree | Member => (Array.isArray(child) ? [name, tree] : tree);
  if (operation.kind === 'remove') children.splice(index, 1);
  else if (operation.kind === 'repeat') children.push(child);
  else if (operation.kind === 'insert') children.push(named(toTree(operation.value), operation.name ?? ''));
  else if (isArrayLeaf(tree) && typeof operation.value === 'number') spoil(tree.leaf, operation.value);
  else children[index] = named(toTree(operation.value), Array.isArray(child) ? child[0] : '');
}

/** A typed array, which stays one: one of its numbers changes. */
const isArrayLeaf = (tree: Tree): tree is { leaf: NumberArray } =>
  'leaf' in tree && ArrayBuffer.isView(tree.leaf);

type NumberArray = Float32Array | Float64Array | Int32Array | Uint32Array;

function spoil(array: NumberArray, value: number): void {
  if (array.length > 0) array[Math.abs(Math.trunc(value)) % array.length] = value;
}

const childrenOf = (tree: Tree): (Tree | Member)[] =>
  'members' in tree ? tree.members : 'items' in tree ? tree.items : [];

export function toJsonText(tree: Tree): string {
  if ('members' in tree) {
    return `{${tree.members.map(([key, child]) => `${JSON.stringify(key)}:${toJsonText(child)}`).join(',')}}`;
  }
  if ('items' in tree) return `[${tree.items.map(toJsonText).join(',')}]`;
  if (tree.leaf instanceof Raw) return tree.leaf.text;
  return JSON.stringify(tree.leaf) ?? 'null';
}

/** The value itself; a key `__proto__` becomes a property like any other, as JSON.parse makes it. */
export function toValue(tree: Tree): unknown {
  if ('members' in tree) return Object.fromEntries(tree.members.map(([key, child]) => [key, toValue(child)]));
  if ('items' in tree) return tree.items.map(toValue);
  return tree.leaf instanceof Raw ? parsed(tree.leaf.text) : tree.leaf;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
