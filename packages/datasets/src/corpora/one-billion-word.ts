/** The 1 Billion Word Benchmark (Chelba et al. 2014, arXiv 1312.3005): news, one tokenised sentence a line, in no order. */
import type { DatasetContext, TextDataset } from '@ligature/core';
import { z } from 'zod';
import { sharesSchema } from '../splits.js';
import { asList, firstFolder, pathOption, patternsSchema, placeOf, textCorpus } from './corpus.js';

const TRAINING = 'training-monolingual.tokenized.shuffled';
const HELD_OUT = 'heldout-monolingual.tokenized.shuffled';

const files = (what: string) =>
  patternsSchema.optional().describe(`Files ${what}, by paths in the folder; * stands for any part of one`);

export const oneBillionWordOptionsSchema = z.strictObject({
  path: pathOption(`The folder that holds ${TRAINING} and ${HELD_OUT}`),
  train: files('to train on; left out: the first three of 99 shards of 40 MB'),
  validation: z
    .union([sharesSchema.shape.validation.unwrap(), patternsSchema])
    .optional()
    .describe(
      'Files for validation, or the share of the text to train on that is held out for it; left out: held-out shard 1',
    ),
  test: files('for testing; left out: held-out shard 0, which is what papers report'),
});

const FIRST_SHARDS = Array.from(
  { length: 3 },
  (_, at) => `${TRAINING}/news.en-${String(at + 1).padStart(5, '0')}-of-00100`,
);
const heldOut = (shard: number): string =>
  `${HELD_OUT}/news.en.heldout-${String(shard).padStart(5, '0')}-of-00050`;

/**
 * Of the original archive the customary shards, or the files that options name.
 *
 * @throws InputError on the first split: `dataset-missing`, `dataset-files-unmatched`, those of files
 */
export function createOneBillionWord(
  { path, train, validation, test }: z.output<typeof oneBillionWordOptionsSchema>,
  context: DatasetContext,
): TextDataset {
  const wanted = 'the archive 1-billion-word-language-modeling-benchmark-r13output';
  const place = placeOf({ path }, context, wanted);
  return textCorpus({
    ...{ name: 'one-billion-word', about: '1 Billion Word Benchmark, sentences of news', place },
    shares: sharesSchema.parse(typeof validation === 'number' ? { validation } : {}),
    files: async () => ({
      folder: await firstFolder(place, ['1-billion-word-language-modeling-benchmark-r13output']),
      files: {
        train: train === undefined ? FIRST_SHARDS : asList(train),
        ...(typeof validation !== 'number' && {
          validation: validation === undefined ? [heldOut(1)] : asList(validation),
        }),
        test: test === undefined ? [heldOut(0)] : asList(test),
      },
    }),
  });
}
