/** Batches of masked text, without end for training and always the same for evaluations. */
import { createRandomStream } from '@ligature/core';
import type { BatchSource, EvaluationSet, Field, RandomStream } from '@ligature/core';
import {
  evaluationBatches,
  trainingBatches,
  type EvaluationChoice,
  type TextShape,
} from '../text/batches.js';
import type { TokenizedDataset } from '../text/tokenize.js';
import { masked, type Masking } from './masking.js';

/**
 * Every batch is masked anew, by the stream that also gives its order.
 *
 * @throws InputError (`text-too-short`)
 */
export function maskedTrainingBatches(
  data: TokenizedDataset,
  shape: TextShape,
  masking: Masking,
  stream: RandomStream,
): BatchSource {
  const source = trainingBatches(data, shape, stream);
  return {
    ...{ shape: source.shape, weight: masking.share * source.weight },
    next: () => masked(source.next(), masking, () => stream),
    // It holds the state of the stream, which is all that masking adds.
    snapshot: () => source.snapshot(),
    restore: (state) => source.restore(state),
  };
}

/**
 * A row is masked by its place in the split: whatever the size of batches is, and whichever of them are asked for.
 *
 * @throws InputError (`text-too-short`)
 */
export function maskedEvaluationBatches(
  data: TokenizedDataset,
  choice: TextShape & EvaluationChoice,
  masking: Masking,
): EvaluationSet {
  const { split, places, batch: size, context } = choice;
  const batches = evaluationBatches(data, choice).batches.map((batch, index) => {
    const first = (places?.[index] ?? index) * size;
    // What does not fill a context is the last row, and shorter.
    const isRest = (batch.fields['inputs'] as Field).shape[1] !== context;
    return masked(batch, masking, (row) =>
      createRandomStream(isRest ? 0 : first + row, `masked-lm/${split}${isRest ? '/rest' : ''}`),
    );
  });
  const weight = batches.reduce((sum, one) => sum + one.weight, 0);
  // No bytes: the targets are no text.
  return { scope: { split, weight }, batches };
}
