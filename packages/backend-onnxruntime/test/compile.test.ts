/** `compile`: traced once for each structure, replayed with the same results as running eagerly. */
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { compile } from '../src/index.js';
import { onnxRuntime } from './support/twin.js';

let tensors: number;
beforeEach(async () => {
  await tf.setBackend('onnxruntime');
  tensors = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(tensors));

/** Reads and disposes. */
function taken<T extends tf.TensorContainer>(result: T): unknown {
  const read = (entry: tf.TensorContainer): unknown =>
    entry instanceof tf.Tensor
      ? entry.arraySync()
      : Array.isArray(entry)
        ? entry.map(read)
        : typeof entry === 'object' && entry !== null
          ? Object.fromEntries(
              Object.entries(entry).map(([key, value]) => [key, read(value as tf.TensorContainer)]),
            )
          : entry;
  const values = read(result);
  tf.dispose(result);
  return values;
}

const withInputs = <I extends tf.TensorContainer>(inputs: I, use: (inputs: I) => void): void => {
  use(inputs);
  tf.dispose(inputs);
};

describe('tracing', () => {
  it('happens once for each structure; numbers in tensors never retrace', () => {
    const step = vi.fn(({ x, rate }: { x: tf.Tensor; rate: tf.Tensor }) => tf.mul(x, rate));
    const compiled = compile(step);
    for (const rate of [1, 2, 3]) {
      withInputs({ x: tf.tensor1d([1, 2]), rate: tf.scalar(rate) }, (inputs) =>
        expect(taken(compiled(inputs))).toEqual([rate, 2 * rate]),
      );
    }
    expect(step).toHaveBeenCalledTimes(1);
    withInputs({ x: tf.tensor1d([1, 2, 3]), rate: tf.scalar(2) }, (inputs) =>
      expect(taken(compiled(inputs))).toEqual([2, 4, 6]),
    );
    expect(compiled.statistics).toMatchObject({ traces: 2, replays: 4, eager: 0 });
    compiled.dispose();
  });

  it('dtypes, keys and plain values are part of the structure', () => {
    const compiled = compile(({ x, n }: { x: tf.Tensor; n: number }) => tf.mul(x, n));
    for (const [x, n] of [
      [tf.tensor1d([1]), 2],
      [tf.tensor1d([1]), 3],
      [tf.tensor1d([1], 'int32'), 3],
    ] as const) {
      withInputs({ x, n }, (inputs) => expect(taken(compiled(inputs))).toEqual([n]));
    }
    expect(compiled.statistics.traces).toBe(3);
    compiled.dispose();
  });

  it('forgets the structure that was used longest ago', () => {
    const step = vi.fn((x: tf.Tensor) => tf.add(x, 1));
    const compiled = compile(step, { maxStructures: 2 });
    for (const length of [1, 2, 1, 3, 1, 2]) {
      withInputs(tf.ones([length]), (x) => expect(taken(compiled(x))).toEqual(Array(length).fill(2)));
    }
    // 1 and 2 are new, 3 pushes 2 out, and the last 2 is new again.
    expect(compiled.statistics.traces).toBe(4);
    compiled.dispose();
  });

  it('runs nothing of the trace itself', () => {
    const compiled = compile((x: tf.Tensor) => tf.exp(x));
    withInputs(tf.zeros([3]), (x) => {
      const { runs } = onnxRuntime().statistics;
      const y = compiled(x);
      expect(onnxRuntime().statistics.runs).toBe(runs + 1);
      expect(taken(y)).toEqual([1, 1, 1]);
    });
    compiled.dispose();
  });
});

describe('replaying', () => {
  it('takes arguments that are computed and not yet run', () => {
    const compiled = compile((x: tf.Tensor) => tf.add(x, 1));
    for (let i = 0; i < 2; i += 1) {
      withInputs(
        tf.tidy(() => tf.mul(tf.tensor1d([1, 2]), 10)),
        (x) => expect(taken(compiled(x))).toEqual([11, 21]),
      );
    }
    compiled.dispose();
  });

  it('takes one tensor in two places today and two tomorrow', () => {
    const compiled = compile(({ a, b }: { a: tf.Tensor; b: tf.Tensor }) => tf.sub(tf.mul(a, 2), b));
    const [one, two] = [tf.tensor1d([1, 5]), tf.tensor1d([3, 4])];
    expect(taken(compiled({ a: one, b: one }))).toEqual([1, 5]);
    expect(taken(compiled({ a: one, b: two }))).toEqual([-1, 6]);
    expect(taken(compiled({ a: two, b: one }))).toEqual([5, 3]);
    expect(compiled.statistics.traces).toBe(1);
    tf.dispose([one, two]);
    compiled.dispose();
  });

  it('takes reshaped views of arguments', () => {
    const compiled = compile((x: tf.Tensor) => tf.sum(x, 0));
    const x = tf.tensor1d([1, 2, 3, 4]);
    const view = tf.reshape(x, [2, 2]);
    expect(taken(compiled(view))).toEqual([4, 6]);
    expect(taken(compiled(view))).toEqual([4, 6]);
    tf.dispose([x, view]);
    compiled.dispose();
  });

  it('gives arguments, constants and one result twice back as tensors of their own', () => {
    const constant = tf.tensor1d([7, 8]);
    const compiled = compile((x: tf.Tensor) => {
      const y = tf.add(x, 1);
      return { x, same: tf.reshape(x, [2, 1]), constant, y, again: tf.clone(y) };
    });
    for (let i = 0; i < 2; i += 1) {
      const x = tf.tensor1d([i, i]);
      const result = compiled(x);
      x.dispose();
      result.y.dispose();
      expect(result.again.arraySync()).toEqual([i + 1, i + 1]);
      expect(result.x.arraySync()).toEqual([i, i]);
      expect(result.same.arraySync()).toEqual([[i], [i]]);
      expect(result.constant.arraySync()).toEqual([7, 8]);
      tf.dispose([result.x, result.same, result.again, result.constant]);
    }
    compiled.dispose();
    constant.dispose();
  });

  it('holds the constants that it uses when others let go of them', () => {
    const constant = tf.tidy(() => tf.add(tf.tensor1d([1, 2]), 1));
    const compiled = compile((x: tf.Tensor) => tf.mul(x, constant));
    withInputs(tf.tensor1d([1, 1]), (x) => expect(taken(compiled(x))).toEqual([2, 3]));
    constant.dispose();
    // Whoever got the constant's buffer now would write into it.
    const others = tf.tidy(() => tf.add(tf.tensor1d([50, 60]), 1));
    others.dataSync();
    withInputs(tf.tensor1d([2, 2]), (x) => expect(taken(compiled(x))).toEqual([4, 6]));
    expect(compiled.statistics.traces).toBe(1);
    others.dispose();
    compiled.dispose();
  });

  it('results survive later replays', () => {
    const compiled = compile((x: tf.Tensor) => tf.mul(x, 2));
    const results = [1, 2, 3].map((n) => {
      const x = tf.fill([2000], n);
      const y = compiled(x);
      x.dispose();
      return y;
    });
    expect(results.map((y) => y.dataSync()[1999])).toEqual([2, 4, 6]);
    tf.dispose(results);
    compiled.dispose();
  });

  it('a training step with gradients learns as it does eagerly', () => {
    const step = ({ w, x, y, rate }: Record<'w' | 'x' | 'y' | 'rate', tf.Tensor>) => {
      const loss = (weights: tf.Tensor): tf.Scalar =>
        tf.mean(tf.squaredDifference(tf.tanh(tf.matMul(x!, weights as tf.Tensor2D)), y!));
      const { value, grad } = tf.valueAndGrad(loss)(w!) as unknown as { value: tf.Scalar; grad: tf.Tensor };
      return { loss: value, w: tf.sub(w!, tf.mul(grad, rate!)) };
    };
    const run = (of: typeof step) => {
      let w: tf.Tensor = tf.tensor2d([0.1, -0.2, 0.3], [3, 1]);
      const losses: number[] = [];
      const [x, y] = [tf.tensor2d([1, 2, 3, -1, 0.5, 2], [2, 3]), tf.tensor2d([0.5, -0.5], [2, 1])];
      for (let i = 0; i < 5; i += 1) {
        const rate = tf.scalar(0.5 / (i + 1));
        const result = tf.tidy(() => of({ w, x, y, rate }));
        losses.push(result.loss.dataSync()[0]!);
        tf.dispose([w, rate, result.loss]);
        w = result.w;
      }
      tf.dispose([w, x, y]);
      return losses;
    };
    const compiled = compile(step);
    const [eager, replayed] = [run(step), run(compiled)];
    expect(replayed).toEqual(eager);
    expect(replayed.at(-1)!).toBeLessThan(replayed[0]!);
    expect(compiled.statistics).toMatchObject({ traces: 1, replays: 5 });
    compiled.dispose();
  });

  it('leaves nothing behind when it is disposed', () => {
    const compiled = compile((x: tf.Tensor) => tf.add(x, tf.tensor1d([1, 2])));
    withInputs(tf.tensor1d([1, 1]), (x) => taken(compiled(x)));
    compiled.dispose();
    compiled.dispose();
    withInputs(tf.tensor1d([1, 1]), (x) => expect(taken(compiled(x))).toEqual([2, 3]));
    expect(compiled.statistics.traces).toBe(2);
    compiled.dispose();
  });
});

describe('what cannot be compiled', () => {
  it.each<[string, (x: tf.Tensor) => tf.Tensor, number[][]]>([
    [
      'a kernel without a lowering',
      (x) => tf.cumprod(tf.add(x, 0)),
      [
        [1, 1],
        [2, 4],
        [3, 9],
      ],
    ],
    [
      'a function that reads a number',
      (x) => tf.mul(x, x.dataSync()[0]!),
      [
        [1, 1],
        [4, 4],
        [9, 9],
      ],
    ],
  ])('%s runs eagerly from then on, and is counted', (_name, step, expected) => {
    const compiled = compile(step);
    const results = [1, 2, 3].map((n) => {
      const x = tf.tensor1d([n, n]);
      const y = compiled(x);
      x.dispose();
      return taken(y);
    });
    expect(results).toEqual(expected);
    expect(compiled.statistics).toMatchObject({ replays: 0, eager: 3 });
    compiled.dispose();
  });

  it('an error of the function itself comes through, and recording goes on afterwards', () => {
    const compiled = compile(() => {
      throw new TypeError('not mine');
    });
    withInputs(tf.ones([1]), (x) => expect(() => compiled(x)).toThrow('not mine'));
    expect(onnxRuntime().capturing).toBeUndefined();
    expect(tf.tidy(() => tf.add(1, 2).arraySync())).toBe(3);
    compiled.dispose();
  });

  it('another backend runs it eagerly, with the same result and the same owners', async () => {
    const compiled = compile((x: tf.Tensor) => ({ y: tf.exp(tf.mul(x, 2)), x }));
    const run = (): number[] => {
      const x = tf.tensor1d([0.25, -1]);
      const result = compiled(x);
      x.dispose();
      expect(result.x.arraySync()).toEqual([0.25, -1]);
      return (taken(result) as { y: number[] }).y;
    };
    const here = run();
    await tf.setBackend('cpu');
    const there = run();
    there.forEach((value, i) => expect(here[i]).toBeCloseTo(value, 6));
    expect(compiled.statistics).toMatchObject({ traces: 1, replays: 1, eager: 1 });
    compiled.dispose();
  });

  it('a compiled function inside another is part of it', () => {
    const inner = compile((x: tf.Tensor) => tf.add(x, 1));
    const outer = compile((x: tf.Tensor) => tf.mul(inner(x), 2));
    for (const n of [1, 2]) {
      withInputs(tf.tensor1d([n]), (x) => expect(taken(outer(x))).toEqual([2 * (n + 1)]));
    }
    expect(outer.statistics).toMatchObject({ traces: 1, replays: 2 });
    expect(inner.statistics.traces).toBe(0);
    outer.dispose();
    inner.dispose();
  });
});
