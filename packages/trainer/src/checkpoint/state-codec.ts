/**
 * Snapshots as files hold them: JSON, with every typed array moved out into a tensor that is named by the JSON
 * pointer (RFC 6901) of its place. What comes back is equal to the last bit: -0, NaN and infinities included.
 * Keys that begin with `$` are written with one more `$`, so that no snapshot can be taken for a marker.
 */
import { ContractError, InputError } from '@ligature/core';
import type { Json, Snapshot } from '@ligature/core';
import type { SafetensorsTensor } from '@ligature/weight-sharing';

/** Deeper than any snapshot, far from the depth at which recursion ends. */
const MAX_DEPTH = 64;

/** The parts of a run, ready for `state.json` and `state.safetensors`. */
export interface EncodedState {
  readonly json: Json;
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>;
}

type SnapshotArray = Float32Array | Float64Array | Int32Array | Uint32Array;

const ARRAY_TYPES = { Float32Array, Float64Array, Int32Array, Uint32Array } as const;
/** Numbers that JSON has no word for. */
const NUMBERS = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
]);

/**
 * @param parts a snapshot for each part of a run, by name
 * @throws ContractError (`snapshot-invalid`) when a snapshot holds anything but JSON and the four array types
 */
export function encodeState(parts: Readonly<Record<string, Snapshot>>): EncodedState {
  const tensors = new Map<string, SafetensorsTensor>();
  const encode = (value: Snapshot, path: string, depth: number): Json => {
    if (depth > MAX_DEPTH) throw unwritable(path, `it is nested deeper than ${MAX_DEPTH} levels`);
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
    if (typeof value === 'number') return encodeNumber(value);
    if (Array.isArray(value)) {
      // Array.from visits holes too, which map would skip.
      return Array.from(value as readonly Snapshot[], (one, at) => encode(one, `${path}/${at}`, depth + 1));
    }
    if (typeof value !== 'object') throw unwritable(path, `it is of type ${typeof value}`);
    const type = arrayType(value);
    if (type !== undefined) {
      const data = value as SnapshotArray;
      tensors.set(path, { shape: [data.length], data });
      return { $array: type };
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      throw unwritable(path, `it is a ${(value as object).constructor.name}`);
    }
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => {
        const place = `${path}/${pointerToken(key)}`;
        if (key === '__proto__') throw unwritable(place, 'the key is reserved');
        return [key.startsWith('$') ? `$${key}` : key, encode(one as Snapshot, place, depth + 1)];
      }),
    );
  };
  return { json: encode(parts, '', 0), tensors };
}

/**
 * The parts again. Nothing in the arguments is trusted.
 *
 * @throws InputError (`state-invalid`) when the JSON is no encoded state, or it and the tensors disagree
 */
export function decodeState(
  json: unknown,
  tensors: ReadonlyMap<string, SafetensorsTensor>,
): Record<string, Snapshot> {
  const unused = new Set(tensors.keys());
  const decode = (value: unknown, path: string, depth: number): Snapshot => {
    if (depth > MAX_DEPTH) throw invalid(path, `it is nested deeper than ${MAX_DEPTH} levels`);
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
    if (typeof value === 'number') return value;
    if (Array.isArray(value)) return value.map((one, at) => decode(one, `${path}/${at}`, depth + 1));
    if (typeof value !== 'object') throw invalid(path, `it is of type ${typeof value}`);
    if (Object.hasOwn(value, '$array')) {
      unused.delete(path);
      return decodeArray(value, tensors.get(path), path);
    }
    if (Object.hasOwn(value, '$number')) return decodeNumber(value, path);
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => {
        const name = key.startsWith('$') ? key.slice(1) : key;
        const place = `${path}/${pointerToken(name)}`;
        if (key === '__proto__') throw invalid(place, 'the key is reserved');
        if (key.startsWith('$') && !name.startsWith('$')) throw invalid(place, `"${key}" is no known marker`);
        return [name, decode(one, place, depth + 1)];
      }),
    );
  };
  const parts = decode(json, '', 0);
  if (parts === null || typeof parts !== 'object' || Array.isArray(parts) || arrayType(parts) !== undefined) {
    throw invalid('', 'it is no object of parts');
  }
  const [stray] = unused;
  if (stray !== undefined) throw invalid(stray, 'there is a tensor of that name, but nothing refers to it');
  return parts as Record<string, Snapshot>;
}

function encodeNumber(value: number): Json {
  if (Number.isFinite(value) && !Object.is(value, -0)) return value;
  return { $number: Object.is(value, -0) ? '-0' : String(value) };
}

function decodeNumber(marker: object, path: string): number {
  const { $number: text } = marker as { $number: unknown };
  const number = typeof text === 'string' ? NUMBERS.get(text) : undefined;
  if (number === undefined || Object.keys(marker).length > 1) throw invalid(path, 'it is no known number');
  return number;
}

function decodeArray(marker: object, tensor: SafetensorsTensor | undefined, path: string): SnapshotArray {
  const { $array: type } = marker as { $array: unknown };
  if (typeof type !== 'string' || !Object.hasOwn(ARRAY_TYPES, type) || Object.keys(marker).length > 1) {
    throw invalid(path, 'it is no known type of array');
  }
  if (tensor === undefined) throw invalid(path, 'there is no tensor of that name');
  if (tensor.shape.length !== 1 || arrayType(tensor.data) !== type) {
    throw invalid(path, `its tensor is no list of the type ${type}`);
  }
  return tensor.data as SnapshotArray;
}

function arrayType(value: object): string | undefined {
  return Object.entries(ARRAY_TYPES).find(([, type]) => value instanceof type)?.[0];
}

const pointerToken = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

function unwritable(path: string, found: string): ContractError {
  return new ContractError('snapshot-invalid', {
    asked: `Save the state at "${path}"`,
    found,
    todo: 'Let snapshots hold JSON, Float32Array, Float64Array, Int32Array and Uint32Array only',
  });
}

function invalid(path: string, found: string): InputError {
  return new InputError('state-invalid', {
    asked: `Read the saved state at "${path}"`,
    found,
    todo: 'Resume from another checkpoint',
  });
}
