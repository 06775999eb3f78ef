/** One pre-norm layer of LLaMA (Touvron et al. 2023, arXiv 2302.13971, section 2.2). */
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { ParameterView } from '@ligature/core';
import { residual, rmsNorm, swiglu } from '@ligature/nn';
import type { Layer } from '../layer.js';
import { affine } from '../named.js';
import { residualScale } from '../residual-scale.js';
import type { ResolvedLlamaConfig } from './options.js';
import { FINAL_NORM } from './parameters.js';

export function llamaLayer(config: ResolvedLlamaConfig, view: ParameterView, layer: number): Layer {
  const { attentionBias, mlpBias, normEpsilon } = config;
  const weight = (name: string): Tensor => view.block(layer, name);
  const matrix = (name: string): Tensor2D => weight(`${name}.weight`) as Tensor2D;
  const bias = (name: string): Tensor1D => weight(`${name}.bias`) as Tensor1D;
  const norm = (x: Tensor2D, name: string): Tensor2D =>
    rmsNorm(x, weight(`${name}.weight`) as Tensor1D, normEpsilon);
  const scale = residualScale(config);
  return {
    projected(x) {
      const input = norm(x, 'input_layernorm');
      const biased = attentionBias !== 'none';
      return {
        queries: affine(input, weight, 'self_attn.q_proj', biased),
        keys: affine(input, weight, 'self_attn.k_proj', biased),
        values: affine(input, weight, 'self_attn.v_proj', biased),
      };
    },
    attended: (x, mixed) =>
      residual(x, affine(mixed, weight, 'self_attn.o_proj', attentionBias === 'all'), scale),
    transformed(x) {
      const [gate, up, down] = ['mlp.gate_proj', 'mlp.up_proj', 'mlp.down_proj'] as const;
      const output = swiglu(norm(x, 'post_attention_layernorm'), {
        ...{ gate: matrix(gate), up: matrix(up), down: matrix(down) },
        ...(mlpBias && { biases: { gate: bias(gate), up: bias(up), down: bias(down) } }),
      });
      return residual(x, output, scale);
    },
  };
}

/** The norm before the head, [rows, width]. */
export function finalNorm({ normEpsilon }: ResolvedLlamaConfig, view: ParameterView, x: Tensor2D): Tensor2D {
  return rmsNorm(x, view.global(FINAL_NORM) as Tensor1D, normEpsilon);
}
