/** Bytes that were a valid file before something happened to them, and bytes that never were. */
import * as fc from 'fast-check';

type Edit = (bytes: Uint8Array) => Uint8Array;

const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
/** A place in a file of any length: a share of it, so that small files shrink to small cases. */
const place = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1));
const at = (bytes: Uint8Array, share: number): number => Math.floor(share * bytes.length);
const some = fc.uint8Array({ maxLength: 40 });

const LENGTHS = [
  0n,
  1n,
  7n,
  8n,
  255n,
  65_535n,
  100_000_001n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n,
  2n ** 64n - 1n,
];

const edit: fc.Arbitrary<Edit> = fc.oneof(
  // A flipped bit.
  fc.tuple(place, fc.nat(7)).map(([share, bit]): Edit => (bytes) => {
    const copy = bytes.slice();
    const index = Math.min(at(bytes, share), bytes.length - 1);
    if (index >= 0) copy[index] = (copy[index] as number) ^ (1 << bit);
    return copy;
  }),
  // Cut off.
  place.map(
    (share): Edit =>
      (bytes) =>
        bytes.slice(0, at(bytes, share)),
  ),
  // Something in between, or over it.
  fc.tuple(place, some, fc.boolean()).map(([share, piece, over]): Edit => (bytes) => {
    const index = at(bytes, share);
    return join(bytes.slice(0, index), piece, bytes.slice(index + (over ? piece.length : 0)));
  }),
  // A part missing.
  fc.tuple(place, place).map(([a, b]): Edit => (bytes) => {
    const [from, to] = [at(bytes, Math.min(a, b)), at(bytes, Math.max(a, b))];
    return join(bytes.slice(0, from), bytes.slice(to));
  }),
  // A part twice, somewhere else.
  fc.tuple(place, place, place).map(([a, b, to]): Edit => (bytes) => {
    const part = bytes.slice(at(bytes, Math.min(a, b)), at(bytes, Math.max(a, b)));
    return join(bytes.slice(0, at(bytes, to)), part, bytes.slice(at(bytes, to)));
  }),
  // A length field that says something else.
  fc
    .tuple(fc.constantFrom(...LENGTHS), fc.oneof(fc.constant(0), place))
    .map(([length, share]): Edit => (bytes) => {
      const field = new Uint8Array(8);
      new DataView(field.buffer).setBigUint64(0, length, true);
      const index = at(bytes, share);
      return join(bytes.slice(0, index), field, bytes.slice(index + 8));
    }),
);

/** A zip archive of nothing, and the starts of other files that are often taken for what they are not. */
const STRANGERS = [
  Uint8Array.of(0x50, 0x4b, 5, 6, ...new Uint8Array(18)),
  Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0),
  Uint8Array.of(0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0),
  Uint8Array.of(0xef, 0xbb, 0xbf),
  Uint8Array.of(0xff, 0xfe, 0x7b, 0),
  new Uint8Array(0),
  new Uint8Array(64),
  new Uint8Array(64).fill(0xff),
];

/** @param valid whole files */
export function damaged(valid: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(valid, fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([bytes, edits]) => edits.reduce((result, one) => one(result), bytes));
}

export const strangers: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(...STRANGERS) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 300 }) },
);

export const toBytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf8'));
