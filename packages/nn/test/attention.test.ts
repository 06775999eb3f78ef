/** Attention under every kind of mask against plain loops, values and gradients; and which way each mask goes. */
import { causalMask, dropoutMask, paddingMask, registerMatMulGradient, selfAttention } from '@ligature/nn';
import type { AttentionOptions, QueriesKeysValues } from '@ligature/nn';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BACKENDS } from './support/backends.js';
import { expectClose } from './support/close.js';
import * as loops from './support/numeric.js';
import { numbers, run, runs, small } from './support/run.js';

const shapes = fc.record({ batch: small(2), time: small(4), heads: small(2), size: small(3) });

const cases = shapes.chain((shape) => {
  const rows = shape.batch * shape.time;
  const width = shape.heads * shape.size;
  return fc.record({
    shape: fc.constant(shape),
    qkv: numbers(rows * 3 * width),
    dy: numbers(rows * width),
    rate: fc.constantFrom(0, 0.4),
    /** Tokens of each sequence; the rest is padding. */
    lengths: fc.array(fc.integer({ min: 1, max: shape.time }), {
      minLength: shape.batch,
      maxLength: shape.batch,
    }),
    /** One number for each batch row, head, query and key. */
    free: numbers(shape.batch * shape.heads * shape.time ** 2),
  });
});

describe.each(BACKENDS)('selfAttention on %s', (backend) => {
  let before = 0;
  beforeEach(async () => {
    await tf.setBackend(backend);
    registerMatMulGradient();
    before = tf.memory().numTensors;
  });
  afterEach(() => expect(tf.memory().numTensors).toBe(before));

  it.each(['causal', 'padding', 'causal and padding', 'free', 'none'] as const)(
    'with the mask: %s',
    (kind) => {
      fc.assert(
        fc.property(cases, ({ shape, qkv, dy, rate, lengths, free }) => {
          const { batch, time, heads, size } = shape;
          const present = (): tf.Tensor2D =>
            tf.tensor2d(
              lengths.map((length) => Array.from({ length: time }, (_, at) => (at < length ? 1 : 0))),
              [batch, time],
              'int32',
            );
          const padding = (b: number, key: number): number => (key < lengths[b]! ? 0 : -Infinity);
          const place = (b: number, h: number, query: number, key: number): number =>
            ((b * heads + h) * time + query) * time + key;
          const [mask, added] = (
            {
              causal: [() => 'causal', loops.causal],
              padding: [() => paddingMask(present()), (b, _h, _q, key) => padding(b, key)],
              'causal and padding': [
                () => tf.add(causalMask(time), paddingMask(present())),
                (b, h, q, key) => loops.causal(b, h, q, key) + padding(b, key),
              ],
              free: [() => tf.tensor4d(free, [batch, heads, time, time]), (...at) => free[place(...at)]!],
              none: [() => undefined, () => 0],
            } satisfies Record<string, [() => AttentionOptions['mask'], typeof loops.causal]>
          )[kind] as [() => NonNullable<AttentionOptions['mask']> | undefined, typeof loops.causal];
          const drops = tf.tidy(() =>
            dropoutMask<tf.Rank.R3>([batch * heads, time, time], rate, 77).dataSync(),
          );
          const expected = (v: loops.Vector): number[] =>
            loops.attention(v, shape, added, (...at) => drops[place(...at)]!);
          const { value, gradients } = run(
            (x) => {
              const made = mask();
              return selfAttention(x as tf.Tensor2D, shape, {
                ...(made && { mask: made }),
                dropout: rate > 0 ? { rate, seed: () => 77 } : undefined,
              });
            },
            [[qkv, [batch * time, 3 * heads * size]]],
            dy,
          );
          expectClose(value, expected(qkv), 1e-5, 1e-5);
          const slopes = loops.numericGradient((v) => loops.dot(expected(v), dy), qkv);
          expectClose(gradients[0]!, slopes, 1e-4, 1e-4);
        }),
        runs,
      );
    },
  );

  it.each(['causal', undefined] as const)('takes queries, keys and values apart, mask %s', (mask) => {
    const shape = { batch: 2, time: 3, heads: 2, size: 2 };
    const [rows, width] = [6, 4];
    const part = (seed: number): number[] =>
      Array.from({ length: rows * width }, (_, i) => Math.sin(seed * 100 + 3.7 * i));
    const parts = [part(1), part(2), part(3)];
    const packed = Array.from({ length: rows }, (_, row) =>
      parts.flatMap((values) => values.slice(row * width, (row + 1) * width)),
    ).flat();
    const options = mask ? { mask } : {};
    const whole = run(
      (x) => selfAttention(x as tf.Tensor2D, shape, options),
      [[packed, [rows, 12]]],
      part(4),
    );
    const apart = run(
      (queries, keys, values) =>
        selfAttention({ queries, keys, values } as QueriesKeysValues, shape, options),
      parts.map((values) => [values, [rows, width]]),
      part(4),
    );
    expectClose(apart.value, whole.value, 1e-6, 0);
    apart.gradients.forEach((gradient, at) => {
      const wanted = Array.from({ length: rows }, (_, row) => [
        ...whole.gradients[0]!.slice(row * 12 + at * width, row * 12 + (at + 1) * width),
      ]).flat();
      expectClose(gradient, wanted, 1e-6, 0, `gradient ${at}`);
    });
  });
});

describe('the way that a mask goes', () => {
  const shape = { batch: 2, time: 3, heads: 2, size: 2 };
  const qkv = (): tf.Tensor2D =>
    tf.tensor2d(
      Array.from({ length: 72 }, (_, i) => Math.sin(i)),
      [6, 12],
    );
  let taken = 0;
  beforeEach(async () => {
    await tf.setBackend('cpu');
    taken = 0;
    tf.registerKernel({
      kernelName: 'FusedCausalAttention',
      backendName: 'cpu',
      kernelFunc: ({ inputs }) => {
        taken += 1;
        const slice = { begin: [0, 0], size: [6, 4] };
        return tf.engine().runKernel('Slice', { x: inputs['qkv'] as tf.Tensor }, slice) as tf.Tensor;
      },
    });
  });
  afterEach(() => tf.unregisterKernel('FusedCausalAttention', 'cpu'));

  it('is the fused one for the causal mask alone', () => {
    tf.tidy(() => {
      const attend = (options: AttentionOptions): number => {
        taken = 0;
        selfAttention(qkv(), shape, options);
        return taken;
      };
      expect(attend({ mask: 'causal' })).toBe(1);
      expect(attend({ mask: 'causal', dropout: { rate: 0.5, seed: () => 1 } })).toBe(0);
      expect(attend({})).toBe(0);
      // The same numbers, but nobody looks at them to find out.
      expect(attend({ mask: causalMask(3) })).toBe(0);
      expect(attend({ mask: paddingMask(tf.ones([2, 3])) })).toBe(0);
    });
  });

  it.each([[[3, 2]], [[2, 3, 3]], [[3, 1, 1, 3]], [[3]], [[2, 2, 1, 4]]])(
    'refuses a mask of shape %j',
    (wrong) => {
      tf.tidy(() => {
        expect(() => selfAttention(qkv(), shape, { mask: tf.zeros(wrong) })).toThrow(
          expect.objectContaining({ code: 'attention-mask-shape-invalid' }),
        );
      });
    },
  );
});
