/** Pooling over images, and its gradients. */
import { backend_util, util } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { zeros } from './indexing.js';
import { channelsFirst, channelsLast, filterOf, isRegular, padsOf, reach, stridesOf } from './layout.js';
import { ElementType, ints, kernel, scalar } from './lowering.js';
import type { Lowering, Operand } from './lowering.js';
import type { Attributes as OnnxAttributes } from '../onnx/proto.js';

type Pool = backend_util.Conv2DInfo;

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

const pooling = (name: string, operator: string) =>
  kernel<{ x: TensorInfo }, Attributes>(name, (l, { x }, attrs) => {
    const pool = poolOf(x.shape, attrs);
    if (x.dtype !== 'float32' || !isSound(pool)) return null;
    const images = channelsFirst(l, l.input(x));
    return l.output(channelsLast(l, l.float(operator, [images], outputOf(pool), windowOf(pool))));
  });

function expanded(l: Lowering, value: Operand, shape: readonly number[]) {
  return l.float('Expand', [value, ints(shape)], shape);
}

export const poolingKernels = [
  pooling('MaxPool', 'MaxPool'),
  // Neither counts what lies outside of the image.
  pooling('AvgPool', 'AveragePool'),
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
