/** Blocks of rows: taken apart, put together, added up. */
import { ElementType, ints } from '../kernels/lowering.js';
import type { Input, Lowering } from '../kernels/lowering.js';

/**
 * Elements of one block of inner activations, 4 MiB. Quarters of it would fit a core's own cache, but cost more in the
 * products than they save in the elementwise passes (`npm run bench -- step`: 4 % of a step).
 */
const BLOCK_ELEMENTS = 1 << 20;

/** Rows of each block of inner activations [.., inner], the last one aside. */
export const blockRows = (inner: number): number => Math.max(64, Math.floor(BLOCK_ELEMENTS / inner));

/** Rows [start, end) of x. */
export function rowsOf(l: Lowering, x: Input, start: number, end: number): Input {
  if (start === 0 && end === x.shape[0]) return x;
  const shape = [end - start, ...x.shape.slice(1)];
  return l.op('Slice', [x, ints([start]), ints([end]), ints([0])], { type: x.value.type, shape });
}

/** The blocks below each other, as float32 of that shape. */
export function concatRows(l: Lowering, blocks: readonly Input[], shape: readonly number[]): Input {
  return blocks.length === 1
    ? blocks[0]!
    : l.op('Concat', blocks, { type: ElementType.float32, shape }, { axis: 0 });
}

/** Blocks that are added one after the other; where there are more, the sums of so many are added, see `long-sums.ts`. */
const BLOCKS_AT_ONCE = 64;

/** The sum of tensors of one shape. */
export function total(l: Lowering, parts: readonly Input[]): Input {
  if (parts.length <= BLOCKS_AT_ONCE) {
    return parts.slice(1).reduce((sum, part) => l.map('Add', sum, part), parts[0]!);
  }
  const sums: Input[] = [];
  for (let start = 0; start < parts.length; start += BLOCKS_AT_ONCE) {
    sums.push(total(l, parts.slice(start, start + BLOCKS_AT_ONCE)));
  }
  return total(l, sums);
}
