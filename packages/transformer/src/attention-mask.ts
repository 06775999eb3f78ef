/** Who sees whom, from what a model is and what a batch says of padding. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { causalMask, paddingMask } from '@ligature/nn';
import type { AttentionOptions } from '@ligature/nn';

/**
 * Of a sequence that is padding alone, or of padding in front of a text under a causal mask, every score is equally far down,
 * so its softmax is a plain mean: finite numbers that nobody else sees and no target should be read from.
 *
 * @param causal whether no position sees a later one
 * @param present [batch, time], 1 for a token and 0 for padding, which nobody sees; left out: there is no padding
 */
export function maskFor(causal: boolean, present: Tensor2D | undefined): Pick<AttentionOptions, 'mask'> {
  if (!present) return causal ? { mask: 'causal' } : {};
  const padding = paddingMask(present);
  return { mask: causal ? tf.add(padding, causalMask(present.shape[1])) : padding };
}
