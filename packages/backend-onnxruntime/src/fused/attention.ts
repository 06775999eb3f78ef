/**
 * Causal self-attention over packed queries, keys and values (Vaswani et al. 2017, arXiv 1706.03762, section 3.2), with
 * the gradient of FlashAttention (Dao et al. 2022, arXiv 2205.14135, appendix B.2): the row sums of dP * P are those of
 * dO * O.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { float } from '../onnx/proto.js';
import { constant, ElementType, ints, kernel, scalar } from '../kernels/lowering.js';
import type { Constant, Input, Lowering } from '../kernels/lowering.js';
import { reduceInStages } from '../kernels/long-sums.js';
import { matMul } from '../kernels/products.js';

const { float32 } = ElementType;

interface Sizes {
  batch: number;
  time: number;
  heads: number;
  /** Width of one head. */
  size: number;
}

interface Backward {
  dy: TensorInfo;
  value: TensorInfo;
  probabilities: TensorInfo;
  queries: TensorInfo;
  keys: TensorInfo;
  values: TensorInfo;
}

/** 0 where a position may look, and -1e9 for later ones, whose exponential is exactly 0. */
function causalMask(time: number): Constant {
  const mask = new Float32Array(time * time);
  for (let row = 0; row < time; row += 1) mask.fill(-1e9, row * time + row + 1, (row + 1) * time);
  return constant(float32, [time, time], mask);
}

/**
 * Raises what is far below its row's largest score to 40 below it. The probability there is 4e-18: float32 loses it in
 * every sum, forward and backward, so a masked position still has no influence. But it is far from the denormal numbers,
 * which exponentials of masked scores and products of their gradients would be, and on which processors are several
 * times as slow.
 */
function aboveUnderflow(l: Lowering, scores: Input): Input {
  const largest = l.reduce('ReduceMax', scores, [scores.shape.length - 1], true);
  return l.map('Max', scores, l.map('Sub', largest, scalar(40)));
}

/** qkv [batch * time, 3 * heads * size] -> three of [batch, heads, time, size] */
function split(l: Lowering, qkv: Input, { batch, time, heads, size }: Sizes): [Input, Input, Input] {
  const packed = l.transpose(l.reshape(qkv, [batch, time, 3, heads, size]), [2, 0, 3, 1, 4]);
  const shape = [1, batch, heads, time, size];
  const parts = l.ops(
    'Split',
    [packed, ints([1, 1, 1])],
    [0, 1, 2].map(() => ({ type: float32, shape })),
    { axis: 0 },
  );
  return parts.map((part) => l.reshape(part, shape.slice(1))) as [Input, Input, Input];
}

/** [batch * time, heads * size] -> [batch, heads, time, size] */
const toHeads = (l: Lowering, x: Input, { batch, time, heads, size }: Sizes): Input =>
  l.transpose(l.reshape(x, [batch, time, heads, size]), [0, 2, 1, 3]);

export const attentionKernels = [
  /**
   * -> value [batch * time, heads * size] and, for the gradient, probabilities [batch, heads, time, time] and queries,
   * keys and values [batch, heads, time, size]
   */
  kernel<{ qkv: TensorInfo }, Sizes>('FusedCausalAttention', (l, inputs, sizes) => {
    const { batch, time, heads, size } = sizes;
    const [q, k, v] = split(l, l.input(inputs.qkv), sizes);
    const scores = matMul(l, q, k, false, true, { alpha: float(1 / Math.sqrt(size)) });
    const masked = l.map('Add', scores, causalMask(time));
    const probabilities = l.float('Softmax', [aboveUnderflow(l, masked)], masked.shape, { axis: -1 });
    const mixed = l.transpose(matMul(l, probabilities, v, false, false), [0, 2, 1, 3]);
    return [l.reshape(mixed, [batch * time, heads * size]), probabilities, q, k, v].map((result) =>
      l.output(result),
    );
  }),
  /** -> dQkv [batch * time, 3 * heads * size] */
  kernel<Backward, Sizes>('FusedCausalAttentionGrad', (l, inputs, sizes) => {
    const { batch, time, heads, size } = sizes;
    const [q, k, v] = [l.input(inputs.queries), l.input(inputs.keys), l.input(inputs.values)];
    const probabilities = l.input(inputs.probabilities);
    const dy = l.input(inputs.dy);
    const dOut = toHeads(l, dy, sizes);
    const dValues = matMul(l, probabilities, dOut, true, false);
    const dProbabilities = matMul(l, dOut, v, false, true);
    const products = l.reshape(l.map('Mul', dy, l.input(inputs.value)), [batch, time, heads, size]);
    const rowSums = l.transpose(reduceInStages(l, 'ReduceSum', products, [3], true), [0, 2, 1, 3]);
    const dScores = l.map('Mul', l.map('Sub', dProbabilities, rowSums), probabilities);
    const alpha = float(1 / Math.sqrt(size));
    const dQueries = matMul(l, dScores, k, false, false, { alpha });
    const dKeys = matMul(l, dScores, q, true, false, { alpha });
    const rows = [dQueries, dKeys, dValues].map((part) => l.reshape(part, [1, batch, heads, time, size]));
    const packed = l.float('Concat', rows, [3, batch, heads, time, size], { axis: 0 });
    const merged = l.transpose(packed, [1, 3, 0, 2, 4]);
    return l.output(l.reshape(merged, [batch * time, 3 * heads * size]));
  }),
];
