/**
 * Sums whose error does not grow with their length. ONNX Runtime adds what it reduces to one float32 number, one after
 * the other: the sum of 65 536 numbers of 0.1 is off by 6e-4, and sixteen million ones are where it stops growing. Here a
 * long sum is the sum of the sums of short blocks, in as many stages as it needs (Higham 1993, "The accuracy of floating
 * point summation", section 3): among numbers of one sign the error stays below 1e-5 of the sum for 2^30 of them.
 */
import { ElementType, ints, scalar } from './lowering.js';
import type { Input, Lowering } from './lowering.js';

/**
 * Terms that are added one after the other without more ado: equal numbers, the worst there are, come out with an error
 * of 8e-6 at most. Along the last axis ONNX Runtime keeps at least four sums at a time.
 */
const SHORT = { across: 512, along: 2048 };
/** Terms of a block. One block of equal numbers is off by 1e-6 at most, and every stage adds that much. */
const BLOCK = { across: 64, along: 512 };

type Operator = 'ReduceSum' | 'ReduceMean' | 'ReduceSumSquare';

/** Neighbouring axes that are all summed over, or all kept, seen as one. */
interface Run {
  size: number;
  summed: boolean;
}

function runsOf(shape: readonly number[], axes: readonly number[]): Run[] {
  const runs: Run[] = [];
  for (const [axis, size] of shape.entries()) {
    const summed = axes.includes(axis);
    const last = runs.at(-1);
    if (size === 1) continue;
    if (last?.summed === summed) last.size *= size;
    else runs.push({ size, summed });
  }
  return runs;
}

const termsOf = (runs: readonly Run[]): number =>
  runs.reduce((terms, { size, summed }) => (summed ? terms * size : terms), 1);

const isShort = (runs: readonly Run[]): boolean =>
  termsOf(runs) <=
  (runs.filter(({ summed }) => summed).length === 1 && runs.at(-1)!.summed ? SHORT.along : SHORT.across);

/**
 * Sum, mean or sum of squares over some axes of float32 numbers; other numbers, and short sums, go to ONNX Runtime as
 * they are.
 */
export function reduceInStages(
  l: Lowering,
  operator: Operator,
  x: Input,
  axes: readonly number[],
  keep: boolean,
): Input {
  const runs = runsOf(x.shape, axes);
  if (x.value.type !== ElementType.float32 || isShort(runs)) return l.reduce(operator, x, axes, keep);
  const terms = termsOf(runs);
  const first = operator === 'ReduceSumSquare' ? operator : 'ReduceSum';
  const total = stages(
    l,
    first,
    l.reshape(
      x,
      runs.map(({ size }) => size),
    ),
    runs,
  );
  const shape = x.shape.flatMap((n, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [n]));
  const result = l.reshape(total, shape);
  return operator === 'ReduceMean' ? l.map('Div', result, scalar(terms)) : result;
}

/** Sums blocks of the longest run until what is left is short. `x` has one axis for each run. */
function stages(l: Lowering, operator: Operator, x: Input, runs: readonly Run[]): Input {
  const summed = runs.flatMap((run, axis) => (run.summed ? [axis] : []));
  if (isShort(runs)) return l.reduce(operator, x, summed, false);
  const axis = summed.reduce((longest, one) => (runs[one]!.size > runs[longest]!.size ? one : longest));
  const sums = sumBlocks(l, operator, x, axis, axis === runs.length - 1 ? BLOCK.along : BLOCK.across);
  return stages(
    l,
    'ReduceSum',
    sums,
    runs.map((run, index) => (index === axis ? { ...run, size: sums.shape[axis]! } : run)),
  );
}

/** [.., n, ..] -> [.., number of blocks, ..] */
function sumBlocks(l: Lowering, operator: Operator, x: Input, axis: number, wanted: number): Input {
  const n = x.shape[axis]!;
  if (n <= wanted) return l.reduce(operator, x, [axis], true);
  const block = divisorNear(n, wanted) ?? wanted;
  const whole = n - (n % block);
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const blocks = (part: Input): Input =>
    l.reduce(operator, l.reshape(part, [...before, whole / block, block, ...after]), [axis + 1], false);
  if (whole === n) return blocks(x);
  const cut = (start: number, end: number): Input =>
    l.float('Slice', [x, ints([start]), ints([end]), ints([axis])], [...before, end - start, ...after]);
  const sums = [blocks(cut(0, whole)), l.reduce(operator, cut(whole, n), [axis], true)];
  return l.float('Concat', sums, [...before, whole / block + 1, ...after], { axis });
}

/** A length of blocks that leaves no rest, which would have to be copied. */
function divisorNear(n: number, wanted: number): number | undefined {
  for (let block = wanted; block > wanted / 4; block -= 1) if (n % block === 0) return block;
  return undefined;
}

/** Sums of all that stands before along an axis: within blocks, and what all earlier blocks make added to each. */
export function runningSum(
  l: Lowering,
  x: Input,
  axis: number,
  { exclusive, reverse }: { readonly exclusive: boolean; readonly reverse: boolean },
): Input {
  const { type } = x.value;
  const plain = (part: Input, along: number, from: boolean): Input =>
    l.op(
      'CumSum',
      [part, scalar(along, ElementType.int32)],
      { type, shape: part.shape },
      {
        exclusive: from ? 1 : 0,
        reverse: reverse ? 1 : 0,
      },
    );
  const n = x.shape[axis]!;
  if (type !== ElementType.float32 || n <= SHORT.across) return plain(x, axis, exclusive);
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const count = Math.ceil(n / BLOCK.across);
  const missing = count * BLOCK.across - n;
  const zeros = l.op('Expand', [scalar(0), ints([...before, missing, ...after])], {
    type,
    shape: [...before, missing, ...after],
  });
  const padded =
    missing === 0 ? x : l.float('Concat', [x, zeros], [...before, n + missing, ...after], { axis });
  const blocks = l.reshape(padded, [...before, count, BLOCK.across, ...after]);
  const totals = l.reduce('ReduceSum', blocks, [axis + 1], true);
  const offsets = runningSum(l, totals, axis, { exclusive: true, reverse });
  const sums = l.map('Add', plain(blocks, axis + 1, exclusive), offsets);
  const flat = l.reshape(sums, padded.shape);
  return missing === 0 ? flat : l.float('Slice', [flat, ints([0]), ints([n]), ints([axis])], x.shape);
}
