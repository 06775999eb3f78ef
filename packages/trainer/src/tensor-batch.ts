import * as tf from '@tensorflow/tfjs-core';
import type { Batch, TensorBatch } from '@ligature/core';

/** The fields of a batch as tensors, which belong to the caller. */
export function tensorBatch({ fields }: Batch): TensorBatch {
  return Object.fromEntries(
    Object.entries(fields).map(([name, { shape, dtype, data }]) => [
      name,
      tf.tensor(data, [...shape], dtype),
    ]),
  );
}
