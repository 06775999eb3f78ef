/**
 * Kernels that tfjs does not have. A program asks for them by name (`tf.getKernel(name, tf.getBackend())`), computes the
 * same from tfjs's own ops where a backend lacks them, and gives them a gradient with `tf.customGrad`.
 */
import { attentionKernels } from './attention.js';
import { boundaryKernels } from './boundary.js';
import { crossEntropyKernels } from './cross-entropy.js';
import { geluKernels } from './gelu.js';
import { layerNormKernels } from './layer-norm.js';
import { mlpKernels } from './mlp.js';
import { optimizerKernels } from './optimizer.js';
import { rmsNormKernels } from './rms-norm.js';
import { swigluKernels } from './swiglu.js';

export const fusedKernels = [
  ...attentionKernels,
  ...boundaryKernels,
  ...crossEntropyKernels,
  ...geluKernels,
  ...layerNormKernels,
  ...mlpKernels,
  ...optimizerKernels,
  ...rmsNormKernels,
  ...swigluKernels,
];
