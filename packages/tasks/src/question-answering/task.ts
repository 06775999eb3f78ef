/**
 * Answering a question by a stretch of a text (Rajpurkar et al. 2016, arXiv 1606.05250; with questions that the text does not answer,
 * 2018, arXiv 1806.03822): where the answer starts and where it ends are two softmaxes over the positions of a sequence, the loss is the
 * mean of both in nats (Devlin et al. 2019, arXiv 1810.04805, sections 4.2 and 4.3).
 */
import { defineTask } from '@ligature/core';
import type { Projection, Task, TensorBatch } from '@ligature/core';
import { projectedSpanCrossEntropy, registerMatMulGradient, spanScores } from '@ligature/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { questionMetrics, SCORES, type KnownQuestions } from './metrics.js';
import { questionAnsweringOptionsSchema, type QuestionAnsweringOptions } from './options.js';
import { prepareQuestions } from './prepare.js';
import { TASK } from './questions.js';
import { fittedTo, savedTokenizerOf } from './saved.js';

/** Its metrics judge texts, so they say something once the task has been prepared. */
export function createQuestionAnswering(
  options: QuestionAnsweringOptions = questionAnsweringOptionsSchema.parse({}),
): Task {
  // For the product in the loss, whatever the model before it registers.
  registerMatMulGradient();
  let known: KnownQuestions | undefined;
  return {
    name: TASK,
    unit: 'windows',
    lossUnit: 'nats per window',
    scores: SCORES,
    metrics: questionMetrics(() => known),
    async prepare(context) {
      const made = await prepareQuestions(context, options);
      known = made.known;
      return made.prepared;
    },
    async open(saved, { tokenizer }) {
      const { framing: _, ...opened } = fittedTo(await tokenizer(savedTokenizerOf(saved)));
      return opened;
    },
    loss(projection, batch) {
      const { starts, ends, allowed } = labelsOf(batch);
      return projectedSpanCrossEntropy(projection, starts, ends, allowed);
    },
    score: (projection, batch) => scoresOf(projection, batch, options.maxAnswer),
  };
}

const labelsOf = (batch: TensorBatch) => ({
  starts: batch['starts'] as Tensor1D,
  ends: batch['ends'] as Tensor1D,
  allowed: batch['allowed'] as Tensor2D,
});

/** One row for each of `SCORES`, [7, windows]; the tokens of the context from positions of the sequence. */
function scoresOf(projection: Projection, batch: TensorBatch, longest: number): Tensor2D {
  return tf.tidy(() => {
    const row = (name: string): Tensor1D => tf.cast(batch[name] as Tensor1D, 'float32');
    const [nats, start, end, span, none] = tf.unstack(
      spanScores(projection, { ...labelsOf(batch), longest }),
    ) as [Tensor1D, Tensor1D, Tensor1D, Tensor1D, Tensor1D];
    const shift = row('shifts');
    const rows = [
      nats,
      row('questions'),
      row('windows'),
      tf.add(start, shift),
      tf.add(end, shift),
      span,
      none,
    ];
    return tf.stack(rows) as Tensor2D;
  });
}

export const questionAnswering = defineTask({
  meta: {
    summary:
      'Answering questions by a stretch of a text, or not at all: F1 and exact match as SQuAD has them',
    options: questionAnsweringOptionsSchema,
    reference: 'Rajpurkar et al. 2016, SQuAD: 100,000+ Questions for Machine Comprehension, arXiv 1606.05250',
    data: { dataset: 'squad', tokenizer: 'bpe' },
    model: 'bert',
  },
  create: createQuestionAnswering,
});
