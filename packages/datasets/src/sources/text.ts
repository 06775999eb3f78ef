/** A text file, or the text files of a folder. */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DatasetContext, SplitFiles, SplitName, TextDataset } from '@ligature/core';
import { z } from 'zod';
import { heldText, longSplits, type LongSource } from '../long/long-splits.js';
import { once } from '../once.js';
import { cutMissing, sharesSchema } from '../splits.js';
import { datasetError } from './errors.js';
import { readTextFile, readTogether } from './files.js';
import { filesOfFolder, type NamedFiles } from './text-folder.js';

const patterns = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);
const { validation, test } = sharesSchema.shape;

export const textOptionsSchema = z
  .strictObject({
    path: z
      .string()
      .min(1)
      .optional()
      .describe('A text file, or a folder of text files; the name given as dataset if left out'),
    splits: z
      .enum(['auto', 'cut'])
      .default('auto')
      .describe(
        'Of a folder: by the names of its files, refused where they nearly say splits; cut: all of it is one text',
      ),
    train: patterns
      .optional()
      .describe('Files of a folder to train on, by paths in it; * stands for any part of one'),
    validation: z
      .union([validation, patterns])
      .default(0.05)
      .describe(
        'Share of the text that is held out for validation (of one above 64 MiB at most 4 MiB), or files for it as in train',
      ),
    test: z
      .union([test, patterns])
      .default(0.05)
      .describe(
        'Share of the text that is held out for testing (of one above 64 MiB at most 4 MiB), or files for it as in train',
      ),
  })
  .superRefine(({ train, splits, ...held }, context) => {
    const named = Object.entries(held).filter(([key, value]) => key !== 'path' && typeof value !== 'number');
    const refuse = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (train === undefined && named.length > 0) refuse('train', 'say which files are for training, too');
    if (train !== undefined && splits === 'cut')
      refuse('splits', 'files that are named for splits are not cut');
  });

type TextOptions = z.output<typeof textOptionsSchema>;

/**
 * Nothing is read before the first split is asked for.
 *
 * @param most bytes up to which a text is read at once
 */
export function createTextDataset(
  chosenOptions: z.input<typeof textOptionsSchema>,
  { source, folder, signal }: Pick<DatasetContext, 'source' | 'folder' | 'signal'>,
  most?: number,
): TextDataset {
  const options = textOptionsSchema.parse(chosenOptions);
  const where = options.path ?? source;
  const path = resolve(folder, where);
  let chosen: Promise<SplitFiles | undefined> | undefined;
  /** Nothing for a file. */
  const files = (): Promise<SplitFiles | undefined> => (chosen ??= choose(path, where, options));
  const long = once(async () => longSplits({ ...longSource(path, await files(), options), signal, most }));
  const short = once(async () => readTexts(path, where, await files(), options));
  const read = async (split: SplitName): Promise<string> => {
    const cut = await long();
    if (!cut) return (await short())[split];
    if (split === 'train') return heldText(cut.train, where);
    return cut[split] ?? textOf(path, where, (await files()) as SplitFiles, split);
  };
  return {
    name: 'text',
    description: `Local text: ${where}`,
    files,
    async split(split) {
      const text = await read(split);
      if (text === '') {
        const found = `it is too short to cut a ${split} split from it`;
        datasetError('dataset-too-short', where, found, 'Use a longer text, or hold out a larger share');
      }
      return { text, origin: isOfficial(split, await files()) ? 'official' : 'derived' };
    },
    longText: async (split) => (split === 'train' ? (await long())?.train : undefined),
  };
}

async function choose(path: string, where: string, options: TextOptions): Promise<SplitFiles | undefined> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder) return filesOfFolder(path, { where, splits: options.splits, named: namedFiles(options) });
  if (options.train !== undefined) {
    datasetError(
      'dataset-files-unmatched',
      where,
      'it is no folder, and files of one are named',
      'Name its folder',
    );
  }
  return undefined;
}

function namedFiles({ train, validation, test }: TextOptions): NamedFiles {
  const list = (value: string | string[] | number | undefined): readonly string[] | undefined =>
    typeof value === 'string' ? [value] : typeof value === 'object' ? value : undefined;
  const named = { train: list(train), validation: list(validation), test: list(test) };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

async function readTexts(
  path: string,
  where: string,
  files: SplitFiles | undefined,
  options: TextOptions,
): Promise<Record<SplitName, string>> {
  const train = files ? await textOf(path, where, files, 'train') : nonEmpty(await readTextFile(path), where);
  const shares = { validation: shareOf(options.validation), test: shareOf(options.test) };
  const given: Partial<Record<SplitName, string>> = {};
  for (const split of ['validation', 'test'] as const) {
    if (files && files[split].length > 0) given[split] = await textOf(path, where, files, split);
  }
  return cutMissing(train, given, shares);
}

/** What of a long text is read in which way. */
function longSource(
  path: string,
  files: SplitFiles | undefined,
  options: TextOptions,
): Omit<LongSource, 'most' | 'signal'> {
  const official = isOfficial('train', files);
  const alone = files === undefined || (official && files.train.length === 1);
  const cut = (['validation', 'test'] as const).filter((split) => !files || files[split].length === 0);
  return {
    paths: files ? files.train.map((file) => join(path, file)) : [path],
    joining: alone ? 'alone' : 'paragraphs',
    shares: Object.fromEntries(cut.map((split) => [split, shareOf(options[split])])),
    origin: official ? 'official' : 'derived',
  };
}

/** Of a split that files are named for, nothing is cut. */
const shareOf = (value: TextOptions['test']): number => (typeof value === 'number' ? value : 0);

/** One file that is a split stands as it is; several are joined. */
async function textOf(path: string, where: string, files: SplitFiles, split: SplitName): Promise<string> {
  const [first, ...more] = files[split];
  const alone = first !== undefined && more.length === 0 && isOfficial(split, files);
  const text = alone ? await readTextFile(join(path, first)) : await readTogether(path, files[split]);
  return nonEmpty(text, alone ? `${where}/${first}` : where);
}

/** Whether the folder itself says so. */
const isOfficial = (split: SplitName, files: SplitFiles | undefined): boolean =>
  files !== undefined &&
  (split === 'train' ? files.validation.length + files.test.length > 0 : files[split].length > 0);

function nonEmpty(text: string, where: string): string {
  if (text.trim() !== '') return text;
  return datasetError('dataset-empty', where, 'it is empty', 'Give a text with words in it');
}
