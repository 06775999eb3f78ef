/** Every tfjs kernel that is lowered to ONNX. */
import { activationKernels } from './activations.js';
import { arithmeticKernels } from './arithmetic.js';
import { complexKernels } from './complex.js';
import { convolutionKernels } from './convolutions.js';
import { imageKernels } from './images.js';
import { indexingKernels } from './indexing.js';
import type { LoweredKernel } from './lowering.js';
import { normalizationKernels } from './normalization.js';
import { poolingKernels } from './pooling.js';
import { productKernels } from './products.js';
import { reductionKernels } from './reductions.js';
import { shapeKernels } from './shapes.js';
import { sliceKernels } from './slices.js';
import { unaryKernels } from './unary.js';

export const loweredKernels: readonly LoweredKernel[] = [
  ...shapeKernels,
  ...sliceKernels,
  ...arithmeticKernels,
  ...unaryKernels,
  ...activationKernels,
  ...productKernels,
  ...reductionKernels,
  ...normalizationKernels,
  ...indexingKernels,
  ...convolutionKernels,
  ...poolingKernels,
  ...imageKernels,
  ...complexKernels,
];
