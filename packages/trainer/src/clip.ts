/** Clipping by the global norm, as torch.nn.utils.clip_grad_norm_ does it. */
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { fusedKernel } from '@ligature/nn';

/** Keeps the factor finite for a gradient of zero; torch's constant. */
const NORM_EPSILON = 1e-6;

/**
 * L2 norm over all elements of all tensors, as a scalar that the caller owns.
 *
 * Row sums first: the WebAssembly backend adds one after the other in float32, and over a million squares at once
 * that costs two digits.
 *
 * @param groups one for each tensor; the squares of neighbours of one group may be summed by one compiled graph
 */
export function globalNorm(tensors: readonly Tensor[], groups: readonly string[] = []): Scalar {
  return tf.tidy(() => {
    const fused = fusedKernel('SumOfSquares');
    const squares = fused
      ? neighbours(tensors, groups).map(
          ({ group, members }) =>
            fused(Object.fromEntries(members.entries()), group === undefined ? {} : { group })[0] as Scalar,
        )
      : tensors.map((tensor) => tf.tidy(() => sumByRows(tf.square(tensor))));
    return tf.sqrt(squares.length === 1 ? (squares[0] as Scalar) : (tf.sum(tf.stack(squares)) as Scalar));
  });
}

interface Group {
  readonly group: string | undefined;
  readonly members: Tensor[];
}

function neighbours(tensors: readonly Tensor[], groups: readonly string[]): Group[] {
  const found: Group[] = [];
  tensors.forEach((tensor, index) => {
    const last = found.at(-1);
    if (last && last.group === groups[index]) last.members.push(tensor);
    else found.push({ group: groups[index], members: [tensor] });
  });
  return found;
}

function sumByRows(tensor: Tensor): Scalar {
  return tf.sum(tensor.rank > 1 ? tf.sum(tensor, -1) : tensor) as Scalar;
}

/** The factor that brings a gradient of this norm down to `maximum`: maximum / (norm + 1e-6), at most 1. */
export function clipFactor(norm: Scalar, maximum: number): Scalar {
  return tf.tidy(() => tf.minimum(tf.div(maximum, tf.add(norm, NORM_EPSILON)), 1) as Scalar);
}
