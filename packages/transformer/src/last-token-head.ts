/** A linear head on the last token of each sequence, as Hugging Face's `…ForSequenceClassification` of causal models has it. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Head, States, TensorBatch } from '@ligature/core';
import { takeRows } from '@ligature/nn';
import { fieldShape } from './batch-fields.js';
import { linearSpecs } from './specs.js';

const BYTES = 4; // of a float32 and of an int32

/**
 * It reads the last token of each sequence, the only one that has seen all of it.
 *
 * @param model name of the architecture, for messages
 */
export function lastTokenHead(width: number, outputs: number, model: string): Head {
  return {
    outputs,
    parameters: linearSpecs('score', width, outputs, false),
    project: (view, states, batch) => ({
      features: tf.tidy(() => takeRows(states.rows, lastPlaces(states, batch))),
      weight: view.global('score.weight') as Tensor2D, // [outputs, width]
    }),
    cost(shape) {
      const [batch = 0] = fieldShape(shape, 'inputs', model);
      return {
        weightFlops: { 'score.weight': 2 * batch * width * outputs },
        // Places of the labels and of the rows that are read, input of the head, probabilities.
        activationBytes: BYTES * (2 * batch + batch * width + batch * outputs),
      };
    },
  };
}

/**
 * Where the last token of each sequence stands in the rows, [batch] int32: by the field `lengths` [batch] int32, else by
 * `attention_mask` [batch, time] int32 (1 for a token); without either nothing is padding. Of padding alone, the first.
 */
function lastPlaces({ batch, time }: States, fields: TensorBatch): Tensor1D {
  const lengths =
    fields['lengths'] ?? (fields['attention_mask'] && lengthsOf(fields['attention_mask'], time));
  if (!lengths) return tf.range(time - 1, batch * time, time, 'int32');
  return tf.add(tf.range(-1, batch * time - 1, time, 'int32'), lengths);
}

/** present [batch, time] -> [batch], up to the last token, 1 or more */
function lengthsOf(present: Tensor, time: number): Tensor {
  const counted = tf.mul(tf.cast(present, 'int32'), tf.range(1, time + 1, 1, 'int32'));
  return tf.maximum(tf.max(counted, 1), tf.scalar(1, 'int32'));
}
