/** What the name of a file or folder says of splits: `Train.TXT`, `wiki.valid.tokens`, `dev/`, `test-00001-of-00004.txt`. */
import type { SplitName } from '@ligature/core';

const WORDS: Readonly<Record<SplitName, readonly string[]>> = {
  train: ['train', 'training', 'trn', 'trainset', 'trainingset', 'traindata'],
  validation: [
    ...['validation', 'valid', 'validate', 'val', 'dev', 'devel', 'eval', 'evals', 'evaluation'],
    ...['validationset', 'validset', 'valset', 'devset', 'evalset'],
  ],
  test: ['test', 'testing', 'tests', 'tst', 'testset', 'testdata'],
};
const SPLIT_OF: ReadonlyMap<string, SplitName> = new Map(
  (Object.keys(WORDS) as SplitName[]).flatMap((split) => WORDS[split].map((word) => [word, split] as const)),
);

/** Held out, but for what? Or two splits in one. */
const UNCLEAR = new Set([
  ...['holdout', 'holdouts', 'heldout', 'unseen', 'devtest', 'testdev', 'trainval', 'valtrain'],
  ...['traindev', 'devtrain', 'testval', 'valtest', 'traintest', 'testtrain'],
]);

export interface NameReading {
  /** The split that the name says, where it says one. */
  readonly split?: SplitName;
  /** It says something of splits, and not which one it is. */
  readonly unclear: boolean;
  /** The name with `{}` in the place of the split's word. */
  readonly template: string;
}

/** @param name of one file without its ending, or of one folder */
export function readName(name: string): NameReading {
  const splits = new Set<SplitName>();
  let unclear = false;
  const template = apart(name).replace(/\p{L}+/gu, (word) => {
    if (UNCLEAR.has(word)) unclear = true;
    const split = SPLIT_OF.get(word);
    if (split === undefined) return word;
    splits.add(split);
    return '{}';
  });
  const [split] = splits;
  if (split === undefined || splits.size > 1 || unclear) {
    return { unclear: unclear || splits.size > 1, template };
  }
  return { split, unclear: false, template };
}

/** In small letters, `trainData` and `held-out` as the words that they are made of. */
const apart = (name: string): string =>
  name
    .normalize('NFC')
    .replace(/(\p{Ll})(?=\p{Lu})/gu, '$1-')
    .toLowerCase()
    .replace(/(?<!\p{L})(held|hold)[-_. ]?(outs?)(?!\p{L})/gu, '$1$2');

/** `-00001-of-00004`, `_3`, `.part2`, ` (1)`: the number of a part. */
const NUMBER = /[-_. ]*(?:part|shard|chunk)?[-_. ]*\(?(\d+)\)?(?:[-_. ]*of[-_. ]*(\d+))?$/iu;

export interface Shard {
  /** The template without the number. */
  readonly template: string;
  readonly number: number;
  /** How many parts there should be, where the name says so. */
  readonly of?: number;
}

/** @returns nothing for a template where no number follows the word of the split, and then nothing more */
export function readShard(template: string): Shard | undefined {
  const found = NUMBER.exec(template);
  const rest = template.slice(0, found?.index);
  if (!found || !rest.endsWith('{}')) return undefined;
  const [, number, of] = found;
  return { template: rest, number: Number(number), ...(of !== undefined && { of: Number(of) }) };
}

/** The name without the number of a part, as it was written. */
export const withoutNumber = (name: string): string => name.replace(NUMBER, '');
