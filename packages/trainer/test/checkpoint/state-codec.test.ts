import { InputError, type Snapshot } from '@ligature/core';
import { decodeSafetensors, encodeSafetensors } from '@ligature/weight-sharing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeState, encodeState } from '../../src/node.js';

/** Through the very bytes that a checkpoint holds. */
function throughFiles(parts: Record<string, Snapshot>): Record<string, Snapshot> {
  const { json, tensors } = encodeState(parts);
  const bytes = encodeSafetensors({ tensors, metadata: {} });
  return decodeState(JSON.parse(JSON.stringify(json)), decodeSafetensors(bytes).tensors);
}

const bytesOf = (array: Float32Array | Float64Array | Int32Array | Uint32Array): number[] => [
  ...new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
];

/** Bits are compared where `toEqual` would take all NaNs for one. */
function expectSame(found: Snapshot, wanted: Snapshot): void {
  expect(Object.prototype.toString.call(found)).toBe(Object.prototype.toString.call(wanted));
  if (ArrayBuffer.isView(wanted)) {
    expect(bytesOf(found as Float32Array)).toEqual(bytesOf(wanted as Float32Array));
  } else if (typeof wanted === 'object' && wanted !== null) {
    expect(Object.keys(found as object)).toEqual(Object.keys(wanted));
    for (const [key, value] of Object.entries(wanted)) {
      expectSame((found as Record<string, Snapshot>)[key] as Snapshot, value as Snapshot);
    }
  } else expect(found).toBe(wanted);
}

const key = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '$array',
    '$number',
    '$$',
    '$',
    'a/b',
    'a~1b',
    '~',
    '',
    'constructor',
    'length',
    '\ud800',
    '0',
  ),
);
const array = fc.oneof(
  fc.float32Array(),
  fc.float64Array(),
  fc.int32Array(),
  fc.uint32Array(),
  // All bit patterns, those of NaNs too; a view that begins inside its buffer.
  fc.uint8Array({ minLength: 4, maxLength: 24 }).map((bytes) => {
    const copy = Uint8Array.from([...bytes.subarray(bytes.length % 4), 0, 0, 0, 0]);
    return new Float32Array(copy.buffer, 4);
  }),
);
const { snapshot } = fc.letrec<{ snapshot: Snapshot; object: Record<string, Snapshot> }>((tie) => ({
  snapshot: fc.oneof(
    { maxDepth: 5, depthSize: 'medium' },
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.string({ unit: 'binary' }),
    array,
    fc.array(tie('snapshot'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.dictionary(
    key.filter((one) => one !== '__proto__'),
    tie('snapshot'),
    { maxKeys: 5, noNullPrototype: true },
  ),
}));

describe('the state of a run in files', () => {
  it('comes back to the last bit, whatever a snapshot holds', () => {
    const parts = fc.dictionary(
      key.filter((one) => one !== '__proto__'),
      snapshot,
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(parts, (state) => expectSame(throughFiles(state), state)),
      { numRuns: 500 },
    );
  });

  it('keeps what JSON loses', () => {
    const numbers = [-0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 2 ** 53 + 2];
    const state = { a: { numbers, empty: new Int32Array(0), 'x/y': new Float32Array([-0, Number.NaN]) } };
    expectSame(throughFiles(state), state);
    expect([...encodeState(state).tensors.keys()]).toEqual(['/a/empty', '/a/x~1y']);
  });

  it.each([
    ['undefined', undefined],
    ['a hole', new Array(1)],
    ['a map', new Map()],
    ['a big integer', 1n],
    ['a function', () => 0],
    ['bytes', new Uint8Array(1)],
    ['an expression', /x/],
    ['the prototype key', JSON.parse('{"__proto__": 1}')],
    ['a circle', Object.assign([] as unknown[], { 0: null })],
  ])('is not saved with %s in it, and says where', (what, value) => {
    if (what === 'a circle') (value as unknown[])[0] = value;
    expect(() => encodeState({ part: { inner: [value as Snapshot] } })).toThrow(
      expect.objectContaining({
        code: 'snapshot-invalid',
        message: expect.stringContaining('/part/inner/0'),
      }),
    );
  });

  const list = { shape: [2], data: new Float32Array(2) };
  it.each([
    ['no object', '[]', {}],
    ['an array of parts', '{"$array": "Float32Array"}', { '': list }],
    ['the prototype key', '{"a": {"__proto__": {"polluted": true}}}', {}],
    ['an unknown marker', '{"a": {"$code": "process.exit()"}}', {}],
    ['a number that is none', '{"a": {"$number": "0x10"}}', {}],
    ['a number with company', '{"a": {"$number": "NaN", "b": 1}}', {}],
    ['an inherited array type', '{"a": {"$array": "constructor"}}', { '/a': list }],
    ['a missing tensor', '{"a": {"$array": "Float32Array"}}', {}],
    ['a tensor of another type', '{"a": {"$array": "Int32Array"}}', { '/a': list }],
    ['a matrix', '{"a": {"$array": "Float32Array"}}', { '/a': { shape: [1, 2], data: list.data } }],
    ['a tensor too many', '{"a": 1}', { '/a': list }],
    ['deep nesting', `{"a": ${'['.repeat(70)}${']'.repeat(70)}}`, {}],
  ])('is refused with %s', (_, json, tensors) => {
    expect(() => decodeState(JSON.parse(json), new Map(Object.entries(tensors)))).toThrow(
      expect.objectContaining({ name: 'InputError', code: 'state-invalid' }),
    );
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('is read or refused, never anything else, from any JSON', () => {
    const names = fc.constantFrom('$array', '$number', '$$', '__proto__', 'a');
    const leaf = fc.constantFrom('Float32Array', 'NaN', 1, null, 'Uint8Array');
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value')), fc.dictionary(names, tie('value'))),
    }));
    fc.assert(
      fc.property(fc.dictionary(names, value), fc.boolean(), (json, withTensor) => {
        let parts: Record<string, Snapshot>;
        try {
          parts = decodeState(json, new Map(withTensor ? [['/a', list]] : []));
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
          return;
        }
        // There is one way to write a state: what is read would be written as it was found.
        expect(encodeState(parts).json).toEqual({ ...json });
      }),
      { numRuns: 1000 },
    );
  });
});
