/**
 * Self-attention over queries, keys and values, packed or apart (Vaswani et al. 2017, arXiv 1706.03762, section 3.2), with
 * the gradient of FlashAttention (Dao et al. 2022, arXiv 2205.14135, appendix B.2): the row sums of dP * P are those of
 * dO * O. Heads of queries that share keys and values (Ainslie et al. 2023, arXiv 2305.13245) stand below each other,
 * [group * time, size], so that every product with those is one product.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { float } from '../onnx/proto.js';
import { constant, ElementType, ints, kernel, MICROSOFT, scalar } from '../kernels/lowering.js';
import type { Constant, Input, Lowering } from '../kernels/lowering.js';
import { reduceInStages } from '../kernels/long-sums.js';
import { matMul } from '../kernels/products.js';

const { float32 } = ElementType;

interface Sizes {
  batch: number;
  time: number;
  /** Of the queries; `keyValueHeads` divides it. */
  heads: number;
  keyValueHeads: number;
  /** Width of one head. */
  size: number;
}

/** Cosines and sines of rotary positions, [time, size / 2]; both or neither. */
interface Rotary {
  cos?: TensorInfo;
  sin?: TensorInfo;
}

interface Forward extends Rotary {
  /** [batch * time, (heads + 2 keyValueHeads) * size], or the three below */
  qkv?: TensorInfo;
  /** [batch * time, heads * size] */
  queries?: TensorInfo;
  /** [batch * time, keyValueHeads * size] */
  keys?: TensorInfo;
  values?: TensorInfo;
  /** Added to the scores: [time, time], or of rank 4 and broadcast to [batch, heads, time, time]. */
  mask?: TensorInfo;
}

interface Backward extends Rotary {
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

/** [batch * time, 3 * heads * size] -> three of [batch, heads, time, size], by one transposition */
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

/** [batch * time, (heads + 2 keyValueHeads) * size] -> its three parts */
function columns(l: Lowering, qkv: Input, { batch, time, heads, keyValueHeads, size }: Sizes): Input[] {
  const widths = [heads, keyValueHeads, keyValueHeads].map((n) => n * size);
  return l.ops(
    'Split',
    [qkv, ints(widths)],
    widths.map((width) => ({ type: float32, shape: [batch * time, width] })),
    { axis: 1 },
  );
}

/** [batch * time, n * size] -> [batch, n, time, size] */
function toHeads(l: Lowering, x: Input, { batch, time, size }: Sizes): Input {
  const heads = x.shape[1]! / size;
  return l.transpose(l.reshape(x, [batch, time, heads, size]), [0, 2, 1, 3]);
}

/** [batch, n, time, size] -> [batch * time, n * size] */
function toRows(l: Lowering, x: Input, { batch, time, size }: Sizes): Input {
  return l.reshape(l.transpose(x, [0, 2, 1, 3]), [batch * time, x.shape[1]! * size]);
}

/** [batch, heads, time, n] -> [batch, keyValueHeads, group * time, n] */
function grouped(l: Lowering, x: Input, { batch, time, heads, keyValueHeads }: Sizes): Input {
  if (heads === keyValueHeads) return x;
  return l.reshape(x, [batch, keyValueHeads, (heads / keyValueHeads) * time, x.shape.at(-1)!]);
}

/** And back. */
function apart(l: Lowering, x: Input, { batch, time, heads }: Sizes): Input {
  return l.reshape(x, [batch, heads, time, x.shape.at(-1)!]);
}

/** Turns x [batch, n, time, size] by its positions, pairs half a head apart; as it is without tables. */
function turned(l: Lowering, x: Input, { cos, sin }: Rotary, back = false): Input {
  if (!cos || !sin) return x;
  const sines = l.input(sin);
  return l.float(
    'RotaryEmbedding',
    [x, ints([0]), l.input(cos), back ? l.map('Neg', sines) : sines],
    x.shape,
    { interleaved: 0 },
    MICROSOFT,
  );
}

export const attentionKernels = [
  /**
   * -> value [batch * time, heads * size] and, for the gradient, probabilities [batch, heads, time, time], queries
   * [batch, heads, time, size], keys and values [batch, keyValueHeads, time, size], all as they went into the products
   */
  kernel<Forward, Sizes & { causal: boolean }>('FusedAttention', (l, inputs, { causal, ...sizes }) => {
    const { time, heads, keyValueHeads, size } = sizes;
    const { qkv, queries, keys, values } = inputs;
    const whole = qkv && l.input(qkv);
    const [q, k, v] =
      whole && heads === keyValueHeads
        ? split(l, whole, sizes)
        : (whole ? columns(l, whole, sizes) : [queries!, keys!, values!].map((part) => l.input(part))).map(
            (part) => toHeads(l, part, sizes),
          );
    const [asked, offered] = [turned(l, q!, inputs), turned(l, k!, inputs)];
    const scale = { alpha: float(1 / Math.sqrt(size)) };
    const scores = apart(l, matMul(l, grouped(l, asked, sizes), offered, false, true, scale), sizes);
    const mask = causal ? causalMask(time) : inputs.mask && l.input(inputs.mask);
    const masked = mask ? aboveUnderflow(l, l.map('Add', scores, mask)) : scores;
    const probabilities = l.float('Softmax', [masked], masked.shape, { axis: -1 });
    const mixed = apart(l, matMul(l, grouped(l, probabilities, sizes), v!, false, false), sizes);
    return [toRows(l, mixed, sizes), probabilities, asked, offered, v!].map((result) => l.output(result));
  }),
  /** -> dQkv, or dQueries, dKeys and dValues, each of the shape that came in */
  kernel<Backward, Sizes & { packed: boolean }>('FusedAttentionGrad', (l, inputs, { packed, ...sizes }) => {
    const { batch, time, heads, keyValueHeads, size } = sizes;
    const [q, k, v] = [l.input(inputs.queries), l.input(inputs.keys), l.input(inputs.values)];
    const probabilities = l.input(inputs.probabilities);
    const dy = l.input(inputs.dy);
    const dOut = grouped(l, toHeads(l, dy, sizes), sizes);
    const dValues = matMul(l, grouped(l, probabilities, sizes), dOut, true, false);
    const dProbabilities = apart(l, matMul(l, dOut, v, false, true), sizes);
    const products = l.reshape(l.map('Mul', dy, l.input(inputs.value)), [batch, time, heads, size]);
    const rowSums = l.transpose(reduceInStages(l, 'ReduceSum', products, [3], true), [0, 2, 1, 3]);
    const dScores = grouped(l, l.map('Mul', l.map('Sub', dProbabilities, rowSums), probabilities), sizes);
    const scale = { alpha: float(1 / Math.sqrt(size)) };
    const dAsked = apart(l, matMul(l, dScores, k, false, false, scale), sizes);
    const dOffered = matMul(l, dScores, grouped(l, q, sizes), true, false, scale);
    const parts = [turned(l, dAsked, inputs, true), turned(l, dOffered, inputs, true), dValues];
    if (!packed) return parts.map((part) => l.output(toRows(l, part, sizes)));
    if (heads !== keyValueHeads) {
      const shape = [batch * time, (heads + 2 * keyValueHeads) * size];
      const rows = parts.map((part) => toRows(l, part, sizes));
      return l.output(l.float('Concat', rows, shape, { axis: 1 }));
    }
    const rows = parts.map((part) => l.reshape(part, [1, batch, heads, time, size]));
    const whole = l.float('Concat', rows, [3, batch, heads, time, size], { axis: 0 });
    const merged = l.transpose(whole, [1, 3, 0, 2, 4]);
    return l.output(l.reshape(merged, [batch * time, 3 * heads * size]));
  }),
];
