/**
 * Saying a class or a number of a text, or of two that are read together (Devlin et al. 2019, arXiv 1810.04805, section 4.1;
 * GLUE, Wang et al. 2019, arXiv 1804.07461): labelled texts from a dataset, ids from a tokenizer, mean cross-entropy in nats
 * or mean squared error as the loss.
 */
import { defineTask } from '@ligature/core';
import type { Fitted, Projection, Task, TensorBatch } from '@ligature/core';
import {
  labelScores,
  meanSquaredError,
  projectedCrossEntropy,
  projectedOutputs,
  registerMatMulGradient,
} from '@ligature/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import {
  metricsOf,
  sequenceClassificationOptionsSchema,
  type SequenceClassificationOptions,
} from './options.js';
import { fitted, parseSaved, prepareSequences } from './prepare.js';

type Judge = Pick<Task, 'lossUnit' | 'scores' | 'loss' | 'score'>;

export function createSequenceClassification(
  options: SequenceClassificationOptions = sequenceClassificationOptionsSchema.parse({}),
): Task {
  // For the product in the loss, whatever the model before it registers.
  registerMatMulGradient();
  // F1 is another number of two classes than of three, and how many there are stands in the data.
  let classes: number | undefined;
  const known = <T extends Fitted>(found: T): T => {
    if (!options.regression) classes = found.head.outputs;
    return found;
  };
  return {
    name: 'sequence-classification',
    unit: 'examples',
    ...(options.regression ? ofNumbers : ofClasses),
    metrics: metricsOf(options, () => classes),
    prepare: async (context) => known(await prepareSequences(context, options)),
    async open(saved, { tokenizer }) {
      const own = parseSaved(saved, options);
      const { framing: _, ...opened } = fitted(await tokenizer(own.tokenizer), own.classes);
      return known(opened);
    },
  };
}

/** The field `labels` as one row, [batch] */
const labelsOf = ({ labels }: TensorBatch): Tensor1D => labels as Tensor1D;
/** [batch] -> [1, batch] */
const row = (values: Tensor): Tensor2D => tf.reshape(tf.cast(values, 'float32'), [1, values.size]);

const ofClasses: Judge = {
  lossUnit: 'nats per example',
  scores: ['nats', 'correct', 'predicted', 'label'],
  loss: (projection, batch) => projectedCrossEntropy(projection, labelsOf(batch)),
  score: (projection, batch) =>
    tf.tidy(() => {
      const predicted = tf.argMax(projectedOutputs(projection), 1);
      const judged = labelScores(projection, labelsOf(batch)); // [2, batch]
      return tf.concat([judged, row(predicted), row(labelsOf(batch))], 0); // [4, batch]
    }),
};

const ofNumbers: Judge = {
  lossUnit: 'squared error per example',
  scores: ['squared error', 'predicted', 'label'],
  loss: (projection, batch) => tf.tidy(() => meanSquaredError(projection, column(labelsOf(batch)))),
  score: (projection: Projection, batch) =>
    tf.tidy(() => {
      const predicted = projectedOutputs(projection); // [batch, 1]
      const error = tf.square(tf.sub(predicted, column(labelsOf(batch))));
      return tf.concat([row(error), row(predicted), row(labelsOf(batch))], 0); // [3, batch]
    }),
};

/** [batch] -> [batch, 1] */
const column = (values: Tensor1D): Tensor2D => tf.reshape(values, [values.size, 1]);

export const sequenceClassification = defineTask({
  meta: {
    summary: 'A class or a number for a text or a pair of texts: accuracy, F1, Matthews, Pearson, Spearman',
    options: sequenceClassificationOptionsSchema,
    reference: 'Devlin et al. 2019, BERT: Pre-training of Deep Bidirectional Transformers, arXiv 1810.04805',
    data: { dataset: 'glue', tokenizer: 'bpe' },
    model: 'bert',
  },
  create: createSequenceClassification,
});
