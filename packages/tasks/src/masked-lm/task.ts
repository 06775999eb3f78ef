/**
 * Guessing masked tokens of a text from both sides (Devlin et al. 2019, arXiv 1810.04805): text from a dataset, ids from a
 * tokenizer, windows of ids as batches, mean cross-entropy in nats of what was masked as the loss.
 */
import { defineTask } from '@ligature/core';
import type { Fitted, Metric, Prepared, Task, Tokenizer } from '@ligature/core';
import { labelScores, projectedCrossEntropy, registerMatMulGradient } from '@ligature/nn';
import { z } from 'zod';
import { accuracy, meanMetric } from '../metrics.js';
import { labelsOf } from '../text/labels.js';
import { digestsOf, factsOf, savedTokenizer, textShape, tokenizedText } from '../text/prepare.js';
import type { TokenizedDataset } from '../text/tokenize.js';
import { maskedEvaluationBatches, maskedTrainingBatches } from './batches.js';
import { maskedFloors } from './floors.js';
import type { Masking } from './masking.js';
import { sameWordBy } from './words.js';

export const maskedLmOptionsSchema = z.strictObject({
  share: z
    .number()
    .gt(0)
    .max(1)
    .default(0.15)
    .describe(
      'share of the tokens that are to be guessed; of these 80 % are masked, 10 % replaced, 10 % kept',
    ),
  wholeWords: z.boolean().default(false).describe('whether the tokens of a word are chosen together'),
  context: z
    .int()
    .min(2)
    .max(65_536)
    .nullable()
    .default(null)
    .describe("tokens of a sequence; null: as many as the model's context"),
});

export type MaskedLmOptions = z.output<typeof maskedLmOptionsSchema>;

/** Of masked tokens; as their neighbours are seen, perplexity is none of a text. */
const metrics: readonly Metric[] = [
  meanMetric({ name: 'nats', unit: 'nats', better: 'lower', label: 'loss' }, 'nats'),
  meanMetric({ name: 'perplexity', unit: '', better: 'lower' }, 'nats', 'target', Math.exp),
  accuracy(),
];

export function createMaskedLm(options: MaskedLmOptions = maskedLmOptionsSchema.parse({})): Task {
  // For the product in the loss, whatever the model before it registers.
  registerMatMulGradient();
  return {
    name: 'masked-lm',
    unit: 'masked tokens',
    lossUnit: 'nats per masked token',
    scores: ['nats', 'correct'],
    metrics,
    prepare: async (context) => prepared(await tokenizedText(context, 'masked-lm'), options),
    open: async (saved, { tokenizer }) => fitted(await tokenizer(savedTokenizer(saved, 'masked-lm'))),
    loss: (projection, batch) => projectedCrossEntropy(projection, labelsOf(batch), { ignoreNegative: true }),
    score: (projection, batch) => labelScores(projection, labelsOf(batch), { ignoreNegative: true }),
  };
}

/** The mask of the vocabulary, or one more token behind it. */
const maskOf = ({ maskId, vocabularySize }: Tokenizer): number => maskId ?? vocabularySize;

function fitted(tokenizer: Tokenizer): Fitted {
  const size = Math.max(tokenizer.vocabularySize, maskOf(tokenizer) + 1);
  return {
    head: { kind: 'masked-lm', outputs: size },
    inputs: { vocabularySize: size },
    saved: { tokenizer: tokenizer.toJSON() },
    tokenizer,
  };
}

async function prepared(data: TokenizedDataset, options: MaskedLmOptions): Promise<Prepared> {
  const { tokenizer } = data;
  const shape = textShape(options.context);
  const masking: Masking = {
    ...{ share: options.share, maskId: maskOf(tokenizer), vocabularySize: tokenizer.vocabularySize },
    ...(options.wholeWords && { sameWord: sameWordBy(tokenizer) }),
  };
  const digests = await digestsOf(data);
  return {
    ...fitted(tokenizer),
    ...{ facts: factsOf(data), digests },
    batches: (wanted, stream) => maskedTrainingBatches(data, shape(wanted), masking, stream),
    evaluation: (split, wanted) => {
      const { maxBatches, places } = wanted;
      return maskedEvaluationBatches(data, { split, ...shape(wanted), maxBatches, places }, masking);
    },
    floors: () => maskedFloors(data, digests.train),
  };
}

export const maskedLm = defineTask({
  meta: {
    summary: 'Guessing masked tokens of a text from both sides: nats, perplexity, accuracy',
    options: maskedLmOptionsSchema,
    reference: 'Devlin et al. 2019, BERT: Pre-training of Deep Bidirectional Transformers, arXiv 1810.04805',
    data: { dataset: 'moby-dick', tokenizer: 'bpe' },
    model: 'bert',
  },
  create: createMaskedLm,
});
