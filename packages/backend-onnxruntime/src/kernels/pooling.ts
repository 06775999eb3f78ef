/** Pooling over images, and its gradients. */
import { backend_util, util } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { zeros } from './indexing.js';
import { channelsFirst, channelsLast, filterOf, isRegular, padsOf, reach, stridesOf } from './layout.js';
import { ElementType, ints, kernel, scalar } from './lowering.js';
import type { Input, Lowering, Operand } from './lowering.js';
import { reduceInStages } from './long-sums.js';
import type { Attributes as OnnxAttributes } from '../onnx/proto.js';

type Pool = backend_util.Conv2DInfo;

/** Pixels of a window that ONNX Runtime adds one after the other, see `long-sums.ts`. */
const MAX_WINDOW = 512;

interface Attributes {
  filterSize: [number, number] | number;
  strides: [number, number] | number;
  pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

const poolOf = (shape: readonly number[], { filterSize, strides, pad, dimRoundingMode }: Attributes): Pool =>
  backend_util.computePool2DInfo(
    shape as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );

/** ONNX Runtime wants every window to touch the image. */
function isSound(pool: Pool): boolean {
  const [top, left, bottom, right] = padsOf(pool) as [number, number, number, number];
  return (
    isRegular(pool) && Math.max(top, bottom) < pool.filterHeight && Math.max(left, right) < pool.filterWidth
  );
}

const windowOf = (pool: Pool): OnnxAttributes => ({
  kernel_shape: filterOf(pool),
  strides: stridesOf(pool),
  pads: padsOf(pool),
});

const outputOf = ({ batchSize, outChannels, outHeight, outWidth }: Pool): number[] => [
  batchSize,
  outChannels,
  outHeight,
  outWidth,
];

const pooling = (name: string, pooled: (l: Lowering, images: Input, pool: Pool) => Input) =>
  kernel<{ x: TensorInfo }, Attributes>(name, (l, { x }, attrs) => {
    const pool = poolOf(x.shape, attrs);
    if (x.dtype !== 'float32' || !isSound(pool)) return null;
    const images = channelsFirst(l, l.input(x));
    return l.output(channelsLast(l, pooled(l, images, pool)));
  });

/**
 * Means of windows. Those of more pixels than are well added one after the other are means of rows of means of columns;
 * what lies outside of the image, which does not count, is the same for all rows of a window and for all columns.
 */
function means(l: Lowering, images: Input, pool: Pool): Input {
  const { batchSize, outChannels, outHeight, outWidth, inHeight, inWidth } = pool;
  const [[high, wide], pads] = [filterOf(pool) as [number, number], padsOf(pool)];
  if (high * wide <= MAX_WINDOW) return l.float('AveragePool', [images], outputOf(pool), windowOf(pool));
  if (high === inHeight && wide === inWidth && pads.every((pad) => pad === 0)) {
    return reduceInStages(l, 'ReduceMean', images, [2, 3], true);
  }
  const [down, across] = stridesOf(pool) as [number, number];
  const [top, left, bottom, right] = pads as [number, number, number, number];
  const ofColumns = l.float('AveragePool', [images], [batchSize, outChannels, outHeight, inWidth], {
    kernel_shape: [high, 1],
    strides: [down, 1],
    pads: [top, 0, bottom, 0],
  });
  return l.float('AveragePool', [ofColumns], [batchSize, outChannels, outHeight, outWidth], {
    kernel_shape: [1, wide],
    strides: [1, across],
    pads: [0, left, 0, right],
  });
}

function expanded(l: Lowering, value: Operand, shape: readonly number[]) {
  return l.float('Expand', [value, ints(shape)], shape);
}

export const poolingKernels = [
  pooling('MaxPool', (l, images, pool) => l.float('MaxPool', [images], outputOf(pool), windowOf(pool))),
  // Neither counts what lies outside of the image.
  pooling('AvgPool', means),
  /** Each window's gradient goes to the first of its largest pixels. */
  kernel<{ dy: TensorInfo; input: TensorInfo }, Attributes>('MaxPoolGrad', (l, { dy, input }, attrs) => {
    const pool = poolOf(input.shape, attrs);
    if (input.dtype !== 'float32' || dy.dtype !== 'float32' || !isSound(pool)) return null;
    if (!util.arraysEqual(dy.shape, pool.outShape)) return null;
    const images = channelsFirst(l, l.input(input));
    const shape = outputOf(pool);
    const [, places] = l.ops(
      'MaxPool',
      [images],
      [
        { type: ElementType.float32, shape },
        { type: ElementType.int64, shape },
      ],
      windowOf(pool),
    );
    const size = shape.reduce((product, n) => product * n, 1);
    const length = images.shape.reduce((product, n) => product * n, 1);
    const gradients = l.reshape(channelsFirst(l, l.input(dy)), [size]);
    const flat = l.float(
      'ScatterElements',
      [zeros(l, [length]), l.reshape(places!, [size]), gradients],
      [length],
      { axis: 0, reduction: 'add' },
    );
    return l.output(channelsLast(l, l.reshape(flat, images.shape)));
  }),
  // As tfjs does it, every pixel of a window gets the same share, even where part of the window is outside.
  kernel<{ dy: TensorInfo; input: TensorInfo }, Attributes>('AvgPoolGrad', (l, { dy, input }, attrs) => {
    const pool = poolOf(input.shape, attrs);
    if (dy.dtype !== 'float32' || !isRegular(pool)) return null;
    if (!util.arraysEqual(dy.shape, pool.outShape)) return null;
    const { batchSize, inChannels, inHeight, inWidth, filterHeight, filterWidth } = pool;
    const [bottom, right] = reach(pool);
    const ones = expanded(l, scalar(1 / (filterHeight * filterWidth)), [
      inChannels,
      1,
      filterHeight,
      filterWidth,
    ]);
    const dx = l.float(
      'ConvTranspose',
      [channelsFirst(l, l.input(dy)), ones],
      [batchSize, inChannels, inHeight, inWidth],
      {
        ...windowOf(pool),
        output_padding: [Math.max(0, -bottom), Math.max(0, -right)],
        group: inChannels,
      },
    );
    return l.output(channelsLast(l, dx));
  }),
];
