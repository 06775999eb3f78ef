/** Resizing. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { channelsFirst, channelsLast } from './layout.js';
import { ElementType, ints, kernel } from './lowering.js';

interface Attributes {
  size: [number, number];
  alignCorners: boolean;
  halfPixelCenters: boolean;
}

export const imageKernels = [
  // With half pixel centers tfjs extrapolates beyond the border and ONNX does not.
  kernel<{ images: TensorInfo }, Attributes>('ResizeBilinear', (l, { images }, attrs) => {
    const { size, alignCorners, halfPixelCenters } = attrs;
    if (halfPixelCenters || images.dtype === 'bool') return null;
    const x = channelsFirst(l, l.cast(l.input(images), ElementType.float32));
    const shape = [...x.shape.slice(0, 2), ...size];
    const resized = l.float('Resize', [x, null, null, ints(shape)], shape, {
      mode: 'linear',
      coordinate_transformation_mode: alignCorners ? 'align_corners' : 'asymmetric',
    });
    return l.output(channelsLast(l, resized));
  }),
];
