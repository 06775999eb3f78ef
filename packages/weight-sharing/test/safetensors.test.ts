import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { InputError } from '@ligature/core';
import { decodeSafetensors, encodeSafetensors, type SafetensorsTensor } from '../src/index.js';

/** A file written by hand, as the format's description says. */
function file(header: string | object, data: Uint8Array | number[] = [], length?: bigint): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

const entry = (dtype: string, shape: unknown, data_offsets: unknown): object => ({
  dtype,
  shape,
  data_offsets,
});

describe('decodeSafetensors', () => {
  it('reads every element type, unaligned, from its little-endian bytes', () => {
    const header = {
      __metadata__: { format: 'pt' },
      byte: entry('U8', [3], [0, 3]),
      float: entry('F32', [1, 2], [3, 11]),
      double: entry('F64', [1], [11, 19]),
      int: entry('I32', [1], [19, 23]),
      unsigned: entry('U32', [], [23, 27]),
      half: entry('F16', [6], [27, 39]),
      brain: entry('BF16', [3], [39, 45]),
      empty: entry('F32', [0, 7], [45, 45]),
    };
    const data = [
      ...[1, 2, 255],
      ...[0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0], // 1, -2
      ...[0, 0, 0, 0, 0, 0, 0xe0, 0x3f], // 0.5
      ...[0xfe, 0xff, 0xff, 0xff], // -2
      ...[0xfe, 0xff, 0xff, 0xff], // 4294967294
      // IEEE 754 binary16: 1, largest, smallest subnormal, about 1/3, -inf, NaN
      ...[0x00, 0x3c, 0xff, 0x7b, 0x01, 0x00, 0x55, 0x35, 0x00, 0xfc, 0x01, 0x7e],
      ...[0x80, 0x3f, 0x49, 0x40, 0x80, 0xff], // 1, 3.140625 (pi in bfloat16), -inf
    ];
    const { tensors, metadata } = decodeSafetensors(file(header, data));
    expect(metadata).toEqual({ format: 'pt' });
    const read = Object.fromEntries([...tensors].map(([name, one]) => [name, [one.shape, [...one.data]]]));
    expect(read).toEqual({
      byte: [[3], [1, 2, 255]],
      float: [
        [1, 2],
        [1, -2],
      ],
      double: [[1], [0.5]],
      int: [[1], [-2]],
      unsigned: [[], [4294967294]],
      half: [[6], [1, 65504, 2 ** -24, 0.333251953125, -Infinity, NaN]],
      brain: [[3], [1, 3.140625, -Infinity]],
      empty: [[0, 7], []],
    });
    expect(tensors.get('half')?.data).toBeInstanceOf(Float32Array);
    expect(tensors.get('brain')?.data).toBeInstanceOf(Float32Array);
  });

  it('reads integers of every width, and metadata that is null', () => {
    const data = [
      ...[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], // -2
      ...[0, 0, 0, 0, 0, 0, 0, 0x80], // 2^63
      ...[0xfe, 0xff, 0xff, 0xff, 0xfe, 1],
    ];
    const header = {
      __metadata__: null,
      long: entry('I64', [1], [0, 8]),
      unsignedLong: entry('U64', [], [8, 16]),
      short: entry('I16', [1], [16, 18]),
      unsignedShort: entry('U16', [1], [18, 20]),
      byte: entry('I8', [1], [20, 21]),
      truth: entry('BOOL', [1], [21, 22]),
    };
    const { tensors, metadata } = decodeSafetensors(file(header, data));
    expect(metadata).toEqual({});
    expect([...tensors.values()].map(({ data: [value] }) => value)).toEqual([-2, 2 ** 63, -2, 65535, -2, 1]);
  });

  it('copies: the file may be overwritten afterwards, and may itself be a part of a buffer', () => {
    const bytes = file({ a: entry('U8', [1], [0, 1]) }, [7]);
    const padded = new Uint8Array(bytes.length + 3);
    padded.set(bytes, 3);
    const { tensors } = decodeSafetensors(padded.subarray(3));
    padded.fill(0);
    expect([...(tensors.get('a')?.data ?? [])]).toEqual([7]);
  });

  it('treats __proto__ and constructor as names like any other', () => {
    const bytes = file(
      '{"__metadata__":{"__proto__":"m"},"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},' +
        '"constructor":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}',
      [1, 2],
    );
    const { tensors, metadata } = decodeSafetensors(bytes);
    expect([...tensors.keys()]).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(metadata)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['dtype']).toBeUndefined();
  });

  const a = entry('F32', [1], [0, 4]);
  it.each<[string, Uint8Array, RegExp]>([
    ['no bytes', new Uint8Array(0), /0 bytes/],
    ['a header longer than the file', file({}, [], 100n), /only 2 follow/],
    ['a header length of 2^63', file({}, [], 2n ** 63n), /declares a header of 9223372036854775808/],
    ['a header that is no JSON', file('{"a":'), /no JSON/],
    ['a header that is no UTF-8', file({ a }, [], 3n).fill(0xff, 8), /no JSON/],
    ['a header that is a list', file('[]'), /no JSON object/],
    ['a header with a space first', file(' {}'), /no JSON object/],
    ['a deep header', file('['.repeat(200_000)), /no JSON/],
    ['an entry that is a number', file({ a: 1 }), /is no object/],
    ['an entry with a further field', file({ a: { ...a, x: 1 } }, [0, 0, 0, 0]), /unknown field "x"/],
    ['a polluting entry', file('{"a":{"__proto__":{"dtype":"F32"}}}'), /unknown field "__proto__"/],
    ['an unknown type', file({ a: entry('F8_E4M3', [1], [0, 1]) }, [0]), /type "F8_E4M3"/],
    ['a type named like a method', file({ a: entry('toString', [1], [0, 1]) }, [0]), /type "toString"/],
    ['a negative length', file({ a: entry('F32', [-1], [0, 4]) }, [0, 0, 0, 0]), /no list of lengths/],
    ['a fractional length', file({ a: entry('F32', [1.5], [0, 4]) }, [0, 0, 0, 0]), /no list of lengths/],
    ['a huge shape', file({ a: entry('F32', [2 ** 40, 2 ** 40], [0, 4]) }, [0, 0, 0, 0]), /needs/],
    ['a shape beyond integers', file({ a: entry('F32', [2 ** 60], [0, 4]) }, [0, 0, 0, 0]), /lengths/],
    ['a shape that says less', file({ a: entry('F32', [1], [0, 8]) }, new Uint8Array(8)), /needs 4 bytes/],
    ['offsets out of range', file({ a }, [0, 0, 0]), /bytes 0 to 4 of 3/],
    ['offsets in reverse', file({ a: entry('F32', [1], [4, 0]) }, [0, 0, 0, 0]), /bytes 4 to 0/],
    ['one offset', file({ a: entry('F32', [1], [0]) }, [0, 0, 0, 0]), /pair of offsets/],
    ['an overlap', file({ a, b: entry('F32', [1], [2, 6]) }, new Uint8Array(6)), /overlaps/],
    ['two names for one place', file({ a, b: a }, new Uint8Array(4)), /overlaps/],
    ['a gap', file({ a, b: entry('F32', [1], [8, 12]) }, new Uint8Array(12)), /gap/],
    ['bytes at the end', file({ a }, new Uint8Array(5)), /1 bytes at its end/],
    ['metadata of numbers', file({ __metadata__: { a: 1 } }), /object of strings/],
    ['a name twice', file('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0061":{}}'), /"a" twice/],
    [
      'a field twice',
      file('{"a":{"dtype":"U8","shape":[0],"shape":[0],"data_offsets":[0,0]}}'),
      /"shape" twice/,
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes)).toThrow(message);
    expect(() => decodeSafetensors(bytes)).toThrow(InputError);
  });

  it('never throws anything but InputError, whatever the bytes', () => {
    const good = encodeSafetensors({
      tensors: new Map([['a', { shape: [2], data: new Float32Array([1, 2]) }]]),
      metadata: { format: 'pt' },
    });
    const changes = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 4 });
    fc.assert(
      fc.property(changes, fc.nat(good.length), (edits, length) => {
        const bytes = good.slice(0, length);
        for (const [at, value] of edits) if (at < length) bytes[at] = value;
        try {
          decodeSafetensors(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('encodeSafetensors', () => {
  it('writes the format: length, padded header, aligned data, widest type first', () => {
    const bytes = encodeSafetensors({
      tensors: new Map<string, SafetensorsTensor>([
        ['b', { shape: [1], data: new Uint8Array([9]) }],
        ['a', { shape: [1], data: new Float32Array([1]) }],
      ]),
      metadata: { k: 'v' },
    });
    const header =
      '{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},' +
      '"b":{"dtype":"U8","shape":[1],"data_offsets":[4,5]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    expect(bytes).toEqual(file(padded, [0, 0, 0x80, 0x3f, 9]));
  });

  it('gives back what it was given, whatever the names', () => {
    const arrays = fc.oneof(
      fc.float32Array({ noNaN: true, maxLength: 9 }),
      fc.float64Array({ noNaN: true, maxLength: 9 }),
      fc.int32Array({ maxLength: 9 }),
      fc.uint32Array({ maxLength: 9 }),
      fc.uint8Array({ maxLength: 9 }),
    );
    const names = fc.string({ unit: 'grapheme' }).filter((name) => name !== '__metadata__');
    const metadata = fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(names, arrays)), metadata, (list, info) => {
        const tensors = new Map(list.map(([name, data]) => [name, { shape: [data.length], data }]));
        const decoded = decodeSafetensors(encodeSafetensors({ tensors, metadata: info }));
        expect(new Map(decoded.tensors)).toEqual(tensors);
        expect(decoded.metadata).toEqual(info);
      }),
    );
  });

  it('refuses a shape that its data does not fill, and the reserved name', () => {
    const one =
      (name: string, shape: number[]): (() => Uint8Array) =>
      () =>
        encodeSafetensors({ tensors: new Map([[name, { shape, data: new Float32Array(2) }]]), metadata: {} });
    expect(one('a', [3])).toThrow(/2 elements/);
    expect(one('__metadata__', [2])).toThrow(/reserved/);
  });
});
