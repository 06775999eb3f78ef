/** The Penn Treebank as language models read it (Mikolov et al. 2010): lower case, 10,000 words, `<unk>`, `N` for numbers. */
import type { DatasetContext, TextDataset } from '@ligature/core';
import { z } from 'zod';
import { sharesSchema } from '../splits.js';
import { firstFolder, pathOption, placeOf, textCorpus } from './corpus.js';

export const pennTreebankOptionsSchema = z.strictObject({
  path: pathOption('The folder with ptb.train.txt, ptb.valid.txt and ptb.test.txt, or of simple-examples'),
});

/** @throws InputError on the first split: `dataset-missing`, `dataset-files-unmatched` where a file is missing */
export function createPennTreebank(
  options: z.output<typeof pennTreebankOptionsSchema>,
  context: DatasetContext,
): TextDataset {
  const place = placeOf(options, context, 'ptb.train.txt, ptb.valid.txt and ptb.test.txt');
  return textCorpus({
    ...{ name: 'ptb', about: 'Penn Treebank, words, official splits', place },
    shares: sharesSchema.parse({}),
    files: async () => ({
      folder: await firstFolder(place, ['simple-examples/data', 'data']),
      files: { train: ['ptb.train.txt'], validation: ['ptb.valid.txt'], test: ['ptb.test.txt'] },
    }),
  });
}
