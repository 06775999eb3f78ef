/**
 * Telling the last word of a passage (LAMBADA, Paperno et al. 2016, arXiv 1606.06031): a causal language model learns from a
 * running text and is measured on nothing but the last words of passages.
 */
import { contentsOf, defineTask } from '@ligature/core';
import type {
  Batch,
  Dataset,
  Field,
  Fitted,
  Prepared,
  PrepareContext,
  Task,
  TensorBatch,
  Tokenizer,
} from '@ligature/core';
import { labelScores, projectedCrossEntropy, registerMatMulGradient } from '@ligature/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { once } from '../once.js';
import { trainingBatches } from '../text/batches.js';
import { languageModelFloors } from '../text/floors.js';
import { labelsOf } from '../text/labels.js';
import { digestsOf, factsOf, savedTokenizer, textShape, tokenizedText } from '../text/prepare.js';
import { lastWordMetrics } from './metrics.js';
import { encodeLines, encodePassages, passageBatches } from './passages.js';

const TASK = 'last-word';

export const lastWordOptionsSchema = z.strictObject({
  context: z
    .int()
    .min(2)
    .max(65_536)
    .nullable()
    .default(null)
    .describe(
      "tokens of a sequence; null: as many as the model's context. Of longer passages the end is read",
    ),
});

export type LastWordOptions = z.output<typeof lastWordOptionsSchema>;

export function createLastWord(options: LastWordOptions = lastWordOptionsSchema.parse({})): Task {
  // For the product in the loss, whatever the model before it registers.
  registerMatMulGradient();
  return {
    name: TASK,
    unit: 'tokens',
    lossUnit: 'nats per token',
    scores: ['nats', 'correct', 'passage'],
    metrics: lastWordMetrics,
    prepare: (context) => prepared(context, options),
    open: async (saved, { tokenizer }) => fitted(await tokenizer(savedTokenizer(saved, TASK))),
    loss: (projection, batch) => projectedCrossEntropy(projection, labelsOf(batch), { ignoreNegative: true }),
    score: (projection, batch) =>
      tf.tidy(() => {
        const scores = labelScores(projection, labelsOf(batch), { ignoreNegative: true });
        return tf.concat([scores, passagesOf(batch)], 0); // [3, batch * time]
      }),
  };
}

/** Of every token that counts the number of its passage, a row of running text being one; 0 of the others. [1, batch * time] */
function passagesOf({ labels, passages }: TensorBatch): Tensor2D {
  const { shape, size } = labels as Tensor;
  const counted = tf.greaterEqual(labels as Tensor, tf.scalar(0, 'int32'));
  const rows = shape[0] as number;
  const numbers = tf.reshape(passages ?? tf.range(1, rows + 1), [rows, 1]); // [batch] -> [batch, 1]
  const ofTokens = tf.mul(tf.cast(counted, 'float32'), tf.cast(numbers, 'float32'));
  return tf.reshape(ofTokens, [1, size]); // [batch, time] -> [1, batch * time]
}

const fitted = (tokenizer: Tokenizer): Fitted => ({
  head: { kind: 'causal-lm', outputs: tokenizer.vocabularySize },
  inputs: { vocabularySize: tokenizer.vocabularySize },
  saved: { tokenizer: tokenizer.toJSON() },
  tokenizer,
});

async function prepared(context: PrepareContext, options: LastWordOptions): Promise<Prepared> {
  const { data, train, held } = await readData(context);
  const { tokenizer } = data;
  const shape = textShape(options.context);
  const passages = {
    train: once(() => encodeLines(train, tokenizer)),
    validation: once(() => encodePassages(held.validation.passages, tokenizer, 'validation')),
    test: once(() => encodePassages(held.test.passages, tokenizer, 'test')),
  };
  const digests = await digestsOf(data);
  return {
    ...fitted(tokenizer),
    facts: {
      ...factsOf(data),
      validationPassages: passages.validation().length,
      testPassages: passages.test().length,
    },
    digests,
    batches: (wanted, stream) => trainingBatches(data, shape(wanted), stream),
    evaluation(split, wanted) {
      const { maxBatches, places } = wanted;
      return passageBatches(passages[split](), { split, ...shape(wanted), maxBatches, places });
    },
    floors: (wanted) =>
      languageModelFloors(data, shape(wanted), digests.train).map((floor) => ({
        ...floor,
        key: `${TASK}/${floor.key}`,
        score(batch) {
          const { weight, columns } = floor.score(batch);
          return { weight, columns: { ...columns, passage: numbersOf(batch) } };
        },
      })),
  };
}

/** Bytes of a long text to train on from which lines are measured as passages, for who asks. */
const LINES_FROM = 2 ** 20;

/** A text to train on, and passages that are told nothing of it. */
async function readData(context: PrepareContext) {
  const text = contentsOf(context.dataset, 'text', TASK);
  const passages = contentsOf(context.dataset, 'passages', TASK);
  const held = { validation: await passages('validation'), test: await passages('test') };
  const dataset: Dataset = {
    ...{ name: context.dataset?.name ?? '', description: context.dataset?.description ?? '' },
    split: async (name) =>
      name === 'train' ? text(name) : { text: held[name].passages.join('\n'), origin: held[name].origin },
    longText: async (name) => (name === 'train' ? context.dataset?.longText?.(name) : undefined),
  };
  const data = await tokenizedText({ ...context, dataset }, TASK);
  const long = await dataset.longText?.('train');
  return { data, train: long ? await long.sample(LINES_FROM) : (await text('train')).text, held };
}

/** What `passagesOf` says, of a batch that is on no backend. [batch * time] */
function numbersOf({ fields }: Batch): Float32Array {
  const { shape, data } = fields['labels'] as Field;
  const numbers = (fields['passages'] as Field).data;
  const [, time = 1] = shape;
  return Float32Array.from(data, (label, at) => (label < 0 ? 0 : (numbers[Math.floor(at / time)] as number)));
}

export const lastWord = defineTask({
  meta: {
    summary: 'Telling the last word of a passage: accuracy and perplexity of words, as LAMBADA is reported',
    options: lastWordOptionsSchema,
    reference: 'Paperno et al. 2016, The LAMBADA dataset, arXiv 1606.06031',
    data: { dataset: 'lambada', tokenizer: 'bpe' },
  },
  create: createLastWord,
});
