/**
 * Multi-head self-attention as one op. A backend's own kernel (`FusedCausalAttention`) is taken for what it implements,
 * the causal mask without dropout; every other mask goes its slow twin's way.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { fusedKernel } from '../backend/fused-kernel.js';
import { withGradient } from '../gradient/custom-gradient.js';
import { assertMaskShape, tensorsOf } from './attention-input.js';
import type { AttentionInput, AttentionOptions, AttentionShape } from './attention-input.js';
import { causalMask } from './masks.js';
import { plainAttention } from './plain-attention.js';

/**
 * softmax(queries keysᵀ / sqrt(size) + mask) values, for each head.
 *
 * @returns [batch * time, heads * size], heads side by side
 * @throws ContractError (`attention-mask-shape-invalid`)
 */
export function selfAttention(
  input: AttentionInput,
  shape: AttentionShape,
  { mask, dropout }: AttentionOptions = {},
): Tensor2D {
  if (mask !== 'causal') {
    if (mask) assertMaskShape(mask, shape);
    return plainAttention(input, shape, mask, dropout);
  }
  const fused = dropout ? undefined : fusedKernel('FusedCausalAttention');
  if (fused) return fusedAttention(fused, input, shape);
  return tf.tidy(() => plainAttention(input, shape, causalMask(shape.time), dropout));
}

function fusedAttention(
  forward: NonNullable<ReturnType<typeof fusedKernel>>,
  input: AttentionInput,
  shape: AttentionShape,
): Tensor2D {
  const sizes = { ...shape };
  const inputs = tensorsOf(input);
  const packed = inputs.length === 1;
  return withGradient<Tensor2D>(inputs, (save) => {
    const results = forward({ qkv: packed ? inputs[0]! : tf.concat(inputs, 1) }, sizes);
    save(results);
    return {
      value: results[0] as Tensor2D,
      gradient: (dy, [value, probabilities, queries, keys, values]) => {
        const gradients = fusedKernel('FusedCausalAttentionGrad')!(
          {
            dy,
            value: value!,
            probabilities: probabilities!,
            queries: queries!,
            keys: keys!,
            values: values!,
          },
          sizes,
        );
        return packed ? gradients : tf.split(gradients[0] as Tensor2D, 3, 1);
      },
    };
  });
}
