/** Blocks of rows: taken apart, put together, added up. */
import { ElementType, ints } from '../kernels/lowering.js';
import type { Input, Lowering } from '../kernels/lowering.js';

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

/** The sum of tensors of one shape, from the first to the last. */
export function total(l: Lowering, parts: readonly Input[]): Input {
  return parts.slice(1).reduce((sum, part) => l.map('Add', sum, part), parts[0]!);
}
