/** Short sums, over rows and along them, which stock tfjs does one number at a time, transposing what is not last. */
import {
  add,
  addF32,
  addV128,
  constant,
  firstLane,
  get,
  increase,
  lessOrEqualUnsigned,
  lessUnsigned,
  loadF32,
  loadV128,
  loopWhile,
  numbered,
  set,
  shuffle,
  storeF32,
  storeV128,
  zeroV128,
  type WasmFunction,
} from './assembler.js';
import { FLOAT, VECTOR } from './layout.js';

/**
 * sumRows(source, groups, rows, rowBytes, target): adds every `rows` rows of the matrix to one row of the target, row by
 * row, so that both are read in order. `rowBytes` is four times the number of columns.
 */
export function sumRows(): WasmFunction {
  const l = numbered('source', 'groups', 'rows', 'rowBytes', 'target', 'group', 'row', 'at');
  const from = add(get(l.source), get(l.at));
  const to = add(get(l.target), get(l.at));
  const addRow = [
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
  ];
  return {
    name: 'sumRows',
    parameters: 5,
    localsI32: 3,
    localsV128: 0,
    body: loopWhile(lessUnsigned(get(l.group), get(l.groups)), [
      set(l.row, constant(0)),
      loopWhile(lessUnsigned(get(l.row), get(l.rows)), addRow),
      increase(l.target, get(l.rowBytes)),
      increase(l.group, constant(1)),
    ]),
  };
}

/** Vectors that `sumRuns` adds to side by side. */
const SUMS = 4;

/** sumRuns(source, runs, runBytes, target): the sum of each run of neighbours, in sixteen sums that are added at the end. */
export function sumRuns(): WasmFunction {
  const l = numbered('source', 'runs', 'runBytes', 'target', 'run', 'at', 'sum0', 'sum1', 'sum2', 'sum3');
  const from = add(get(l.source), get(l.at));
  const sums = Array.from({ length: SUMS }, (_, index) => l.sum0 + index);
  const addTo = (sum: number, index: number) => set(sum, addV128(get(sum), loadV128(from, index * VECTOR)));
  const fold = (into: number, other: number) => set(into, addV128(get(into), get(other)));
  const foldLanes = (lanes: readonly number[]) =>
    set(l.sum0, addV128(get(l.sum0), shuffle(get(l.sum0), get(l.sum0), lanes)));
  return {
    name: 'sumRuns',
    parameters: 4,
    localsI32: 2,
    localsV128: SUMS,
    body: loopWhile(lessUnsigned(get(l.run), get(l.runs)), [
      set(l.at, constant(0)),
      sums.map((sum) => set(sum, zeroV128)),
      loopWhile(lessOrEqualUnsigned(add(get(l.at), constant(SUMS * VECTOR)), get(l.runBytes)), [
        sums.map(addTo),
        increase(l.at, constant(SUMS * VECTOR)),
      ]),
      loopWhile(lessOrEqualUnsigned(add(get(l.at), constant(VECTOR)), get(l.runBytes)), [
        addTo(l.sum0, 0),
        increase(l.at, constant(VECTOR)),
      ]),
      fold(l.sum0, l.sum1),
      fold(l.sum2, l.sum3),
      fold(l.sum0, l.sum2),
      foldLanes([2, 3, 0, 1]),
      foldLanes([1, 0, 3, 2]),
      storeF32(get(l.target), firstLane(get(l.sum0))),
      loopWhile(lessUnsigned(get(l.at), get(l.runBytes)), [
        storeF32(get(l.target), addF32(loadF32(get(l.target)), loadF32(from))),
        increase(l.at, constant(FLOAT)),
      ]),
      increase(l.source, get(l.runBytes)),
      increase(l.target, constant(FLOAT)),
      increase(l.run, constant(1)),
    ]),
  };
}
