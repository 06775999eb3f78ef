/**
 * Multi-head self-attention as one op. A backend's own kernel (`FusedAttention`) is taken for what it implements, every
 * mask without dropout; dropout goes its slow twin's way.
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
  options: AttentionOptions = {},
): Tensor2D {
  const { mask, dropout, rotary } = options;
  if (mask && mask !== 'causal') assertMaskShape(mask, shape);
  const fused = dropout ? undefined : fusedKernel('FusedAttention');
  if (fused) return fusedAttention(fused, input, shape, options);
  return tf.tidy(() =>
    plainAttention(input, shape, mask === 'causal' ? causalMask(shape.time) : mask, dropout, rotary),
  );
}

function fusedAttention(
  forward: NonNullable<ReturnType<typeof fusedKernel>>,
  input: AttentionInput,
  { batch, time, heads, size, keyValueHeads = heads }: AttentionShape,
  { mask, rotary }: AttentionOptions,
): Tensor2D {
  const sizes = { batch, time, heads, size, keyValueHeads };
  const inputs = tensorsOf(input);
  const given = 'queries' in input ? { ...input } : { qkv: input };
  const masks = mask && mask !== 'causal' ? { mask } : {};
  const packed = inputs.length === 1;
  return withGradient<Tensor2D>(inputs, (save) => {
    const results = forward({ ...given, ...masks, ...rotary }, { ...sizes, causal: mask === 'causal' });
    save([...results, ...(rotary ? [rotary.cos, rotary.sin] : [])]);
    return {
      value: results[0] as Tensor2D,
      gradient: (dy, [value, probabilities, queries, keys, values, cos, sin]) =>
        fusedKernel('FusedAttentionGrad')!(
          {
            dy,
            value: value!,
            probabilities: probabilities!,
            queries: queries!,
            keys: keys!,
            values: values!,
            ...(cos && sin && { cos, sin }),
          },
          { ...sizes, packed },
        ),
    };
  });
}
