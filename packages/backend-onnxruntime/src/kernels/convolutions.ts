/** Convolutions over images, by channel groups or not, and their gradients. */
import { backend_util, util } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { activate, isActivation } from './activations.js';
import type { Activation } from './activations.js';
import {
  channelsFirst,
  channelsLast,
  dilationsOf,
  filterOf,
  isRegular,
  padsOf,
  reach,
  stridesOf,
} from './layout.js';
import { ints, kernel } from './lowering.js';
import type { Input, Lowering } from './lowering.js';

type Format = 'NHWC' | 'NCHW';
type Convolution = backend_util.Conv2DInfo;

interface Attributes {
  strides: [number, number] | number;
  pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  dataFormat?: Format;
  dilations?: [number, number] | number | null;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

interface Geometry extends Convolution {
  readonly first: boolean;
  /** Channels of the input that one filter does not see: 1 group, or one for each channel. */
  readonly group: number;
}

function geometryOf(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dataFormat = 'NHWC', dilations, dimRoundingMode }: Attributes,
  depthwise: boolean,
): Geometry {
  const info = backend_util.computeConv2DInfo(
    inputShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    depthwise,
    backend_util.convertConv2DDataFormat(dataFormat),
  );
  return { ...info, first: dataFormat === 'NCHW', group: depthwise ? info.inChannels : 1 };
}

const toFirst = (l: Lowering, x: Input, { first }: Geometry): Input => (first ? x : channelsFirst(l, x));
const fromFirst = (l: Lowering, x: Input, { first }: Geometry): Input => (first ? x : channelsLast(l, x));

/** tfjs's filter [h, w, in, out] as ONNX wants it: [out, in, h, w], or [in x out, 1, h, w] by channel. */
function filterFirst(l: Lowering, filter: Input, { group, outChannels }: Geometry): Input {
  if (group === 1) return l.transpose(filter, [3, 2, 0, 1]);
  const [h, w] = filter.shape as [number, number];
  return l.reshape(l.transpose(filter, [2, 3, 0, 1]), [outChannels, 1, h, w]);
}

/** -> [n, out, h, w] */
function convolve(l: Lowering, x: Input, filter: Input, g: Geometry, bias: Input | null = null): Input {
  const inputs = [toFirst(l, x, g), filterFirst(l, filter, g), ...(bias ? [bias] : [])];
  return l.float('Conv', inputs, [g.batchSize, g.outChannels, g.outHeight, g.outWidth], {
    kernel_shape: filterOf(g),
    strides: stridesOf(g),
    dilations: dilationsOf(g),
    pads: padsOf(g),
    group: g.group,
  });
}

/** The gradient of the input: what each output pixel spreads over its window. */
function spread(l: Lowering, dy: Input, filter: Input, g: Geometry): Input {
  const [bottom, right] = reach(g);
  const shape = [g.batchSize, g.inChannels, g.inHeight, g.inWidth];
  const dx = l.float('ConvTranspose', [toFirst(l, dy, g), filterFirst(l, filter, g)], shape, {
    kernel_shape: filterOf(g),
    strides: stridesOf(g),
    dilations: dilationsOf(g),
    pads: padsOf(g),
    output_padding: [Math.max(0, -bottom), Math.max(0, -right)],
    group: g.group,
  });
  return fromFirst(l, dx, g);
}

/**
 * The gradient of the filter is a convolution of the input with the output's gradient, in which batch and channels
 * change places, and so do strides and dilations. By channels, each channel is a group of its own.
 */
function correlate(l: Lowering, x: Input, dy: Input, g: Geometry): Input {
  const [bottom, right] = reach(g);
  const { batchSize, inChannels, outChannels, group } = g;
  const swapped = (image: Input): Input => l.transpose(image, g.first ? [1, 0, 2, 3] : [3, 0, 1, 2]);
  const images = swapped(x);
  // Rows that no window reaches make the result larger; what is too much is cut off.
  const height = g.filterHeight + Math.floor(Math.max(0, -bottom) / g.dilationHeight);
  const width = g.filterWidth + Math.floor(Math.max(0, -right) / g.dilationWidth);
  const depth = group === 1 ? inChannels : 1;
  const correlation = l.float(
    'Conv',
    [
      group === 1 ? images : l.reshape(images, [1, inChannels * batchSize, g.inHeight, g.inWidth]),
      swapped(dy),
    ],
    [depth, outChannels, height, width],
    {
      kernel_shape: [g.outHeight, g.outWidth],
      strides: dilationsOf(g),
      dilations: stridesOf(g),
      pads: padsOf(g),
      group,
    },
  );
  const size = [depth, outChannels, g.filterHeight, g.filterWidth];
  const cut =
    height === g.filterHeight && width === g.filterWidth
      ? correlation
      : l.float('Slice', [correlation, ints([0, 0, 0, 0]), ints(size)], size);
  const last = l.transpose(cut, [2, 3, 0, 1]);
  return group === 1
    ? last
    : l.reshape(last, [g.filterHeight, g.filterWidth, inChannels, outChannels / inChannels]);
}

const allFloat = (...infos: TensorInfo[]): boolean => infos.every(({ dtype }) => dtype === 'float32');

interface FusedInputs {
  x: TensorInfo;
  filter: TensorInfo;
  bias?: TensorInfo;
  preluActivationWeights?: TensorInfo;
}

const convolution = (name: string, depthwise: boolean) =>
  kernel<FusedInputs, Attributes>(name, (l, { x, filter }, attrs) => {
    if (!allFloat(x, filter)) return null;
    const g = geometryOf(x.shape, filter.shape, attrs, depthwise);
    if (!isRegular(g)) return null;
    return l.output(fromFirst(l, convolve(l, l.input(x), l.input(filter), g), g));
  });

/** With bias and activation; both are applied before the channels move, where ONNX Runtime fuses them. */
const fused = (name: string, depthwise: boolean) =>
  kernel<FusedInputs, Attributes & Activation>(name, (l, inputs, attrs) => {
    const { x, filter, bias, preluActivationWeights: slopes } = inputs;
    if (!allFloat(...[x, filter, bias, slopes].filter((info) => info !== undefined && info !== null))) {
      return null;
    }
    const g = geometryOf(x.shape, filter.shape, attrs, depthwise);
    if (!isRegular(g) || !isActivation(attrs.activation)) return null;
    if ((bias && !isPerChannel(bias, g)) || (slopes && !isPerChannel(slopes, g))) return null;
    const offsets = bias && l.reshape(l.input(bias), [g.outChannels]);
    const result = convolve(l, l.input(x), l.input(filter), g, offsets);
    const weights = slopes && l.reshape(l.input(slopes), [g.outChannels, 1, 1]);
    return l.output(fromFirst(l, activate(l, result, attrs, weights), g));
  });

// Scalars and whole images go to the CPU kernel.
const isPerChannel = ({ shape }: TensorInfo, { first, outChannels }: Geometry): boolean =>
  shape.length === 1 ? shape[0] === outChannels : !first && isVector(shape, outChannels);
const isVector = (shape: readonly number[], length: number): boolean =>
  shape.at(-1) === length && shape.slice(0, -1).every((n) => n === 1);

interface InputGradient extends Attributes {
  inputShape: number[];
}
interface FilterGradient extends Attributes {
  filterShape: number[];
}

const inputGradient = (name: string, depthwise: boolean) =>
  kernel<{ dy: TensorInfo; filter: TensorInfo }, InputGradient>(name, (l, { dy, filter }, attrs) => {
    if (!allFloat(dy, filter)) return null;
    const g = geometryOf(attrs.inputShape, filter.shape, attrs, depthwise);
    if (!isRegular(g) || !util.arraysEqual(dy.shape, g.outShape)) return null;
    return l.output(spread(l, l.input(dy), l.input(filter), g));
  });

const filterGradient = (name: string, depthwise: boolean) =>
  kernel<{ x: TensorInfo; dy: TensorInfo }, FilterGradient>(name, (l, { x, dy }, attrs) => {
    if (!allFloat(x, dy)) return null;
    const g = geometryOf(x.shape, attrs.filterShape, attrs, depthwise);
    if (!isRegular(g) || !util.arraysEqual(dy.shape, g.outShape)) return null;
    return l.output(correlate(l, l.input(x), l.input(dy), g));
  });

export const convolutionKernels = [
  convolution('Conv2D', false),
  convolution('DepthwiseConv2dNative', true),
  fused('FusedConv2D', false),
  fused('FusedDepthwiseConv2D', true),
  inputGradient('Conv2DBackpropInput', false),
  inputGradient('DepthwiseConv2dNativeBackpropInput', true),
  filterGradient('Conv2DBackpropFilter', false),
  filterGradient('DepthwiseConv2dNativeBackpropFilter', true),
];
