/** The reader of weight files. What it accepts must survive writing and reading again. */
import { decodeSafetensors, encodeSafetensors, type SafetensorsFile } from '@ligature/weight-sharing';
import * as fc from 'fast-check';
import { damaged, strangers, toBytes } from '../generate/bytes.js';
import { applyEdit, toJsonText, toTree, treeEdit } from '../generate/trees.js';
import { defineTarget, Violation } from '../target.js';

const FILES: readonly SafetensorsFile[] = [
  {
    tensors: new Map([
      ['wte', { shape: [2, 3], data: Float32Array.of(1, -0, Infinity, 4, NaN, 6) }],
      ['ids', { shape: [3], data: Int32Array.of(1, -2, 3) }],
      ['words', { shape: [2], data: Uint32Array.of(1, 2 ** 32 - 1) }],
      ['exact', { shape: [1, 1], data: Float64Array.of(0.1) }],
      ['none', { shape: [0, 5], data: new Float32Array(0) }],
      ['scalar', { shape: [], data: Uint8Array.of(7) }],
    ]),
    metadata: { tieMap: '[0,0]', format: 'pt' },
  },
  { tensors: new Map(), metadata: {} },
];

const ELEMENT_BYTES: Readonly<Record<string, number>> = {
  ...{ F16: 2, BF16: 2, F32: 4, F64: 8, I64: 8, F8_E4M3: 1, BOOL: 1, U8: 1 },
};
const mostly = <T>(value: T, other: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: other });

/** A header with edits in front of the data of a valid file; the length field may say something else. */
const structured = fc
  .tuple(
    fc.array(treeEdit, { maxLength: 2 }),
    mostly(0, fc.integer({ min: -20, max: 20 })),
    mostly(0, fc.integer({ min: -9, max: 9 })),
    fc.constantFrom(...Object.keys(ELEMENT_BYTES)),
  )
  .map(([edits, extra, lie, type]) => {
    const first = 4 * (ELEMENT_BYTES[type] as number);
    const tree = toTree({
      __metadata__: { tieMap: '[0,0,1]' },
      a: { dtype: type, shape: [2, 2], data_offsets: [0, first] },
      b: { dtype: 'U8', shape: [8], data_offsets: [first, first + 8] },
    });
    for (const one of edits) applyEdit(tree, one);
    const header = toBytes(toJsonText(tree));
    const bytes = new Uint8Array(8 + header.length + Math.max(0, first + 8 + extra));
    new DataView(bytes.buffer).setBigUint64(0, BigInt(Math.max(0, header.length + lie)), true);
    bytes.set(header, 8);
    return bytes;
  });

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

export const safetensors = defineTarget({
  name: 'safetensors',
  reads: 'bytes of a .safetensors file',
  input: fc.oneof(
    { weight: 6, arbitrary: structured },
    { weight: 4, arbitrary: damaged(fc.constantFrom(...FILES.map(encodeSafetensors))) },
    { weight: 1, arbitrary: strangers },
  ),
  prepare: (bytes) => () => {
    const file = decodeSafetensors(bytes);
    const stored = [...file.tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
    if (stored > 2 * bytes.length) throw new Violation(`${bytes.length} bytes became ${stored}`);
    const written = encodeSafetensors(file);
    if (!same(encodeSafetensors(decodeSafetensors(written)), written)) {
      throw new Violation('what was read is not what is written');
    }
    return file;
  },
});
