/** Double-precision oracles: plain loops, no tfjs, and gradients by central differences. */

export type Vector = readonly number[];

/** Central differences of a scalar function; in double precision good to about 1e-8 for functions of size 1. */
export function numericGradient(f: (x: Vector) => number, x: Vector, step = 1e-5): number[] {
  return x.map((value, i) => {
    const at = (moved: number): number => f(x.map((other, j) => (j === i ? moved : other)));
    return (at(value + step) - at(value - step)) / (2 * step);
  });
}

export const dot = (a: Vector, b: Vector): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** x [rows, in] times weight [in, out], plus bias [out]. */
export function affine(x: Vector, weight: Vector, bias: Vector): number[] {
  const inner = weight.length / bias.length;
  return Array.from({ length: (x.length / inner) * bias.length }, (_, i) => {
    const [row, column] = [Math.floor(i / bias.length), i % bias.length];
    let sum = bias[column]!;
    for (let k = 0; k < inner; k += 1) sum += x[row * inner + k]! * weight[k * bias.length + column]!;
    return sum;
  });
}

/** a [rows, width] times the transpose of b [columns, width]. */
export function matMulTransposed(a: Vector, b: Vector, width: number): number[] {
  const rows = (v: Vector): Vector[] =>
    Array.from({ length: v.length / width }, (_, i) => v.slice(i * width, (i + 1) * width));
  return rows(a).flatMap((row) => rows(b).map((other) => dot(row, other)));
}

export function softmax(row: Vector): number[] {
  const largest = Math.max(...row);
  const weights = row.map((value) => Math.exp(value - largest));
  const total = weights.reduce((sum, value) => sum + value, 0);
  return weights.map((value) => value / total);
}

export function layerNorm(x: Vector, width: number, gain: Vector, bias: Vector, epsilon: number): number[] {
  return x.map((value, i) => {
    const row = x.slice(Math.floor(i / width) * width, (Math.floor(i / width) + 1) * width);
    const mean = row.reduce((sum, entry) => sum + entry, 0) / width;
    const variance = row.reduce((sum, entry) => sum + (entry - mean) ** 2, 0) / width;
    return ((value - mean) / Math.sqrt(variance + epsilon)) * gain[i % width]! + bias[i % width]!;
  });
}

export const geluTanh = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

/** x Phi(x), with the distribution function as the integral of the density (Simpson's rule, 2000 pieces). */
export function geluExact(x: number): number {
  const density = (t: number): number => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI);
  const pieces = 2000;
  const h = x / pieces;
  let sum = density(0) + density(x);
  for (let i = 1; i < pieces; i += 1) sum += (i % 2 === 1 ? 4 : 2) * density(i * h);
  return x * (0.5 + (sum * h) / 3);
}

/** Mean over the labels that are 0 or more; 0 where none is. */
export function crossEntropy(logits: Vector, classes: number, labels: Vector): number {
  const nats = labels.flatMap((label, row) =>
    label < 0 ? [] : [-Math.log(softmax(logits.slice(row * classes, (row + 1) * classes))[label]!)],
  );
  return nats.reduce((sum, value) => sum + value, 0) / Math.max(nats.length, 1);
}

type PerPair = (batch: number, head: number, query: number, key: number) => number;

export const causal: PerPair = (_batch, _head, query, key) => (key <= query ? 0 : -Infinity);

/**
 * One position, one head, one batch row at a time; `qkv` rows hold queries, keys, values side by side.
 *
 * @param added to the scores
 * @param kept multiplies the probabilities
 */
export function attention(
  qkv: Vector,
  { batch, time, heads, size }: { batch: number; time: number; heads: number; size: number },
  added: PerPair,
  kept: PerPair = () => 1,
): number[] {
  const width = heads * size;
  const at = (b: number, t: number, part: number, h: number): Vector => {
    const from = (b * time + t) * 3 * width + part * width + h * size;
    return qkv.slice(from, from + size);
  };
  const keys = [...Array(time).keys()];
  const out = new Array<number>(batch * time * width).fill(0);
  for (let b = 0; b < batch; b += 1)
    for (let h = 0; h < heads; h += 1)
      for (let t = 0; t < time; t += 1) {
        const score = (s: number): number => dot(at(b, t, 0, h), at(b, s, 1, h)) / Math.sqrt(size);
        const weights = softmax(keys.map((s) => score(s) + added(b, h, t, s)));
        keys.forEach((s) =>
          at(b, s, 2, h).forEach((value, i) => {
            out[(b * time + t) * width + h * size + i]! += weights[s]! * kept(b, h, t, s) * value;
          }),
        );
      }
  return out;
}
