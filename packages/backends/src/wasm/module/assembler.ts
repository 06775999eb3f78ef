/**
 * A WebAssembly assembler of the size that one module needs: expressions are nested byte lists, a function is
 * its parameters, its locals and its body. Only i32, f32 and v128; memory is always imported.
 * Source of every opcode: WebAssembly core specification 2.0, section 5 (binary format).
 */

/** Instructions in binary form; nesting has no meaning. */
export type Code = readonly (number | Code)[];

export interface WasmFunction {
  readonly name: string;
  /** All parameters are i32 (addresses, counts, strides); there are no results. */
  readonly parameters: number;
  readonly localsI32: number;
  readonly localsV128: number;
  readonly body: Code;
}

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  do {
    const byte = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? byte : byte | 0x80);
  } while (rest !== 0);
  return bytes;
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0)) {
      return [...bytes, byte];
    }
    bytes.push(byte | 0x80);
  }
}

const simd = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];

export const get = (local: number): Code => [0x20, unsigned(local)];
export const set = (local: number, value: Code): Code => [value, 0x21, unsigned(local)];
export const constant = (value: number): Code => [0x41, signed(value)];
export const add = (left: Code, right: Code): Code => [left, right, 0x6a];
export const subtract = (left: Code, right: Code): Code => [left, right, 0x6b];
export const multiply = (left: Code, right: Code): Code => [left, right, 0x6c];
export const and = (left: Code, right: Code): Code => [left, right, 0x71];
export const lessUnsigned = (left: Code, right: Code): Code => [left, right, 0x49];
export const lessOrEqualUnsigned = (left: Code, right: Code): Code => [left, right, 0x4d];
export const equal = (left: Code, right: Code): Code => [left, right, 0x46];
export const not = (value: Code): Code => [value, 0x45];
export const call = (index: number, ...values: readonly Code[]): Code => [values, 0x10, unsigned(index)];

/** local += value */
export const increase = (local: number, value: Code): Code => set(local, add(get(local), value));

// The second byte is the alignment hint (2: four bytes); tfjs's allocator promises no more than that for tensors.
export const loadF32 = (address: Code, offset = 0): Code => [address, 0x2a, 2, unsigned(offset)];
export const storeF32 = (address: Code, value: Code, offset = 0): Code => [
  address,
  value,
  0x38,
  2,
  unsigned(offset),
];
export const zeroF32: Code = [0x43, 0, 0, 0, 0];
export const addF32 = (left: Code, right: Code): Code => [left, right, 0x92];

export const loadV128 = (address: Code, offset = 0): Code => [address, simd(0x00), 2, unsigned(offset)];
export const storeV128 = (address: Code, value: Code, offset = 0): Code => [
  address,
  value,
  simd(0x0b),
  2,
  unsigned(offset),
];
/** Loads one float into all four lanes. */
export const loadSplat = (address: Code, offset = 0): Code => [address, simd(0x09), 2, unsigned(offset)];
export const zeroV128: Code = [simd(0x0c), new Array<number>(16).fill(0)];
export const addV128 = (left: Code, right: Code): Code => [left, right, simd(0xe4)];
export const multiplyV128 = (left: Code, right: Code): Code => [left, right, simd(0xe6)];
/** The first of the four lanes. */
export const firstLane = (value: Code): Code => [value, simd(0x1f), 0];
/** Lanes 0..3 of the result, each one of the floats 0..3 of `left` or 4..7 of `right`. */
export const shuffle = (left: Code, right: Code, lanes: readonly number[]): Code => [
  left,
  right,
  simd(0x0d),
  lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => lane * 4 + byte)),
];

export const when = (condition: Code, then: Code, otherwise?: Code): Code =>
  otherwise === undefined
    ? [condition, 0x04, 0x40, then, 0x0b]
    : [condition, 0x04, 0x40, then, 0x05, otherwise, 0x0b];

/** while (condition) body */
export const loopWhile = (condition: Code, body: Code): Code => [
  [0x02, 0x40, 0x03, 0x40],
  [not(condition), 0x0d, 1],
  body,
  [0x0c, 0, 0x0b, 0x0b],
];

/** do body while (condition): one branch a turn, for innermost loops. */
export const loopUntilNot = (body: Code, condition: Code): Code => [
  0x03,
  0x40,
  body,
  condition,
  0x0d,
  0,
  0x0b,
];

function flatten(code: Code, into: number[] = []): number[] {
  for (const part of code) {
    if (typeof part === 'number') into.push(part);
    else flatten(part, into);
  }
  return into;
}

const list = (items: readonly (readonly number[])[]): number[] => [
  ...unsigned(items.length),
  ...items.flat(),
];
const section = (id: number, content: readonly number[]): number[] => [
  id,
  ...unsigned(content.length),
  ...content,
];
const text = (value: string): number[] => [...unsigned(value.length), ...new TextEncoder().encode(value)];

/** The bytes of a module that imports the memory `host.memory` and exports every function under its name. */
export function assemble(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const I32 = 0x7f;
  const V128 = 0x7b;
  const types = functions.map((f) => [
    0x60,
    ...unsigned(f.parameters),
    ...new Array<number>(f.parameters).fill(I32),
    0,
  ]);
  const bodies = functions.map((f) => {
    const locals = list([
      [...unsigned(f.localsI32), I32],
      [...unsigned(f.localsV128), V128],
    ]);
    const code = [...locals, ...flatten(f.body), 0x0b];
    return [...unsigned(code.length), ...code];
  });
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(types)),
    ...section(2, list([[...text('host'), ...text('memory'), 2, 0, 0]])),
    ...section(3, list(functions.map((_, index) => unsigned(index)))),
    ...section(7, list(functions.map((f, index) => [...text(f.name), 0, ...unsigned(index)]))),
    ...section(10, list(bodies)),
  ]);
}

/** Numbers a function's i32 parameters and locals by name, in order. */
export function numbered<Name extends string>(...names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name, index) => [name, index])) as Record<Name, number>;
}
