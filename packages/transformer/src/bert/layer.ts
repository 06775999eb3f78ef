/** One post-norm layer of BERT (Devlin et al. 2019; Vaswani et al. 2017, section 3.1): each norm follows its sum. */
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { ParameterView } from '@ligature/core';
import { dropoutOf, layerNorm, linear, mlp, residual } from '@ligature/nn';
import type { Dropout } from '@ligature/nn';
import type { Layer } from '../layer.js';
import type { ResolvedBertConfig } from './options.js';

/** A weight by its name, of a layer or of all. */
export type Weight = (name: string) => Tensor;

export function bertLayer(
  config: ResolvedBertConfig,
  view: ParameterView,
  layer: number,
  dropout?: Dropout,
): Layer {
  const weight: Weight = (name) => view.block(layer, name);
  return {
    projected: (x) => ({
      queries: affine(x, weight, 'attention.self.query'),
      keys: affine(x, weight, 'attention.self.key'),
      values: affine(x, weight, 'attention.self.value'),
    }),
    attended: (x, mixed) => {
      const branch = dropoutOf(affine(mixed, weight, 'attention.output.dense'), dropout);
      return norm(config, residual(x, branch), weight, 'attention.output.LayerNorm');
    },
    transformed: (x) => {
      const weights = {
        input: weight('intermediate.dense.weight') as Tensor2D, // [intermediateSize, width]
        inputBias: weight('intermediate.dense.bias') as Tensor1D,
        output: weight('output.dense.weight') as Tensor2D, // [width, intermediateSize]
        outputBias: weight('output.dense.bias') as Tensor1D,
      };
      const branch = dropoutOf(mlp(x, weights, config.activation, 'outputs'), dropout);
      return norm(config, residual(x, branch), weight, 'output.LayerNorm');
    },
  };
}

/** x [rows, in] -> [rows, out] */
export const affine = (x: Tensor2D, weight: Weight, name: string): Tensor2D =>
  linear(x, weight(`${name}.weight`) as Tensor2D, weight(`${name}.bias`) as Tensor1D, 'outputs');

/** x [rows, width] -> [rows, width] */
export function norm(
  { layerNormEpsilon }: ResolvedBertConfig,
  x: Tensor2D,
  weight: Weight,
  name: string,
): Tensor2D {
  const [gain, bias] = [weight(`${name}.weight`), weight(`${name}.bias`)];
  return layerNorm(x, gain as Tensor1D, bias as Tensor1D, layerNormEpsilon);
}
