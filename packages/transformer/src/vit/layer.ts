/** One pre-norm layer of ViT (Dosovitskiy et al. 2021, equations 2 and 3). */
import type { ParameterView } from '@ligature/core';
import { dropoutOf, residual } from '@ligature/nn';
import type { Dropout } from '@ligature/nn';
import type { Layer } from '../layer.js';
import { affine, denseMlp, norm } from '../named.js';
import type { Weight } from '../named.js';
import type { ResolvedVitConfig } from './options.js';

export function vitLayer(
  { activation, layerNormEpsilon, qkvBias }: ResolvedVitConfig,
  view: ParameterView,
  layer: number,
  dropout?: Dropout,
): Layer {
  const weight: Weight = (name) => view.block(layer, name);
  return {
    projected: (x) => {
      const input = norm(x, weight, 'layernorm_before', layerNormEpsilon);
      return {
        queries: affine(input, weight, 'attention.attention.query', qkvBias),
        keys: affine(input, weight, 'attention.attention.key', qkvBias),
        values: affine(input, weight, 'attention.attention.value', qkvBias),
      };
    },
    attended: (x, mixed) => residual(x, dropoutOf(affine(mixed, weight, 'attention.output.dense'), dropout)),
    transformed: (x) => {
      const input = norm(x, weight, 'layernorm_after', layerNormEpsilon);
      return residual(x, dropoutOf(denseMlp(input, weight, activation), dropout));
    },
  };
}
