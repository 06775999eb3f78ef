/**
 * Token plus position embeddings, with a scatter-add as the gradient of the lookup. (tfjs's own gradient of
 * `gather` needs the kernel `UnsortedSegmentSum`, which the WebAssembly backend lacks; `ScatterNd` adds
 * duplicates on every backend.)
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { withGradient } from '../gradient/custom-gradient.js';

/**
 * @param table [vocabulary, width]
 * @param positions [context, width], of which the first `time` rows are used
 * @param inputs [batch, time] int32 ids in [0, vocabulary), not checked
 * @param padding an id whose row of the table takes no gradient here (PyTorch's `padding_idx`)
 * @returns [batch * time, width]
 */
export function embedding(
  table: Tensor2D,
  positions: Tensor2D,
  inputs: Tensor2D,
  padding?: number,
): Tensor2D {
  const [batch, time] = inputs.shape;
  const [vocabulary, width] = table.shape;
  const context = positions.shape[0];
  return withGradient<Tensor2D>([table, positions], (save) => {
    const ids: Tensor1D = tf.reshape(inputs, [batch * time]); // [batch, time] -> [batch * time]
    save([ids]);
    // [batch * time, width] -> [batch, time, width], for the positions to be added to every row of the batch
    const tokens = tf.reshape(tf.gather(table, ids), [batch, time, width]);
    const used = time === context ? positions : tf.slice(positions, [0, 0], [time, width]);
    return {
      value: tf.reshape(tf.add(tokens, used), [batch * time, width]), // [batch, time, width] -> [batch * time, width]
      gradient: (dy, [ids]) => {
        const indices = tf.reshape(ids!, [batch * time, 1]); // [batch * time] -> [batch * time, 1]
        const dTable = tf.scatterND(indices, withoutPadding(dy, indices, padding), [vocabulary, width]);
        // [batch * time, width] -> [batch, time, width] -> [time, width]
        const dUsed: Tensor2D = tf.sum(tf.reshape(dy, [batch, time, width]), 0);
        return [
          dTable,
          time === context
            ? dUsed
            : tf.pad2d(dUsed, [
                [0, context - time],
                [0, 0],
              ]),
        ];
      },
    };
  });
}

/** dy [rows, width] with zeros where the id of the row, [rows, 1], is padding. */
function withoutPadding(dy: Tensor2D, ids: Tensor, padding: number | undefined): Tensor2D {
  return padding === undefined ? dy : tf.mul(dy, tf.cast(tf.notEqual(ids, padding), 'float32'));
}
