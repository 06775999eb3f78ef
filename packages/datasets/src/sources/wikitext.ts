/**
 * Folders in the layout of WikiText (Merity et al. 2016) with its official splits: `wiki.train.tokens` (words
 * with `<unk>`), `wiki.train.raw` (plain text), or `train.txt` as PyTorch's word_language_model example names them.
 */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DatasetContext, SplitFiles, SplitName, TextDataset } from '@ligature/core';
import { z } from 'zod';
import { heldText, longSplits } from '../long/long-splits.js';
import { once } from '../once.js';
import { datasetError } from './errors.js';
import { isText, withoutEnding } from './endings.js';
import { insideOf, listFiles, readInside } from './files.js';
import { listed } from './split-files.js';
import { readName, readShard } from './split-words.js';
import { unclearSplits } from './text-folder.js';

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

const ALL = Object.keys(LAYOUTS) as WikitextLayout[];

const filesOf = (layout: WikitextLayout): string[] => Object.values(OFFICIAL_NAMES).map(LAYOUTS[layout]);

/** The first layout of which a folder has all three files. */
export async function findWikitextLayout(folder: string): Promise<WikitextLayout | undefined> {
  const exists = (name: string): Promise<boolean> =>
    stat(join(folder, name)).then(
      (found) => found.isFile(),
      () => false,
    );
  for (const layout of ALL) {
    const found = await Promise.all(filesOf(layout).map(exists));
    if (found.every(Boolean)) return layout;
  }
  return undefined;
}

const NAMES: Readonly<Record<string, string>> = {
  'wikitext-2': 'WikiText-2',
  'wikitext-103': 'WikiText-103',
};

/**
 * @param name of the dataset, for people
 * @throws InputError on the first split, when the folder has not the three files (`dataset-missing`)
 */
export function createWikitext(
  options: z.output<typeof wikitextOptionsSchema>,
  { source, folder, signal }: DatasetContext,
  name = 'wikitext',
): TextDataset {
  const where = options.path ?? source;
  const path = resolve(folder, where);
  let chosen: Promise<Chosen> | undefined;
  const choose = (): Promise<Chosen> => (chosen ??= chooseLayout(path, where, options.layout));
  const long = once(async () => {
    const { files } = await choose();
    const paths = await Promise.all(files.train.map((file) => insideOf(path, file)));
    return longSplits({ paths, joining: 'alone', shares: {}, origin: 'official', signal });
  });
  return {
    name,
    description: `${NAMES[name] ?? 'WikiText layout'} with its official splits: ${where}`,
    files: async () => (await choose()).files,
    async split(split) {
      const { layout } = await choose();
      const name = LAYOUTS[layout](OFFICIAL_NAMES[split]);
      const cut = split === 'train' ? await long() : undefined;
      const text = cut ? await heldText(cut.train, `${where}/${name}`) : await readInside(path, name);
      if (text.trim() === '') {
        datasetError('dataset-empty', `${where}/${name}`, 'it is empty', 'Get the file again');
      }
      return { text, origin: 'official' };
    },
    longText: async (split) => (split === 'train' ? (await long())?.train : undefined),
  };
}

interface Chosen {
  readonly layout: WikitextLayout;
  readonly files: SplitFiles;
}

/** @throws InputError (`dataset-missing`; `dataset-splits-unclear` where other files are named as the same splits) */
async function chooseLayout(path: string, where: string, asked: WikitextLayout | 'auto'): Promise<Chosen> {
  const layout = asked === 'auto' ? await findWikitextLayout(path) : asked;
  if (!layout) {
    const kinds = ALL.map((kind) => filesOf(kind).join(', '));
    const found = 'the folder has not all three files of the WikiText layout';
    return datasetError('dataset-missing', where, found, `Put there ${kinds.join('; or ')}`);
  }
  const own = filesOf(layout);
  const texts = (await listFiles(path)).map((file) => file.path).filter((one) => isText(one, true));
  const leftOut = texts.filter((one) => !own.includes(one));
  const rivals = leftOut.filter(isRival);
  if (asked === 'auto' && rivals.length > 0) {
    unclearSplits(where, `${listed(rivals)} is named as a split, and so are ${own.join(', ')}`);
  }
  const [train, validation, test] = own as [string, string, string];
  return { layout, files: { train: [train], validation: [validation], test: [test], leftOut } };
}

/** Whether a file is called as a split is, and is none of a kind of layout that may lie beside the one that is read. */
function isRival(path: string): boolean {
  if (ALL.some((kind) => filesOf(kind).includes(path))) return false;
  const [first = ''] = path.split('/');
  const { split, template } = readName(withoutEnding(first));
  return split !== undefined && ['{}', 'wiki.{}'].includes(readShard(template)?.template ?? template);
}
