/** Which images of a folder are for which split: as its own folders say, or cut evenly from each class. */
import { join } from 'node:path';
import { spreadOver, type SplitName, type SplitOrigin } from '@ligature/core';
import { foldersIn, imagesBelow } from './class-folders.js';
import { imageError, wordsOf } from './errors.js';
import { heldOutCount } from './held-out.js';

export interface ImagePlace {
  /** Relative to the folder. */
  readonly path: string;
  readonly label: number;
}

export interface FolderSplit {
  readonly images: readonly ImagePlace[];
  readonly origin: SplitOrigin;
}

export interface FolderSplits {
  readonly classes: readonly string[];
  readonly splits: Readonly<Record<SplitName, FolderSplit>>;
}

export interface HeldOutShares {
  readonly validation: number;
  readonly test: number;
}

/** What a split may be called; `train` alone says that folders are splits. */
const NAMES: Readonly<Record<SplitName, readonly string[]>> = {
  train: ['train'],
  validation: ['validation', 'valid', 'val'],
  test: ['test'],
};

/** @throws InputError (`dataset-missing`, `dataset-empty`, `dataset-splits-unclear`, `dataset-too-short`, `dataset-link`) */
export async function splitFolder(folder: string, shares: HeldOutShares): Promise<FolderSplits> {
  const there = await foldersIn(folder);
  const named = (split: SplitName): string | undefined => {
    const found = NAMES[split].filter((name) => there.includes(name));
    if (found.length > 1)
      imageError(
        'dataset-splits-unclear',
        folder,
        `${found.join(' and ')} are both folders`,
        'Keep one of them',
      );
    return found[0];
  };
  const train = named('train');
  const classes = train === undefined ? there : await foldersIn(join(folder, train));
  if (classes.length === 0)
    imageError(
      'dataset-empty',
      join(folder, train ?? ''),
      'there is no folder in it',
      'Put there a folder of images for each class',
    );
  const own = await byClass(folder, train ?? '', classes);
  classes.forEach((name, label) => {
    if (own[label]?.length === 0)
      imageError(
        'dataset-empty',
        join(folder, train ?? '', name),
        'no image is in it',
        'Put images there, or remove it',
      );
  });
  const given: Partial<Record<SplitName, ImagePlace[]>> = {};
  for (const split of ['validation', 'test'] as const) {
    const name = train === undefined ? undefined : named(split);
    if (name !== undefined) given[split] = await ofSplit(folder, name, classes);
  }
  return { classes, splits: cut(folder, classes, own, given, shares) };
}

/** Images of each class. */
const byClass = (folder: string, split: string, classes: readonly string[]): Promise<ImagePlace[][]> =>
  Promise.all(
    classes.map(async (name, label) =>
      (await imagesBelow(join(folder, split, name))).map((path) => ({
        path: join(split, name, path),
        label,
      })),
    ),
  );

/** A split that has a folder: of no other classes than there are to train on. */
async function ofSplit(folder: string, split: string, classes: readonly string[]): Promise<ImagePlace[]> {
  const there = await foldersIn(join(folder, split));
  const strange = there.find((name) => !classes.includes(name));
  if (strange !== undefined)
    imageError(
      'dataset-splits-unclear',
      join(folder, split),
      `the class "${strange}" is not among those to train on`,
      'Rename or remove that folder',
    );
  const known = await Promise.all(
    classes.map(async (name, label) =>
      there.includes(name)
        ? (await imagesBelow(join(folder, split, name))).map((path) => ({
            path: join(split, name, path),
            label,
          }))
        : [],
    ),
  );
  const all = known.flat();
  if (all.length === 0)
    imageError(
      'dataset-empty',
      join(folder, split),
      'no image is in a folder of a class',
      'Put there a folder of images for each class, or remove it: the split is then cut from what is to train on',
    );
  return all;
}

function cut(
  folder: string,
  classes: readonly string[],
  own: readonly ImagePlace[][],
  given: Readonly<Partial<Record<SplitName, ImagePlace[]>>>,
  shares: HeldOutShares,
): FolderSplits['splits'] {
  const missing = (['test', 'validation'] as const).filter((split) => given[split] === undefined);
  const parts = own.map((images, label) => {
    const taken: Partial<Record<SplitName, ImagePlace[]>> = {};
    let rest = images;
    for (const split of missing) {
      const held = new Set(spreadOver(heldOutCount(shares[split], images.length), rest.length));
      taken[split] = rest.filter((_, at) => held.has(at));
      rest = rest.filter((_, at) => !held.has(at));
    }
    if (rest.length === 0)
      imageError(
        'dataset-too-short',
        join(folder, classes[label] as string),
        `it has ${wordsOf(images.length, 'image')}, and ${missing.join(' and ')} are cut from it`,
        'Use more images of that class, or give these splits folders of their own',
      );
    return { ...taken, train: rest };
  });
  const imagesOf = (split: SplitName): readonly ImagePlace[] =>
    given[split] ?? parts.flatMap((part: Partial<Record<SplitName, ImagePlace[]>>) => part[split] ?? []);
  const origin = (split: SplitName): SplitOrigin =>
    split === 'train' ? (missing.length > 0 ? 'derived' : 'official') : given[split] ? 'official' : 'derived';
  return {
    train: { images: imagesOf('train'), origin: origin('train') },
    validation: { images: imagesOf('validation'), origin: origin('validation') },
    test: { images: imagesOf('test'), origin: origin('test') },
  };
}
