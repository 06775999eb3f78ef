/**
 * Mean cross-entropy over a projection, fused with its product where the backend has a kernel for both together: then the
 * logits exist only a block of rows at a time.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Projection } from '@ligature/core';
import { fusedKernel } from '../backend/fused-kernel.js';
import { withGradient } from '../gradient/custom-gradient.js';
import { meanCrossEntropy } from './cross-entropy.js';
import { countedLabels } from './labels.js';
import type { CountedLabels, LabelOptions } from './labels.js';
import { projectedOutputs } from './projected-outputs.js';

/**
 * The kernel knows no bias: a projection with one takes the plain way.
 *
 * @param labels [targets] int32 in [0, outputs), not checked; below 0 with `ignoreNegative`
 * @returns scalar, nats: the mean over the targets that count, 0 where none does
 */
export function projectedCrossEntropy(
  projection: Projection,
  labels: Tensor1D,
  { ignoreNegative = false }: LabelOptions = {},
): Scalar {
  const fuses = !projection.bias && fusedKernel('FusedLinearCrossEntropy') !== undefined;
  if (!ignoreNegative) {
    return fuses
      ? fusedCrossEntropy(projection, labels)
      : meanCrossEntropy(projectedOutputs(projection), labels);
  }
  const known = countedLabels(labels);
  return fuses
    ? fusedOfCounted(projection, known)
    : meanCrossEntropy(projectedOutputs(projection), known.labels, known.counted);
}

function fusedCrossEntropy({ features, weight }: Projection, labels: Tensor1D): Scalar {
  return withGradient<Scalar>([features, weight], (save) => {
    // Loss and gradients come from one pass; a backend that compiles graphs leaves out what nobody reads.
    const [loss, dx, dTable] = fusedKernel('FusedLinearCrossEntropy')!({
      x: features,
      table: weight,
      labels,
    }) as [Scalar, Tensor2D, Tensor2D];
    save([dx, dTable]);
    return {
      value: loss,
      gradient: (dy, [dx, dTable]) => [tf.mul(dx!, dy), tf.mul(dTable!, dy)],
    };
  });
}

/**
 * The kernel counts every row. One of zeros has ln(outputs) nats whatever its label is, and adds nothing to the gradient of
 * the weight: so rows that do not count are made that, and what they added is taken off.
 */
function fusedOfCounted(projection: Projection, { labels, counted }: CountedLabels): Scalar {
  const rows = labels.size;
  const column = tf.reshape(counted, [rows, 1]); // [rows] -> [rows, 1]
  const features = withGradient<Tensor2D>([projection.features], (save) => {
    save([column]);
    return {
      value: tf.mul(projection.features, column),
      gradient: (dy, [column]) => [tf.mul(dy, column!)],
    };
  });
  const mean = fusedCrossEntropy({ features, weight: projection.weight }, labels);
  return withGradient<Scalar>([mean], (save) => {
    const count = tf.sum(counted);
    const scale = tf.div(rows, tf.maximum(count, 1));
    save([scale]);
    const blank = tf.mul(tf.sub(rows, count), Math.log(projection.weight.shape[0]) / rows);
    // Where nothing counts, what is left is rounding: 0 times that.
    const some = tf.minimum(count, 1);
    return {
      value: tf.mul(tf.mul(tf.sub(mean, blank), scale), some) as Scalar,
      gradient: (dy, [scale]) => [tf.mul(dy, scale!)],
    };
  });
}
