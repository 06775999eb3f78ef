/**
 * Predicting the next token of a text (the paper's task): text from a dataset, ids from a tokenizer, windows of ids as
 * batches, mean cross-entropy in nats as the loss.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { ContractError, defineTask, InputError } from '@ligature/core';
import type {
  BatchOptions,
  Fitted,
  Json,
  Prepared,
  PrepareContext,
  SplitName,
  Task,
  TensorBatch,
  Tokenizer,
} from '@ligature/core';
import { labelScores, projectedCrossEntropy, registerMatMulGradient } from '@ligature/nn';
import { z } from 'zod';
import { evaluationBatches, trainingBatches } from '../text/batches.js';
import { sha256 } from '../text/digest.js';
import { tokenizeDataset, type TokenizedDataset } from '../text/tokenize.js';
import { languageModelFloors } from './floors.js';
import { languageModelMetrics } from './metrics.js';

export const causalLmOptionsSchema = z.strictObject({
  chunking: z
    .enum(['contiguous', 'bos-eos'])
    .default('contiguous')
    .describe('how text is cut into sequences; bos-eos: as the official code does'),
  context: z
    .int()
    .min(2)
    .max(65_536)
    .nullable()
    .default(null)
    .describe("tokens of a sequence; null: as many as the model's context"),
  mean: z
    .enum(['token', 'batch'])
    .default('token')
    .describe('what a mean counts alike: every token, or (as the official code) every batch'),
});

export type CausalLmOptions = z.output<typeof causalLmOptionsSchema>;

/** Sequences of a model without a longest one. */
const USUAL_CONTEXT = 64;

export function createCausalLm(options: CausalLmOptions = causalLmOptionsSchema.parse({})): Task {
  // For the product in the loss, whatever the model before it registers.
  registerMatMulGradient();
  return {
    name: 'causal-lm',
    unit: 'tokens',
    lossUnit: 'nats per token',
    scores: ['nats', 'correct'],
    metrics: languageModelMetrics(options.mean === 'batch' ? 'batch' : 'target'),
    async prepare(context) {
      const tokenizer = await tokenizerOf(context);
      await context.stage(`Reading "${datasetOf(context).name}" as tokens …`);
      const data = await tokenizeDataset({
        dataset: datasetOf(context),
        tokenizer,
        cache: context.cache,
        chunking: options.chunking,
      });
      return prepared(data, options);
    },
    open: async (saved, { tokenizer }) => fitted(await tokenizer(savedTokenizer(saved))),
    loss: (projection, batch) => projectedCrossEntropy(projection, labelsOf(batch)),
    score: (projection, batch) => labelScores(projection, labelsOf(batch)),
  };
}

async function tokenizerOf(context: PrepareContext): Promise<Tokenizer> {
  const { text } = await datasetOf(context).split('train');
  return context.saved === undefined
    ? context.tokenizer(text)
    : context.tokenizer(text, savedTokenizer(context.saved));
}

function datasetOf({ dataset }: PrepareContext) {
  if (dataset) return dataset;
  throw new InputError('dataset-missing', {
    asked: 'Learn the task "causal-lm"',
    found: 'there is no dataset',
    todo: 'Name one with --dataset',
  });
}

const savedSchema = z.object({ tokenizer: z.custom<Json>((value) => value !== undefined) });

function savedTokenizer(saved: Json): Json {
  const parsed = savedSchema.safeParse(saved);
  if (parsed.success) return parsed.data.tokenizer;
  throw new ContractError('task-state-invalid', {
    asked: 'Open a run of the task "causal-lm"',
    found: 'its tokenizer was not saved with it',
    todo: 'Give a run that was saved whole',
  });
}

const fitted = (tokenizer: Tokenizer): Fitted => ({
  head: { kind: 'causal-lm', outputs: tokenizer.vocabularySize },
  inputs: { vocabularySize: tokenizer.vocabularySize },
  saved: { tokenizer: tokenizer.toJSON() },
  tokenizer,
});

async function prepared(data: TokenizedDataset, options: CausalLmOptions): Promise<Prepared> {
  const shape = ({ batch, context }: BatchOptions) => ({
    batch,
    context: options.context ?? context ?? USUAL_CONTEXT,
  });
  const digest = (split: SplitName): Promise<string> => {
    const { buffer, byteOffset, byteLength } = data.tokens(split);
    return sha256(new Uint8Array(buffer, byteOffset, byteLength));
  };
  const [train, validation, test] = await Promise.all([
    digest('train'),
    digest('validation'),
    digest('test'),
  ]);
  return {
    ...fitted(data.tokenizer),
    facts: {
      vocabularySize: data.tokenizer.vocabularySize,
      trainingTokens: data.tokens('train').length,
      validationTokens: data.tokens('validation').length,
      testTokens: data.tokens('test').length,
      splits: data.origin('test'),
    },
    digests: { train, validation, test },
    batches: (wanted, stream) => trainingBatches(data, shape(wanted), stream),
    evaluation: (split, wanted) =>
      evaluationBatches(data, {
        ...{ split, ...shape(wanted), maxBatches: wanted.maxBatches, places: wanted.places },
      }),
    floors: (wanted) => languageModelFloors(data, shape(wanted), train),
  };
}

/** [batch, time] -> [batch * time] */
function labelsOf({ labels }: TensorBatch): Tensor1D {
  return tf.reshape(labels as Tensor, [(labels as Tensor).size]);
}

export const causalLm = defineTask({
  meta: {
    summary: 'Predicting the next token of a text: nats, perplexity, bits per byte, accuracy',
    options: causalLmOptionsSchema,
    reference: 'Hay and Wolf 2024 (arXiv 2401.12819)',
    official: { chunking: 'bos-eos' },
    data: { dataset: 'moby-dick', tokenizer: 'bpe' },
  },
  create: createCausalLm,
});
