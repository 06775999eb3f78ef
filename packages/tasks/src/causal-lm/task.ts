/**
 * Predicting the next token of a text (the paper's task): text from a dataset, ids from a tokenizer, windows of ids as
 * batches, mean cross-entropy in nats as the loss.
 */
import { defineTask, InputError } from '@ligature/core';
import type { Fitted, Prepared, Task, Tokenizer } from '@ligature/core';
import { labelScores, projectedCrossEntropy, registerMatMulGradient } from '@ligature/nn';
import { z } from 'zod';
import { evaluationBatches, trainingBatches } from '../text/batches.js';
import { labelsOf } from '../text/labels.js';
import { digestsOf, factsOf, savedTokenizer, textShape, tokenizedText } from '../text/prepare.js';
import type { TokenizedDataset } from '../text/tokenize.js';
import { languageModelFloors } from '../text/floors.js';
import { languageModelMetrics } from './metrics.js';

/** Between documents, as GPT-2's text for training had it. */
const SEPARATOR = '<|endoftext|>';

export const causalLmOptionsSchema = z.strictObject({
  chunking: z
    .enum(['contiguous', 'documents', 'bos-eos'])
    .default('contiguous')
    .describe(
      'how text is cut into sequences; documents: none goes beyond the end of a document; bos-eos: as the official code does',
    ),
  separator: z
    .string()
    .min(1)
    .optional()
    .describe('what stands between two documents, for chunking=documents; left out: <|endoftext|>'),
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

export function createCausalLm(options: CausalLmOptions = causalLmOptionsSchema.parse({})): Task {
  // For the product in the loss, whatever the model before it registers.
  registerMatMulGradient();
  const { chunking, separator = SEPARATOR } = options;
  // The last sequence of a document is filled up.
  const ignoreNegative = chunking === 'documents';
  return {
    name: 'causal-lm',
    unit: 'tokens',
    lossUnit: 'nats per token',
    scores: ['nats', 'correct'],
    metrics: languageModelMetrics(options.mean === 'batch' ? 'batch' : 'target'),
    async prepare(context) {
      return prepared(await tokenizedText(context, 'causal-lm', { chunking, separator }), options);
    },
    open: async (saved, { tokenizer }) => fitted(await tokenizer(savedTokenizer(saved, 'causal-lm'))),
    loss: (projection, batch) => projectedCrossEntropy(projection, labelsOf(batch), { ignoreNegative }),
    score: (projection, batch) => labelScores(projection, labelsOf(batch), { ignoreNegative }),
  };
}

const fitted = (tokenizer: Tokenizer): Fitted => ({
  head: { kind: 'causal-lm', outputs: tokenizer.vocabularySize },
  inputs: { vocabularySize: tokenizer.vocabularySize },
  saved: { tokenizer: tokenizer.toJSON() },
  tokenizer,
});

async function prepared(data: TokenizedDataset, options: CausalLmOptions): Promise<Prepared> {
  if (options.chunking === 'documents') assertDocuments(data, options.separator ?? SEPARATOR);
  const shape = textShape(options.context);
  const digests = await digestsOf(data);
  return {
    ...fitted(data.tokenizer),
    facts: {
      ...factsOf(data),
      ...(options.chunking === 'documents' && { trainingDocuments: data.groups('train').length }),
    },
    digests,
    batches: (wanted, stream) => trainingBatches(data, shape(wanted), stream),
    evaluation: (split, wanted) =>
      evaluationBatches(data, {
        ...{ split, ...shape(wanted), maxBatches: wanted.maxBatches, places: wanted.places },
      }),
    floors: (wanted) => languageModelFloors(data, shape(wanted), digests.train),
  };
}

/** @throws InputError (`documents-unseparated`) where the text to train on is one document */
function assertDocuments(data: TokenizedDataset, separator: string): void {
  if (data.groups('train').length > 1) return;
  throw new InputError('documents-unseparated', {
    asked: `Cut "${data.name}" at the ends of its documents (chunking=documents)`,
    found: `${JSON.stringify(separator)}, which is to stand between two of them, does not stand between any`,
    todo: `Say what does, such as a blank line: --set 'task.separator="\\n\\n"'; or cut it as one text: --set task.chunking=contiguous`,
  });
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
