/**
 * Packs a block of an operand for the register tile. Reads any strides, so that a transposed operand costs no
 * transposition. A packed block holds panels of `width` rows (or columns): for every step of the inner dimension
 * that many floats side by side, the last panel filled up with zeros.
 */
import {
  add,
  constant,
  equal,
  get,
  increase,
  lessOrEqualUnsigned,
  lessUnsigned,
  loadF32,
  loadV128,
  loopWhile,
  multiply,
  numbered,
  set,
  shuffle,
  storeF32,
  storeV128,
  when,
  zeroF32,
  type Code,
  type WasmFunction,
} from './assembler.js';
import { FLOAT, LANES, VECTOR } from './layout.js';

/**
 * pack(source, outerStride, innerStride, outer, inner, target): strides in bytes. Copies `outer` rows (or columns)
 * of `inner` floats into panels of `width`.
 */
export function packing(name: string, width: number): WasmFunction {
  const l = numbered(
    'source', 'outerStride', 'innerStride', 'outer', 'inner', 'target', // parameters
    'position', 'step', 'lane', 'from', // i32 locals
  ); // prettier-ignore
  const vectors = width / LANES;
  const v = [10, 11, 12, 13, 14, 15, 16, 17] as const; // v128 locals
  const nextStep = [increase(l.step, constant(1)), increase(l.target, constant(width * FLOAT))];

  /** The values of one step lie side by side: copy vectors. */
  const copySideBySide: Code = [
    set(l.from, get(l.source)),
    loopWhile(lessUnsigned(get(l.step), get(l.inner)), [
      Array.from({ length: vectors }, (_, i) =>
        storeV128(get(l.target), loadV128(get(l.from), i * VECTOR), i * VECTOR),
      ),
      increase(l.from, get(l.innerStride)),
      nextStep,
    ]),
  ];

  /** The steps of one row lie side by side: transpose 4 x 4 squares in registers. */
  const transposeSquares: Code = [
    loopWhile(lessOrEqualUnsigned(add(get(l.step), constant(LANES)), get(l.inner)), [
      set(l.from, add(get(l.source), multiply(get(l.step), constant(FLOAT)))),
      Array.from({ length: vectors }, (_, group) => [
        [0, 1, 2, 3].map((row) => [
          set(v[row]!, loadV128(get(l.from))),
          increase(l.from, get(l.outerStride)),
        ]),
        set(v[4], shuffle(get(v[0]), get(v[1]), [0, 4, 1, 5])),
        set(v[5], shuffle(get(v[0]), get(v[1]), [2, 6, 3, 7])),
        set(v[6], shuffle(get(v[2]), get(v[3]), [0, 4, 1, 5])),
        set(v[7], shuffle(get(v[2]), get(v[3]), [2, 6, 3, 7])),
        [
          shuffle(get(v[4]), get(v[6]), [0, 1, 4, 5]),
          shuffle(get(v[4]), get(v[6]), [2, 3, 6, 7]),
          shuffle(get(v[5]), get(v[7]), [0, 1, 4, 5]),
          shuffle(get(v[5]), get(v[7]), [2, 3, 6, 7]),
        ].map((column, step) => storeV128(get(l.target), column, (step * vectors + group) * VECTOR)),
      ]),
      increase(l.step, constant(LANES)),
      increase(l.target, constant(LANES * width * FLOAT)),
    ]),
  ];

  /** Whatever is left: one value at a time, zeros past the last row. */
  const oneByOne: Code = loopWhile(lessUnsigned(get(l.step), get(l.inner)), [
    set(l.lane, constant(0)),
    set(l.from, add(get(l.source), multiply(get(l.step), get(l.innerStride)))),
    loopWhile(lessUnsigned(get(l.lane), constant(width)), [
      when(
        lessUnsigned(add(get(l.position), get(l.lane)), get(l.outer)),
        storeF32(add(get(l.target), multiply(get(l.lane), constant(FLOAT))), loadF32(get(l.from))),
        storeF32(add(get(l.target), multiply(get(l.lane), constant(FLOAT))), zeroF32),
      ),
      increase(l.from, get(l.outerStride)),
      increase(l.lane, constant(1)),
    ]),
    nextStep,
  ]);

  return {
    name,
    parameters: 6,
    localsI32: 4,
    localsV128: v.length,
    body: loopWhile(lessUnsigned(get(l.position), get(l.outer)), [
      set(l.step, constant(0)),
      when(lessOrEqualUnsigned(add(get(l.position), constant(width)), get(l.outer)), [
        when(equal(get(l.outerStride), constant(FLOAT)), copySideBySide),
        when(equal(get(l.innerStride), constant(FLOAT)), transposeSquares),
      ]),
      oneByOne,
      increase(l.position, constant(width)),
      increase(l.source, multiply(get(l.outerStride), constant(width))),
    ]),
  };
}
