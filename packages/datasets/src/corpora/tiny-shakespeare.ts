/** Forty thousand lines of Shakespeare's plays (Karpathy, char-rnn 2015). */
import type { DatasetContext, TextDataset } from '@ligature/core';
import type { z } from 'zod';
import { sharesSchema } from '../splits.js';
import { pathOption, placeOf, textCorpus } from './corpus.js';

export const tinyShakespeareOptionsSchema = sharesSchema.extend({
  path: pathOption('The folder with input.txt'),
});

export type TinyShakespeareOptions = z.output<typeof tinyShakespeareOptionsSchema>;

/**
 * It has no splits of its own. Customary are the first nine tenths for training and the rest for validation; here that rest
 * is halved at a blank line, for testing too.
 *
 * @throws InputError on the first split: `dataset-missing`, `dataset-files-unmatched`
 */
export function createTinyShakespeare(
  { path, ...shares }: TinyShakespeareOptions,
  context: DatasetContext,
): TextDataset {
  const place = placeOf({ path }, context, 'input.txt of char-rnn');
  return textCorpus({
    ...{ name: 'tiny-shakespeare', about: "40,000 lines of Shakespeare's plays", place, shares },
    files: () => Promise.resolve({ folder: place.path, files: { train: ['input.txt'] } }),
  });
}
