import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAdamW, type AdamWOptions } from '../../src/optimizers/index.js';
import { fresh, run, scalarTensors, specOf } from './support.js';

const options: AdamWOptions = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1, decay: 'all' };
const optimizer = createAdamW(options);

interface Numbers {
  parameter: number[];
  m: number[];
  v: number[];
}

/** Runs the pure update over a list of gradients, with a clip factor of its own for each. */
function train(start: number[], gradients: number[][], learningRate: number, clips?: number[]): Numbers {
  const spec = specOf([start.length]);
  const updates = gradients.map((gradient, index) => ({ gradient, learningRate, clip: clips?.[index] ?? 1 }));
  const { parameter, slots } = run(optimizer, spec, fresh(optimizer, spec, start), updates);
  return { parameter, m: slots['m']!, v: slots['v']! };
}

/** torch's documented algorithm, element by element in 64 bits; gradients are scaled before anything else. */
function slowTwin(start: number, gradients: number[], learningRate: number): [number, number, number] {
  let [p, m, v] = [start, 0, 0];
  gradients.forEach((g, index) => {
    p -= learningRate * options.weightDecay * p;
    m = options.beta1 * m + (1 - options.beta1) * g;
    v = options.beta2 * v + (1 - options.beta2) * g * g;
    const mean = m / (1 - options.beta1 ** (index + 1));
    const square = v / (1 - options.beta2 ** (index + 1));
    p -= (learningRate * mean) / (Math.sqrt(square) + options.epsilon);
  });
  return [p, m, v];
}

describe('adamw', () => {
  it('moves by the learning rate a step under a constant gradient, whatever its size (closed form)', () => {
    // Both corrected moments are then exact, so p <- p (1 - lr wd) - lr sign(g).
    const { parameter } = train([1, 1, -0.5], Array(5).fill([0.3, -40, 0.001]), 0.01);
    const closed = (start: number, sign: number): number => {
      let p = start;
      for (let step = 0; step < 5; step += 1) p = p * (1 - 0.01 * 0.1) - 0.01 * sign;
      return p;
    };
    expect(parameter[0]).toBeCloseTo(closed(1, 1), 6);
    expect(parameter[1]).toBeCloseTo(closed(1, -1), 6);
    expect(parameter[2]).toBeCloseTo(closed(-0.5, 1), 5);
  });

  it('agrees with numbers computed by hand from the documentation of torch.optim.AdamW', () => {
    // Three steps, lr 0.01, betas 0.9 and 0.999, eps 1e-8, weight decay 0.1, worked out in 64 bits.
    const { parameter, m, v } = train(
      [1, -2],
      [
        [0.5, -3],
        [-0.25, 0],
        [1, 0.125],
      ],
      0.01,
    );
    expect(parameter[0]).toBeCloseTo(0.9777811663, 6);
    expect(parameter[1]).toBeCloseTo(-1.972423243, 6);
    expect(m[0]).toBeCloseTo(0.118, 6);
    expect(m[1]).toBeCloseTo(-0.2305, 6);
    expect(v[0]).toBeCloseTo(0.00131193775, 8);
    expect(v[1]).toBeCloseTo(0.008997634, 8);
  });

  it('equals the element-wise twin on random parameters, gradients and clip factors', () => {
    const value = fc.double({ min: -3, max: 3, noNaN: true });
    const gradient = fc.double({ min: 0.01, max: 5, noNaN: true }).chain((g) => fc.constantFrom(g, -g));
    const clip = fc.double({ min: 0.1, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        value,
        fc.array(fc.tuple(gradient, clip), { minLength: 1, maxLength: 6 }),
        fc.double({ min: 1e-4, max: 0.1, noNaN: true }),
        (start, steps, learningRate) => {
          const gradients = steps.map(([g]) => [g]);
          const clips = steps.map(([, factor]) => factor);
          const fast = train([start], gradients, learningRate, clips);
          const [p, m, v] = slowTwin(
            start,
            steps.map(([g, factor]) => g * factor),
            learningRate,
          );
          expect(Math.abs((fast.parameter[0] as number) - p)).toBeLessThan(2e-6);
          expect(Math.abs((fast.m[0] as number) - m)).toBeLessThan(2e-6);
          expect(Math.abs((fast.v[0] as number) - v)).toBeLessThan(2e-6);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('decays matrices only, or everything, or nothing, unless the parameter says otherwise', () => {
    const decays = (shape: number[], changed: Partial<AdamWOptions>, decay?: boolean): boolean => {
      const spec = specOf(shape, decay === undefined ? {} : { decay });
      const size = shape.reduce((product, n) => product * n, 1);
      const optimizer = createAdamW({ ...options, ...changed });
      const still = { gradient: Array<number>(size).fill(0), learningRate: 0.01 };
      const { parameter } = run(optimizer, spec, fresh(optimizer, spec, Array<number>(size).fill(1)), [
        still,
      ]);
      expect([1, Math.fround(1 - 0.01 * 0.1)]).toContain(parameter[0]);
      return parameter[0] !== 1;
    };
    expect(decays([4, 4], { decay: 'matrices' })).toBe(true);
    expect(decays([4], { decay: 'matrices' })).toBe(false);
    expect(decays([4], {})).toBe(true);
    expect(decays([4, 4], { weightDecay: 0 })).toBe(false);
    expect(decays([4], { decay: 'matrices' }, true)).toBe(true);
    expect(decays([4, 4], {}, false)).toBe(false);
    expect(decays([4], { weightDecay: 0 }, true)).toBe(false);
  });

  it('leaves its inputs alone and makes three tensors, no more', () => {
    const inputs = [tf.tensor1d([1]), tf.tensor1d([0]), tf.tensor1d([0]), tf.tensor1d([2])] as const;
    const one = tf.scalar(0.5);
    const before = tf.memory().numTensors;
    const [parameter, m, v, gradient] = inputs;
    const next = optimizer.update({
      ...{ parameter, gradient, slots: { m, v }, spec: specOf([1]) },
      scalars: { stepSize: one, epsilon: one },
      shared: { meanWeight: one, squareWeight: one, keep: one },
    });
    expect(tf.memory().numTensors - before).toBe(3);
    expect(inputs.map((tensor) => tensor.dataSync()[0])).toEqual([1, 0, 0, 2]);
    tf.dispose([next.parameter, { ...next.slots }, [...inputs], one]);
    expect(tf.memory().numTensors).toBe(before - 5);
  });

  it('runs thirteen kernels, in an order that recorded steps rely on', async () => {
    const kernels = async (work: () => tf.TensorContainer): Promise<string[]> => {
      const profile = await tf.profile(() => tf.tidy(work));
      return profile.kernels.map(({ name }) => name);
    };
    const { Multiply, Add, Square, Sqrt, RealDiv, Sub } = tf;
    const zero = tf.scalar(0);
    expect(await kernels(() => ({ ...optimizer.shared(zero, { keep: zero }) }))).toEqual([
      ...[Multiply, Square, Multiply],
    ]);
    const spec = specOf([]);
    const input = {
      ...{ parameter: zero, gradient: zero, slots: { m: zero, v: zero }, spec },
      scalars: scalarTensors(optimizer.scalars(0.1, 1, spec)),
      shared: { meanWeight: zero, squareWeight: zero, keep: zero },
    };
    expect(
      await kernels(() => {
        const { parameter, slots } = optimizer.update(input);
        return [parameter, { ...slots }];
      }),
    ).toEqual([
      ...[Multiply, Multiply, Add],
      ...[Multiply, Square, Multiply, Add],
      ...[Sqrt, Add, RealDiv],
      ...[Multiply, Multiply, Sub],
    ]);
  });
});
