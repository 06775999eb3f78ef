/** Clipping by the global norm, as torch.nn.utils.clip_grad_norm_ does it. */
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';

/** Keeps the factor finite for a gradient of zero; torch's constant. */
const NORM_EPSILON = 1e-6;

/**
 * L2 norm over all elements of all tensors, as a scalar that the caller owns.
 *
 * Row sums first: the WebAssembly backend adds one after the other in float32, and over a million squares at once
 * that costs two digits.
 */
export function globalNorm(tensors: readonly Tensor[]): Scalar {
  return tf.tidy(() => {
    const squares = tensors.map((tensor) => tf.tidy(() => sumByRows(tf.square(tensor))));
    return tf.sqrt(squares.length === 1 ? (squares[0] as Scalar) : (tf.sum(tf.stack(squares)) as Scalar));
  });
}

function sumByRows(tensor: Tensor): Scalar {
  return tf.sum(tensor.rank > 1 ? tf.sum(tensor, -1) : tensor) as Scalar;
}

/** The factor that brings a gradient of this norm down to `maximum`: maximum / (norm + 1e-6), at most 1. */
export function clipFactor(norm: Scalar, maximum: number): Scalar {
  return tf.tidy(() => tf.minimum(tf.div(maximum, tf.add(norm, NORM_EPSILON)), 1) as Scalar);
}
