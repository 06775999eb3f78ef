/** Sums over the first dimension of a matrix, which stock tfjs does by transposing the whole operand first. */
import {
  add,
  addF32,
  addV128,
  constant,
  get,
  increase,
  lessOrEqualUnsigned,
  lessUnsigned,
  loadF32,
  loadV128,
  loopWhile,
  numbered,
  set,
  storeF32,
  storeV128,
  type WasmFunction,
} from './assembler.js';
import { FLOAT, VECTOR } from './layout.js';

/**
 * sumRows(source, rows, rowBytes, target): adds every row of the matrix to the target, row by row, so that both are
 * read in order. `rowBytes` is four times the number of columns.
 */
export function sumRows(): WasmFunction {
  const l = numbered('source', 'rows', 'rowBytes', 'target', 'row', 'at');
  const from = add(get(l.source), get(l.at));
  const to = add(get(l.target), get(l.at));
  return {
    name: 'sumRows',
    parameters: 4,
    localsI32: 2,
    localsV128: 0,
    body: loopWhile(lessUnsigned(get(l.row), get(l.rows)), [
      set(l.at, constant(0)),
      loopWhile(lessOrEqualUnsigned(add(get(l.at), constant(VECTOR)), get(l.rowBytes)), [
        storeV128(to, addV128(loadV128(to), loadV128(from))),
        increase(l.at, constant(VECTOR)),
      ]),
      loopWhile(lessUnsigned(get(l.at), get(l.rowBytes)), [
        storeF32(to, addF32(loadF32(to), loadF32(from))),
        increase(l.at, constant(FLOAT)),
      ]),
      increase(l.source, get(l.rowBytes)),
      increase(l.row, constant(1)),
    ]),
  };
}
