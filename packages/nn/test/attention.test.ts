/** Attention under every kind of mask against plain loops, values and gradients; and which way each mask goes. */
import {
  causalMask,
  dropoutMask,
  paddingMask,
  registerMatMulGradient,
  rotaryFrequencies,
  rotaryTables,
  selfAttention,
} from '@ligature/nn';
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

/** x turned as Su et al. write it: by the complex numbers of its pairs, the angle of pair i at position t being t f_i. */
function turnedByLoops(
  x: readonly number[],
  frequencies: readonly number[],
  heads: number,
  time: number,
): number[] {
  const half = frequencies.length;
  return x.map((value, at) => {
    const [place, head] = [at % (2 * half), Math.floor(at / (2 * half))];
    const position = Math.floor(head / heads) % time;
    const angle = position * frequencies[place % half]!;
    const other = place < half ? -x[at + half]! : x[at - half]!;
    return value * Math.cos(angle) + other * Math.sin(angle);
  });
}

describe.each(BACKENDS)('heads that share keys and values, with rotary positions, on %s', (backend) => {
  const grouped = fc
    .record({
      ...{ batch: small(2), time: small(4), keyValueHeads: small(2), group: small(3), half: small(2) },
      ...{ rotary: fc.boolean(), mask: fc.constantFrom('causal', 'none') },
    })
    .chain((shape) => {
      const rows = shape.batch * shape.time;
      const size = 2 * shape.half;
      const own = rows * shape.keyValueHeads * size;
      return fc.record({
        shape: fc.constant({ ...shape, size, heads: shape.keyValueHeads * shape.group }),
        queries: numbers(own * shape.group),
        ...{ keys: numbers(own), values: numbers(own), dy: numbers(own * shape.group) },
      });
    });

  it('equal loops over heads that each have a copy', async () => {
    await tf.setBackend(backend);
    registerMatMulGradient();
    const before = tf.memory().numTensors;
    fc.assert(
      fc.property(grouped, ({ shape, queries, keys, values, dy }) => {
        const { batch, time, heads, keyValueHeads, group, size, half, rotary, mask } = shape;
        const rows = batch * time;
        const frequencies = [...rotaryFrequencies({ size, theta: 100 })];
        expect(frequencies).toHaveLength(half);
        /** [rows, keyValueHeads * size] -> [rows, heads * size] */
        const repeated = (x: readonly number[]): number[] =>
          Array.from({ length: rows * heads * size }, (_, at) => {
            const [row, head, place] = [
              Math.floor(at / (heads * size)),
              Math.floor(at / size) % heads,
              at % size,
            ];
            return x[(row * keyValueHeads + Math.floor(head / group)) * size + place]!;
          });
        const angled = (x: readonly number[], n: number): readonly number[] =>
          rotary ? turnedByLoops(x, frequencies, n, time) : x;
        const expected = ([q, k, v]: readonly (readonly number[])[]): number[] => {
          const parts = [angled(q!, heads), repeated(angled(k!, keyValueHeads)), repeated(v!)];
          const width = heads * size;
          const packed = Array.from({ length: rows }, (_, row) =>
            parts.flatMap((part) => part.slice(row * width, (row + 1) * width)),
          ).flat();
          return loops.attention(
            packed,
            { batch, time, heads, size },
            mask === 'causal' ? loops.causal : () => 0,
            () => 1,
          );
        };
        const parts = [queries, keys, values];
        const widths = [heads, keyValueHeads, keyValueHeads].map((n) => n * size);
        const options = (): AttentionOptions => ({
          ...(mask === 'causal' && { mask: 'causal' }),
          ...(rotary && { rotary: rotaryTables(Float32Array.from(frequencies), time) }),
        });
        const sizes = { batch, time, heads, size, keyValueHeads };
        const apart = run(
          (queries, keys, values) =>
            selfAttention({ queries, keys, values } as QueriesKeysValues, sizes, options()),
          parts.map((part, at) => [part, [rows, widths[at]!]]),
          dy,
        );
        expectClose(apart.value, expected(parts), 1e-5, 1e-5);
        parts.forEach((part, at) => {
          const moved = (v: loops.Vector): number[] =>
            expected(parts.map((one, i) => (i === at ? [...v] : one)));
          const slopes = loops.numericGradient((v) => loops.dot(moved(v), dy), part);
          expectClose(apart.gradients[at]!, slopes, 1e-4, 1e-4, `gradient ${at}`);
        });
        const whole = Array.from({ length: rows }, (_, row) =>
          parts.flatMap((part, at) => part.slice(row * widths[at]!, (row + 1) * widths[at]!)),
        ).flat();
        const total = widths.reduce((sum, width) => sum + width, 0);
        const packed = run(
          (x) => selfAttention(x as tf.Tensor2D, sizes, options()),
          [[whole, [rows, total]]],
          dy,
        );
        expectClose(packed.value, [...apart.value], 1e-6, 1e-6);
        const side = Array.from({ length: rows }, (_, row) =>
          apart.gradients.flatMap((part, at) => [...part.slice(row * widths[at]!, (row + 1) * widths[at]!)]),
        ).flat();
        expectClose(packed.gradients[0]!, side, 1e-6, 1e-6);
      }),
      runs,
    );
    expect(tf.memory().numTensors).toBe(before);
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
      kernelName: 'FusedAttention',
      backendName: 'cpu',
      kernelFunc: ({ inputs }) => {
        taken += 1;
        const slice = { begin: [0, 0], size: [6, 4] };
        return tf.engine().runKernel('Slice', { x: inputs['qkv'] as tf.Tensor }, slice) as tf.Tensor;
      },
    });
  });
  afterEach(() => tf.unregisterKernel('FusedAttention', 'cpu'));

  it('is the fused one unless there is dropout', () => {
    tf.tidy(() => {
      const attend = (options: AttentionOptions): number => {
        taken = 0;
        selfAttention(qkv(), shape, options);
        return taken;
      };
      expect(attend({ mask: 'causal' })).toBe(1);
      expect(attend({ mask: 'causal', dropout: { rate: 0.5, seed: () => 1 } })).toBe(0);
      expect(attend({})).toBe(1);
      expect(attend({ mask: causalMask(3) })).toBe(1);
      expect(attend({ mask: paddingMask(tf.ones([2, 3])) })).toBe(1);
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
