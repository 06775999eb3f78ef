/** Published collections of text in the files that their publishers gave out: what their datasets have in common. */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DatasetContext, SplitFiles, SplitName, TextDataset } from '@ligature/core';
import { z } from 'zod';
import { datasetError } from '../sources/errors.js';
import { readTogether } from '../sources/files.js';
import { filesOfFolder, type NamedFiles } from '../sources/text-folder.js';
import { heldText, longSplits } from '../long/long-splits.js';
import { once } from '../once.js';
import { cutMissing, type Shares } from '../splits.js';

/** The option that says where the files are. @param what they are */
export const pathOption = (what: string) =>
  z.string().min(1).optional().describe(`${what}; left out: a folder of the dataset's name`);

/** One path in the folder, or several; `*` stands for any part of one. */
export const patternsSchema = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);
export type Patterns = z.output<typeof patternsSchema>;

/** Where a dataset is looked for: a folder of its own name, unless an option says another one. */
export interface Place {
  /** As the user wrote it, for messages. */
  readonly where: string;
  /** Absolute. */
  readonly path: string;
  /** Ends reading. */
  readonly signal?: AbortSignal | undefined;
  /** @throws InputError (`dataset-missing`) where no folder is there, saying what to get */
  assertThere(): Promise<void>;
}

/** @param wanted the files that are to be in it, for messages */
export function placeOf(
  { path: given }: { readonly path?: string | undefined },
  { source, folder, signal }: DatasetContext,
  wanted: string,
): Place {
  const where = given ?? source;
  const path = resolve(folder, where);
  return {
    ...{ where, path, signal },
    async assertThere() {
      const isThere = await isFolder(path);
      if (isThere) return;
      datasetError(
        'dataset-missing',
        where,
        'there is no such folder',
        `Get ${wanted}, and give their folder: --set dataset.path=FOLDER`,
      );
    },
  };
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** The first of some folders below a place that is there; the place itself is one. */
export async function firstFolder({ path }: Place, below: readonly string[]): Promise<string> {
  for (const one of below) {
    const folder = join(path, one);
    if (await isFolder(folder)) return folder;
  }
  return path;
}

export interface Corpus {
  readonly name: string;
  /** What it is, without its place. */
  readonly about: string;
  readonly place: Place;
  /** Where in the place its files are, and which: a split without any is cut from the text for training. */
  files(): Promise<{ readonly folder: string; readonly files: NamedFiles }>;
  readonly shares: Shares;
  /** Bytes up to which a text is read at once. */
  readonly most?: number;
}

/** A running text whose splits are files, each as it is; several files of one follow each other line by line. */
export function textCorpus({ name, about, place, files, shares, most }: Corpus): TextDataset {
  const { where } = place;
  const found = once(async () => {
    await place.assertThere();
    const { folder, files: named } = await files();
    return { folder, files: await filesOfFolder(folder, { where, named, splits: 'auto' }) };
  });
  const of = async (split: SplitName): Promise<string> => {
    const { folder, files: chosen } = await found();
    const text = await readTogether(folder, chosen[split], '\n');
    if (text.trim() !== '') return text;
    return datasetError('dataset-empty', `${where}/${chosen[split][0]}`, 'it is empty', 'Get the file again');
  };
  const long = once(async () => {
    const { folder, files: chosen } = await found();
    const cut = (['validation', 'test'] as const).filter((split) => chosen[split].length === 0);
    return longSplits({
      paths: chosen.train.map((file) => join(folder, file)),
      joining: 'lines',
      shares: Object.fromEntries(cut.map((split) => [split, shares[split]])),
      origin: isUncut(chosen) ? 'official' : 'derived',
      ...{ signal: place.signal, most },
    });
  });
  const short = once(async () => {
    const { files: chosen } = await found();
    const given: Partial<Record<SplitName, string>> = {};
    for (const split of ['validation', 'test'] as const) {
      if (chosen[split].length > 0) given[split] = await of(split);
    }
    return cutMissing(await of('train'), given, shares);
  });
  const read = async (split: SplitName): Promise<string> => {
    const cut = await long();
    if (!cut) return (await short())[split];
    return split === 'train' ? heldText(cut.train, where) : (cut[split] ?? of(split));
  };
  return {
    name,
    description: `${about}: ${where}`,
    files: async () => (await found()).files,
    async split(split) {
      const text = await read(split);
      if (text === '') {
        const short = `it is too short to cut a ${split} split from it`;
        datasetError('dataset-too-short', where, short, 'Use a longer text, or hold out a larger share');
      }
      const { files: chosen } = await found();
      const isWhole = split === 'train' ? isUncut(chosen) : chosen[split].length > 0;
      return { text, origin: isWhole ? 'official' : 'derived' };
    },
    longText: async (split) => (split === 'train' ? (await long())?.train : undefined),
  };
}

const isUncut = ({ validation, test }: SplitFiles): boolean => validation.length > 0 && test.length > 0;

export const asList = (patterns: Patterns): readonly string[] =>
  typeof patterns === 'string' ? [patterns] : patterns;
