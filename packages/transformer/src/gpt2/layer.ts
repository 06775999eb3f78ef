/** One pre-norm layer of GPT-2 (Radford et al. 2019). */
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { ParameterView } from '@ligature/core';
import { dropoutOf, layerNorm, linear, mlp, residual } from '@ligature/nn';
import type { Dropout } from '@ligature/nn';
import type { Layer } from '../layer.js';
import { residualScale } from '../residual-scale.js';
import type { ResolvedGpt2Config } from './options.js';

export function gpt2Layer(
  config: ResolvedGpt2Config,
  view: ParameterView,
  layer: number,
  dropout?: Dropout,
): Layer {
  const weight = (name: string): Tensor => view.block(layer, name);
  const affine = (input: Tensor2D, name: string): Tensor2D =>
    linear(input, weight(`${name}.weight`) as Tensor2D, weight(`${name}.bias`) as Tensor1D);
  const scale = residualScale(config);
  return {
    projected: (x) => affine(norm(config, x, weight, 'ln_1'), 'attn.c_attn'),
    attended: (x, mixed) => residual(x, dropoutOf(affine(mixed, 'attn.c_proj'), dropout), scale),
    transformed: (x) => {
      const weights = {
        input: weight('mlp.c_fc.weight') as Tensor2D,
        inputBias: weight('mlp.c_fc.bias') as Tensor1D,
        output: weight('mlp.c_proj.weight') as Tensor2D,
        outputBias: weight('mlp.c_proj.bias') as Tensor1D,
      };
      const output = mlp(norm(config, x, weight, 'ln_2'), weights, config.activation); // [.., width]
      return residual(x, dropoutOf(output, dropout), scale);
    },
  };
}

/** The norm before the head, [rows, width]. */
export function finalNorm(config: ResolvedGpt2Config, view: ParameterView, x: Tensor2D): Tensor2D {
  return norm(config, x, (name) => view.global(`transformer.${name}`), 'ln_f');
}

function norm(
  { layerNormEpsilon }: ResolvedGpt2Config,
  x: Tensor2D,
  weight: (name: string) => Tensor,
  name: string,
): Tensor2D {
  const [gain, bias] = [weight(`${name}.weight`), weight(`${name}.bias`)];
  return layerNorm(x, gain as Tensor1D, bias as Tensor1D, layerNormEpsilon);
}
