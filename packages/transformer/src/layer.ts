/**
 * One layer as the products around its attention, which differs between whole sequences and single tokens; and the stack
 * of them. All tensors are two-dimensional, so that each product with a weight is one large matrix product.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { boundary, selfAttention } from '@ligature/nn';
import type { AttentionInput, AttentionOptions, AttentionShape } from '@ligature/nn';

export interface Layer {
  /** x [rows, width] -> what attention reads */
  projected(x: Tensor2D): AttentionInput;
  /** x [rows, width] and what attention mixed, [rows, heads * size] -> x behind the attention */
  attended(x: Tensor2D, mixed: Tensor2D): Tensor2D;
  /** x [rows, width] -> x behind the MLP */
  transformed(x: Tensor2D): Tensor2D;
}

export interface LayerRun {
  readonly layers: number;
  layer(index: number): Layer;
  readonly shape: AttentionShape;
  readonly attention: AttentionOptions;
  /** Is shown what leaves each layer, [batch * time, width]. */
  readonly onLayer?: ((state: Tensor2D) => void) | undefined;
}

/** x [batch * time, width] -> the same behind all layers. Call it inside of a scope: what lies between is left to it. */
export function runLayers(x: Tensor2D, { layers, layer, shape, attention, onLayer }: LayerRun): Tensor2D {
  for (let index = 0; index < layers; index += 1) {
    const part = layer(index);
    const before = boundary(x);
    // Scopes of their own: what the gradient does not keep is freed before the next one starts.
    const between = tf.tidy(() =>
      part.attended(before, selfAttention(part.projected(before), shape, attention)),
    );
    x = tf.tidy(() => part.transformed(between));
    onLayer?.(x);
  }
  return boundary(x);
}
