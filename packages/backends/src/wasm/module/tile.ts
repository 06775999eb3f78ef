/**
 * The register tile and the product of two packed blocks made of it. The scheme is the usual one of packed panels
 * (Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34(3), 2008).
 */
import {
  add,
  addF32,
  addV128,
  and,
  call,
  constant,
  get,
  increase,
  lessOrEqualUnsigned,
  lessUnsigned,
  loadF32,
  loadSplat,
  loadV128,
  loopUntilNot,
  loopWhile,
  multiply,
  multiplyV128,
  numbered,
  set,
  storeF32,
  storeV128,
  subtract,
  when,
  zeroV128,
  type Code,
  type WasmFunction,
} from './assembler.js';
import { FLOAT, LANES, TILE_COLUMNS, TILE_ROWS, VECTOR } from './layout.js';

/**
 * tile(left, right, inner, target, rowStride, accumulate): one register tile of the product of two panels, written
 * to (or added to) `target`, whose rows lie `rowStride` bytes apart. `inner` >= 1.
 */
export function tile(): WasmFunction {
  const l = numbered('left', 'right', 'inner', 'target', 'rowStride', 'accumulate');
  const vectors = TILE_COLUMNS / LANES;
  const accumulator = (row: number, column: number): number => 6 + row * vectors + column;
  const rightVector = (column: number): number => 6 + TILE_ROWS * vectors + column;
  const value = 6 + TILE_ROWS * vectors + vectors;
  const rows = Array.from({ length: TILE_ROWS }, (_, row) => row);
  const columns = Array.from({ length: vectors }, (_, column) => column);

  const step: Code = [
    columns.map((column) => set(rightVector(column), loadV128(get(l.right), column * VECTOR))),
    rows.map((row) => [
      set(value, loadSplat(get(l.left), row * FLOAT)),
      columns.map((column) =>
        set(
          accumulator(row, column),
          addV128(get(accumulator(row, column)), multiplyV128(get(value), get(rightVector(column)))),
        ),
      ),
    ]),
    increase(l.left, constant(TILE_ROWS * FLOAT)),
    increase(l.right, constant(TILE_COLUMNS * FLOAT)),
    set(l.inner, subtract(get(l.inner), constant(1))),
  ];
  const store = (onTop: boolean): Code =>
    rows.map((row) => [
      columns.map((column) => {
        const sum = get(accumulator(row, column));
        const offset = column * VECTOR;
        return storeV128(get(l.target), onTop ? addV128(loadV128(get(l.target), offset), sum) : sum, offset);
      }),
      increase(l.target, get(l.rowStride)),
    ]);

  return {
    name: 'tile',
    parameters: 6,
    localsI32: 0,
    localsV128: TILE_ROWS * vectors + vectors + 1,
    body: [
      rows.map((row) => columns.map((column) => set(accumulator(row, column), zeroV128))),
      loopUntilNot(step, get(l.inner)),
      when(get(l.accumulate), store(true), store(false)),
    ],
  };
}

/**
 * block(left, right, rows, columns, inner, target, rowStride, accumulate, spare): the product of two packed blocks.
 * Tiles that stick out over the edge are made in `spare` (one tile large) and copied from there.
 */
export function block(tileIndex: number): WasmFunction {
  const l = numbered(
    'left', 'right', 'rows', 'columns', 'inner', 'target', 'rowStride', 'accumulate', 'spare', // parameters
    'row', 'column', 'panel', 'to', 'i', 'j', 'from', // i32 locals
  ); // prettier-ignore
  const tileBytes = TILE_COLUMNS * FLOAT;

  const copyFromSpare: Code = [
    set(l.i, constant(0)),
    loopWhile(
      and(lessUnsigned(get(l.i), constant(TILE_ROWS)), lessUnsigned(add(get(l.row), get(l.i)), get(l.rows))),
      [
        set(l.j, constant(0)),
        loopWhile(
          and(
            lessUnsigned(get(l.j), constant(TILE_COLUMNS)),
            lessUnsigned(add(get(l.column), get(l.j)), get(l.columns)),
          ),
          [
            set(l.from, multiply(get(l.j), constant(FLOAT))),
            // Where nothing is added yet the target holds the bytes of a tensor of the past, maybe NaN: never read it.
            when(
              get(l.accumulate),
              storeF32(
                add(get(l.to), get(l.from)),
                addF32(loadF32(add(get(l.to), get(l.from))), loadF32(add(get(l.panel), get(l.from)))),
              ),
              storeF32(add(get(l.to), get(l.from)), loadF32(add(get(l.panel), get(l.from)))),
            ),
            increase(l.j, constant(1)),
          ],
        ),
        increase(l.panel, constant(tileBytes)),
        increase(l.to, get(l.rowStride)),
        increase(l.i, constant(1)),
      ],
    ),
  ];

  const oneTile: Code = [
    set(l.panel, add(get(l.left), multiply(get(l.row), multiply(get(l.inner), constant(FLOAT))))),
    set(
      l.to,
      add(
        get(l.target),
        add(multiply(get(l.row), get(l.rowStride)), multiply(get(l.column), constant(FLOAT))),
      ),
    ),
    when(
      and(
        lessOrEqualUnsigned(add(get(l.row), constant(TILE_ROWS)), get(l.rows)),
        lessOrEqualUnsigned(add(get(l.column), constant(TILE_COLUMNS)), get(l.columns)),
      ),
      call(
        tileIndex,
        get(l.panel),
        get(l.right),
        get(l.inner),
        get(l.to),
        get(l.rowStride),
        get(l.accumulate),
      ),
      [
        call(
          tileIndex,
          get(l.panel),
          get(l.right),
          get(l.inner),
          get(l.spare),
          constant(tileBytes),
          constant(0),
        ),
        set(l.panel, get(l.spare)),
        copyFromSpare,
      ],
    ),
    increase(l.row, constant(TILE_ROWS)),
  ];

  return {
    name: 'block',
    parameters: 9,
    localsI32: 7,
    localsV128: 0,
    // The right panel stays in the first-level cache while all left panels pass by.
    body: loopWhile(lessUnsigned(get(l.column), get(l.columns)), [
      set(l.row, constant(0)),
      loopWhile(lessUnsigned(get(l.row), get(l.rows)), oneTile),
      increase(l.right, multiply(get(l.inner), constant(tileBytes))),
      increase(l.column, constant(TILE_COLUMNS)),
    ]),
  };
}
