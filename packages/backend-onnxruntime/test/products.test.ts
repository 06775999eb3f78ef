/** Products, convolutions, pooling and their gradients against tfjs's CPU kernels. */
// tfjs-core registers no gradients in Node; the whole of tfjs does.
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { sampleOf } from './support/tensors.js';
import type { Sample } from './support/tensors.js';
import { expectTwin, RUNS } from './support/twin.js';

const CLOSE = { relative: 1e-4, absolute: 1e-4 };
const finite = (...shape: number[]) => sampleOf(shape, 'float32', { min: -2, max: 2, special: 0 });
const size = (max: number) => fc.integer({ min: 1, max });

type Activation = NonNullable<Parameters<typeof tf.fused.matMul>[0]['activation']>;
const ACTIVATIONS: Activation[] = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'];

describe('products', () => {
  const sizes = fc.tuple(size(7), size(9), size(8), fc.boolean(), fc.boolean());

  it('matMul with batches that broadcast', async () => {
    const batches = fc.constantFrom<[number[], number[]]>(
      [[], []],
      [[3], [3]],
      [
        [2, 3],
        [2, 3],
      ],
      [
        [1, 3],
        [2, 3],
      ],
      [[3], []],
    );
    const input = fc
      .tuple(sizes, batches)
      .chain(([[m, k, n, transA, transB], [left, right]]) =>
        fc.tuple(
          finite(...left, ...(transA ? [k, m] : [m, k])),
          finite(...right, ...(transB ? [n, k] : [k, n])),
          fc.constant([transA, transB] as const),
        ),
      );
    await fc.assert(
      fc.asyncProperty(input, ([a, b, [transA, transB]]) =>
        expectTwin([a, b], (x, y) => tf.matMul(x!, y!, transA, transB), CLOSE),
      ),
      RUNS,
    );
  });

  it('fused matMul with bias and activation', async () => {
    const input = fc
      .tuple(sizes, fc.constantFrom(...ACTIVATIONS))
      .chain(([[m, k, n], activation]) =>
        fc.tuple(finite(m, k), finite(k, n), finite(n), fc.constant(activation)),
      );
    await fc.assert(
      fc.asyncProperty(input, ([a, b, bias, activation]) =>
        expectTwin(
          [a, b, bias],
          (x, y, z) =>
            tf.fused.matMul({
              a: x as tf.Tensor2D,
              b: y as tf.Tensor2D,
              bias: z!,
              activation,
              preluActivationWeights: z!,
            }),
          CLOSE,
        ),
      ),
      RUNS,
    );
  });

  it.each([
    'ij,jk->ik',
    'bij,bjk->bik',
    'ij->ji',
    'ij->',
    'i,j->ij',
    'abc,cd->abd',
    'bhqd,bhkd->bhqk',
    'i,i->',
  ])('einsum %s', async (equation) => {
    const letters = [...new Set(equation.replace(/\W/g, ''))];
    const input = fc.tuple(...letters.map(() => size(4))).chain((lengths) => {
      const terms = equation.split('->')[0]!.split(',');
      return fc.tuple(
        ...terms.map((term) => finite(...[...term].map((letter) => lengths[letters.indexOf(letter)]!))),
      );
    });
    await fc.assert(
      fc.asyncProperty(input, (tensors) =>
        expectTwin(tensors, (...all) => tf.einsum(equation, ...all), CLOSE),
      ),
      RUNS,
    );
  });

  it('batchNorm', async () => {
    const input = fc
      .tuple(size(3), size(5), size(6))
      .chain(([n, t, c]) =>
        fc.tuple(
          finite(n, t, c),
          finite(c),
          sampleOf([c], 'float32', { min: 0.1, max: 2, special: 0 }),
          finite(c),
        ),
      );
    await fc.assert(
      fc.asyncProperty(input, (all) =>
        expectTwin(
          all,
          (x, mean, variance, scale) => [
            tf.batchNorm(
              x!,
              mean as tf.Tensor1D,
              variance as tf.Tensor1D,
              scale as tf.Tensor1D,
              scale as tf.Tensor1D,
            ),
            tf.batchNorm(x!, mean as tf.Tensor1D, variance as tf.Tensor1D),
          ],
          CLOSE,
        ),
      ),
      RUNS,
    );
  });
});

interface Slide {
  readonly images: Sample;
  readonly filter: Sample;
  readonly perChannel: Sample;
  readonly window: [number, number];
  readonly strides: [number, number];
  readonly pad: 'same' | 'valid' | number;
  readonly rounding: 'floor' | 'ceil' | undefined;
}

/** A filter that slides over an image, in every way that tfjs knows; `multiply`: filters of a single channel. */
const slides = (multiply: boolean): fc.Arbitrary<Slide> =>
  fc
    .record({
      n: size(2),
      channels: size(3),
      out: size(3),
      filter: fc.tuple(size(3), size(3)),
      extra: fc.tuple(fc.nat(5), fc.nat(5)),
      strides: fc.tuple(size(3), size(3)),
      pad: fc.constantFrom<'same' | 'valid' | number>('same', 'valid', 0, 1),
      rounding: fc.constantFrom<'floor' | 'ceil' | undefined>('floor', 'ceil', undefined),
    })
    .chain(({ n, channels, out, filter: [h, w], extra, strides, pad, rounding }) => {
      // With a number as padding, tfjs computes the width from the height's numbers; see isRegular in layout.ts.
      const isRegular = typeof pad === 'string' || (h === w && strides[0] === strides[1]);
      return fc.record({
        images: finite(n, h + extra[0], w + extra[1], channels),
        filter: finite(h, w, channels, out),
        perChannel: finite(multiply ? channels * out : out),
        window: fc.constant<[number, number]>([h, w]),
        strides: fc.constant<[number, number]>(strides),
        pad: fc.constant(isRegular ? pad : 'same'),
        // tfjs wants a rounding for numbers only.
        rounding: fc.constant(isRegular && typeof pad === 'number' ? (rounding ?? 'floor') : undefined),
      });
    });

async function slide(
  multiply: boolean,
  build: (
    slide: Slide,
    x: tf.Tensor4D,
    filter: tf.Tensor4D,
    perChannel: tf.Tensor1D,
  ) => tf.Tensor | tf.Tensor[],
) {
  await fc.assert(
    fc.asyncProperty(slides(multiply), (given) =>
      expectTwin(
        [given.images, given.filter, given.perChannel],
        (x, filter, perChannel) =>
          build(given, x as tf.Tensor4D, filter as tf.Tensor4D, perChannel as tf.Tensor1D),
        CLOSE,
      ),
    ),
    RUNS,
  );
}

describe('images', () => {
  it('conv2d', () =>
    slide(false, ({ strides, pad, rounding }, x, filter) =>
      tf.conv2d(x, filter, strides, pad, 'NHWC', [1, 1], rounding),
    ));

  it('conv2d, channels first', () =>
    slide(false, ({ strides, pad, rounding }, x, filter) =>
      tf.conv2d(tf.transpose(x, [0, 3, 1, 2]), filter, strides, pad, 'NCHW', [1, 1], rounding),
    ));

  it('conv2d, dilated', () =>
    slide(false, (_given, x, filter) => tf.conv2d(x, filter, 1, 'same', 'NHWC', [2, 2])));

  it('depthwiseConv2d', () =>
    slide(true, ({ strides: [stride], pad, rounding }, x, filter) =>
      tf.depthwiseConv2d(x, filter, stride, pad, 'NHWC', 1, rounding),
    ));

  // tfjs's gradients know no rounding but down.
  it('gradients of conv2d', () =>
    slide(false, ({ strides, pad }, x, filter) =>
      tf.grads((a, b) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, strides, pad))([x, filter]),
    ));

  it('gradients of depthwiseConv2d', () =>
    slide(true, ({ strides: [stride], pad }, x, filter) =>
      tf.grads((a, b) => tf.depthwiseConv2d(a as tf.Tensor4D, b as tf.Tensor4D, stride, pad))([x, filter]),
    ));

  it('conv2dTranspose', () =>
    slide(false, ({ strides, window }, x, filter) => {
      const [n, h, w, channels] = x.shape;
      const shape: [number, number, number, number] = [
        n,
        (h - 1) * strides[0] + window[0],
        (w - 1) * strides[1] + window[1],
        filter.shape[3],
      ];
      // Any numbers will do for a filter of the opposite direction.
      const opposite = tf.reshape(filter, [...window, shape[3], channels]) as tf.Tensor4D;
      return tf.conv2dTranspose(x, opposite, shape, strides, 'valid');
    }));

  it.each(ACTIVATIONS)('fused conv2d with %s', (activation) =>
    slide(false, ({ strides, pad, rounding }, x, filter, perChannel) =>
      tf.fused.conv2d({
        x,
        filter,
        strides,
        pad,
        ...(rounding === undefined ? {} : { dimRoundingMode: rounding }),
        bias: perChannel,
        activation,
        preluActivationWeights: perChannel,
        leakyreluAlpha: 0.3,
      }),
    ),
  );

  it('fused depthwiseConv2d', () =>
    slide(true, ({ strides: [stride], pad, rounding }, x, filter, perChannel) =>
      tf.fused.depthwiseConv2d({
        x,
        filter,
        strides: stride,
        pad,
        ...(rounding === undefined ? {} : { dimRoundingMode: rounding }),
        bias: perChannel,
        activation: 'relu6',
      }),
    ));

  it('maxPool, avgPool and their gradients', () =>
    slide(false, ({ window, strides, pad: given }, x) => {
      // ONNX wants every window to touch the image.
      const pad = typeof given === 'number' && given >= Math.min(...window) ? 0 : given;
      const max = (a: tf.Tensor) => tf.maxPool(a as tf.Tensor4D, window, strides, pad);
      const mean = (a: tf.Tensor) => tf.avgPool(a as tf.Tensor4D, window, strides, pad);
      return [max(x), mean(x), tf.grad(max)(x), tf.grad(mean)(x)];
    }));

  it('resizeBilinear', async () => {
    const input = fc.tuple(
      fc.tuple(size(2), size(6), size(6), size(3)).chain((shape) => finite(...shape)),
      fc.tuple(size(9), size(9)),
      fc.boolean(),
    );
    await fc.assert(
      fc.asyncProperty(input, ([images, to, alignCorners]) =>
        expectTwin([images], (x) => tf.image.resizeBilinear(x as tf.Tensor4D, to, alignCorners), CLOSE),
      ),
      RUNS,
    );
  });
});

describe('gradients of activations', () => {
  it.each<[string, (x: tf.Tensor) => tf.Tensor]>([
    ['relu', tf.relu],
    ['relu6', tf.relu6],
    ['elu', tf.elu],
    ['selu', tf.selu],
    ['leakyRelu', (x) => tf.leakyRelu(x, 0.1)],
    ['softplus', tf.softplus],
    ['tanh', tf.tanh],
    ['sigmoid', tf.sigmoid],
    ['softmax', (x) => tf.softmax(x)],
    ['logSoftmax', (x) => tf.logSoftmax(x)],
    ['max', (x) => tf.max(x, -1)],
    ['norm', (x) => tf.norm(x)],
  ])('%s', async (_name, activation) => {
    const input = fc.tuple(size(4), size(19)).chain((shape) => finite(...shape));
    await fc.assert(
      fc.asyncProperty(input, (sample) => expectTwin([sample], (x) => tf.grad(activation)(x!), CLOSE)),
      RUNS,
    );
  });
});
