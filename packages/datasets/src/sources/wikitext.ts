/**
 * Folders in the layout of WikiText (Merity et al. 2016) with its official splits: `wiki.train.tokens` (words
 * with `<unk>`), `wiki.train.raw` (plain text), or `train.txt` as PyTorch's word_language_model example names them.
 */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Dataset, DatasetContext, SplitName } from '@ligature/core';
import { z } from 'zod';
import { datasetError } from './errors.js';
import { readInside } from './files.js';

const LAYOUTS = {
  tokens: (split: string) => `wiki.${split}.tokens`,
  raw: (split: string) => `wiki.${split}.raw`,
  txt: (split: string) => `${split}.txt`,
};

export type WikitextLayout = keyof typeof LAYOUTS;

const OFFICIAL_NAMES: Record<SplitName, string> = { train: 'train', validation: 'valid', test: 'test' };

export const wikitextOptionsSchema = z.strictObject({
  path: z
    .string()
    .min(1)
    .optional()
    .describe('The folder with the three files; the name given as dataset if left out'),
  layout: z
    .enum(['auto', 'tokens', 'raw', 'txt'])
    .default('auto')
    .describe('Which files to read where several kinds lie side by side; auto takes the first complete kind'),
});

const filesOf = (layout: WikitextLayout): string[] => Object.values(OFFICIAL_NAMES).map(LAYOUTS[layout]);

/** The first layout of which a folder has all three files. */
export async function findWikitextLayout(folder: string): Promise<WikitextLayout | undefined> {
  const exists = (name: string): Promise<boolean> =>
    stat(join(folder, name)).then(
      (found) => found.isFile(),
      () => false,
    );
  for (const layout of Object.keys(LAYOUTS) as WikitextLayout[]) {
    const found = await Promise.all(filesOf(layout).map(exists));
    if (found.every(Boolean)) return layout;
  }
  return undefined;
}

/** @throws InputError on the first split, when the folder has not the three files (`dataset-missing`). */
export function createWikitext(
  options: z.output<typeof wikitextOptionsSchema>,
  { source, folder }: DatasetContext,
): Dataset {
  const where = options.path ?? source;
  const path = resolve(folder, where);
  return {
    name: 'wikitext',
    description: `WikiText layout with its official splits: ${where}`,
    async split(split) {
      const layout = options.layout === 'auto' ? await findWikitextLayout(path) : options.layout;
      if (!layout) {
        const kinds = (Object.keys(LAYOUTS) as WikitextLayout[]).map((kind) => filesOf(kind).join(', '));
        const found = 'the folder has not all three files of the WikiText layout';
        return datasetError('dataset-missing', where, found, `Put there ${kinds.join('; or ')}`);
      }
      const name = LAYOUTS[layout](OFFICIAL_NAMES[split]);
      const text = await readInside(path, name);
      if (text.trim() === '') {
        datasetError('dataset-empty', `${where}/${name}`, 'it is empty', 'Get the file again');
      }
      return { text, origin: 'official' };
    },
  };
}
