/** One post-norm layer of BERT (Devlin et al. 2019; Vaswani et al. 2017, section 3.1): each norm follows its sum. */
import type { ParameterView } from '@ligature/core';
import { dropoutOf, residual } from '@ligature/nn';
import type { Dropout } from '@ligature/nn';
import type { Layer } from '../layer.js';
import { affine, denseMlp, norm } from '../named.js';
import type { Weight } from '../named.js';
import type { ResolvedBertConfig } from './options.js';

export function bertLayer(
  { activation, layerNormEpsilon }: ResolvedBertConfig,
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
      return norm(residual(x, branch), weight, 'attention.output.LayerNorm', layerNormEpsilon);
    },
    transformed: (x) => {
      const branch = dropoutOf(denseMlp(x, weight, activation), dropout);
      return norm(residual(x, branch), weight, 'output.LayerNorm', layerNormEpsilon);
    },
  };
}
