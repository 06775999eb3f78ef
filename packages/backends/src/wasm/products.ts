/**
 * Matrix products of any size and stride on the heap: cut into blocks whose packed form fits the caches, for the
 * functions of module/. Loop order and names as in Goto and van de Geijn 2008.
 */
import { createWorkspace, type WasmBackend, type Workspace } from './heap.js';
import { FLOAT, TILE_COLUMNS, TILE_ROWS } from './module/layout.js';

// Rows x depth (256 KiB) stay in the second-level cache, one right panel (8 KiB) in the first.
const BLOCK_ROWS = 256;
const BLOCK_DEPTH = 256;
const BLOCK_COLUMNS = 1024;

/** One operand as seen by the product: element (outer, inner) lies at address + outer * outerStride + inner * innerStride. */
export interface Operand {
  /** Byte address. */
  readonly address: number;
  /** Bytes between rows of the left (columns of the right) operand. */
  readonly outerStride: number;
  /** Bytes along the dimension that is summed over. */
  readonly innerStride: number;
}

export class Products {
  readonly #workspace: Workspace;

  constructor(backend: WasmBackend) {
    this.#workspace = createWorkspace(backend, {
      left: BLOCK_ROWS * BLOCK_DEPTH * FLOAT,
      right: BLOCK_COLUMNS * BLOCK_DEPTH * FLOAT,
      spare: TILE_ROWS * TILE_COLUMNS * FLOAT,
    });
  }

  get workspace(): Workspace {
    return this.#workspace;
  }

  /** target [rows, columns], dense = left [rows, inner] · right [inner, columns]. `inner` >= 1. */
  multiply(
    left: Operand,
    right: Operand,
    rows: number,
    columns: number,
    inner: number,
    target: number,
  ): void {
    const { module, left: packedLeft, right: packedRight, spare } = this.#workspace;
    const rowBytes = columns * FLOAT;
    for (let column = 0; column < columns; column += BLOCK_COLUMNS) {
      const width = Math.min(BLOCK_COLUMNS, columns - column);
      for (let step = 0; step < inner; step += BLOCK_DEPTH) {
        const depth = Math.min(BLOCK_DEPTH, inner - step);
        const fromRight = right.address + column * right.outerStride + step * right.innerStride;
        module.packRight(fromRight, right.outerStride, right.innerStride, width, depth, packedRight);
        for (let row = 0; row < rows; row += BLOCK_ROWS) {
          const height = Math.min(BLOCK_ROWS, rows - row);
          const fromLeft = left.address + row * left.outerStride + step * left.innerStride;
          module.packLeft(fromLeft, left.outerStride, left.innerStride, height, depth, packedLeft);
          const to = target + row * rowBytes + column * FLOAT;
          module.block(packedLeft, packedRight, height, width, depth, to, rowBytes, step > 0 ? 1 : 0, spare);
        }
      }
    }
  }
}
