/** Which files of a repository are which split of a configuration: as its card says, or as folders and names do. */
import type { SplitFiles, SplitName } from '@ligature/core';
import type { CardConfig } from './card.js';
import { hubError } from './errors.js';
import { globMatcher } from './glob.js';
import type { HubFile } from './listing.js';

/** The first one of which there are files to train on is read; a configuration may come in several kinds. */
export const KINDS = ['parquet', 'jsonl', 'csv', 'tsv', 'txt'] as const;
export type Kind = (typeof KINDS)[number];

export interface ChosenFiles {
  readonly config: string | undefined;
  readonly kind: Kind;
  readonly files: SplitFiles;
}

/** The words of the Hub, as names of files have them. */
const WORDS: Readonly<Record<SplitName, RegExp>> = {
  train: /(?:^|[^a-z])(?:train|training)(?:[^a-z]|$)/,
  validation: /(?:^|[^a-z])(?:validation|valid|val|dev)(?:[^a-z]|$)/,
  test: /(?:^|[^a-z])(?:test|testing)(?:[^a-z]|$)/,
};
const SPLITS = Object.keys(WORDS) as SplitName[];
const CARD_NAMES: Readonly<Record<SplitName, readonly string[]>> = {
  train: ['train'],
  // Of MNLI, the split of the same kinds of texts.
  validation: ['validation', 'valid', 'val', 'dev', 'validation_matched'],
  test: ['test'],
};

const kindOf = (path: string): Kind | undefined =>
  KINDS.find((kind) => path.toLowerCase().endsWith(`.${kind}`));

/**
 * @param config that was asked for; left out: the only one, or the one that the card or its name calls the default
 * @throws InputError (`hub-config-unknown` listing those that there are; `hub-files-missing`, `hub-files-unclear`)
 */
export function chooseFiles(
  files: readonly HubFile[],
  card: readonly CardConfig[],
  config: string | undefined,
  asked: string,
): ChosenFiles {
  const paths = files.map(({ path }) => path).filter((path) => kindOf(path) !== undefined && !isHidden(path));
  const ofCard = chooseConfig(card, config);
  if (ofCard) return bySplits(byPatterns(paths, ofCard, asked), ofCard.name, asked);
  const folders = foldersOf(paths);
  const known = [...new Set([...card.map(({ name }) => name), ...folders])];
  if (config !== undefined) {
    const own = paths.filter((path) => path.startsWith(`${config}/`));
    // A repository whose only configuration has the usual name of one.
    const all = own.length === 0 && config === 'default' && card.length === 0 ? rootOf(paths) : own;
    if (all.length === 0) unknownConfig(config, known, asked);
    return bySplits(byNames(all), config, asked);
  }
  if (card.length > 1) unknownConfig(undefined, known, asked);
  const own = rootOf(paths);
  if (own.length > 0) return bySplits(byNames(own), undefined, asked);
  const [only, ...more] = folders;
  if (only === undefined || more.length > 0) unknownConfig(undefined, known, asked);
  const inOnly = paths.filter((path) => path.startsWith(`${only}/`));
  return bySplits(byNames(inOnly), only, asked);
}

const isHidden = (path: string): boolean => path.split('/').some((part) => /^[._]/.test(part));
/** Files that belong to no configuration of a folder. */
const rootOf = (paths: readonly string[]): string[] =>
  paths.filter((path) => !path.includes('/') || /^(data|train|validation|valid|val|dev|test)\//.test(path));
const foldersOf = (paths: readonly string[]): string[] => [
  ...new Set(paths.filter((path) => !rootOf([path]).length).map((path) => path.slice(0, path.indexOf('/')))),
];

function chooseConfig(card: readonly CardConfig[], config: string | undefined): CardConfig | undefined {
  if (config !== undefined) return card.find(({ name }) => name === config);
  if (card.length === 1) return card[0];
  return card.find(({ isDefault }) => isDefault) ?? card.find(({ name }) => name === 'default');
}

function unknownConfig(config: string | undefined, known: readonly string[], asked: string): never {
  const there = known.length === 0 ? 'it has none' : `it has ${known.slice(0, 50).join(', ')}`;
  const many = known.length > 50 ? ` and ${known.length - 50} more` : '';
  hubError(
    known.length === 0 ? 'hub-files-missing' : 'hub-config-unknown',
    asked,
    known.length === 0
      ? `it holds no file that can be read (${KINDS.map((kind) => `.${kind}`).join(', ')})`
      : config === undefined
        ? `it has several configurations, and none is the default: ${there}${many}`
        : `it has no configuration "${config}"; ${there}${many}`,
    known.length === 0
      ? 'Its branch refs/convert/parquet may hold it: write @refs/convert/parquet behind the name'
      : `Write one behind the name: …/${known[0]}`,
  );
}

type BySplit = Record<SplitName, readonly string[]> & { readonly leftOut: readonly string[] };

function byPatterns(paths: readonly string[], { files }: CardConfig, asked: string): BySplit {
  const of = (split: SplitName): string[] => {
    const name = CARD_NAMES[split].find((one) => files.has(one));
    const patterns = name === undefined ? [] : (files.get(name) as readonly string[]);
    return patterns.flatMap((pattern) => {
      const matches = globMatcher(pattern);
      if (matches) return paths.filter(matches);
      return hubError(
        'hub-files-unclear',
        asked,
        `its card names files by the pattern ${JSON.stringify(pattern.slice(0, 100))}, which is not understood here`,
        'Download it, and name the files with --dataset PATH',
      );
    });
  };
  const splits = { train: of('train'), validation: of('validation'), test: of('test') };
  return { ...splits, leftOut: [] };
}

function byNames(paths: readonly string[]): BySplit {
  const said = paths.map((path) => {
    const name = path.toLowerCase().slice(path.lastIndexOf('/') + 1);
    const folder = path.toLowerCase().slice(0, path.lastIndexOf('/') + 1);
    const inName = SPLITS.filter((split) => WORDS[split].test(name));
    return { path, splits: inName.length > 0 ? inName : SPLITS.filter((split) => WORDS[split].test(folder)) };
  });
  const of = (split: SplitName): string[] =>
    said.filter(({ splits }) => splits.length === 1 && splits[0] === split).map(({ path }) => path);
  const some = said.some(({ splits }) => splits.length > 0);
  return {
    // Where no name says anything of splits, all of it is to train on.
    train: some ? of('train') : [...paths],
    ...{ validation: of('validation'), test: of('test') },
    leftOut: some ? said.filter(({ splits }) => splits.length !== 1).map(({ path }) => path) : [],
  };
}

/** Of one kind of file, whole. */
function bySplits(found: BySplit, config: string | undefined, asked: string): ChosenFiles {
  const kind = KINDS.find((one) => found.train.some((path) => kindOf(path) === one));
  if (kind === undefined) {
    const named = config === undefined ? 'it has' : `its configuration "${config}" has`;
    return hubError(
      'hub-files-missing',
      asked,
      `${named} no file to train on that can be read (${KINDS.map((one) => `.${one}`).join(', ')})`,
      'Its branch refs/convert/parquet may hold it: write @refs/convert/parquet behind the name',
    );
  }
  const of = (split: SplitName): string[] => {
    const own = [...new Set(found[split])].filter((path) => kindOf(path) === kind).sort();
    assertWhole(own, split, asked);
    return own;
  };
  const files = { train: of('train'), validation: of('validation'), test: of('test') };
  const read = new Set([...files.train, ...files.validation, ...files.test]);
  const twice = read.size < files.train.length + files.validation.length + files.test.length;
  if (twice)
    hubError(
      'hub-files-unclear',
      asked,
      'a file of it is in two splits',
      'Download it, and name its files with --dataset PATH',
    );
  return { config, kind, files: { ...files, leftOut: found.leftOut.filter((path) => !read.has(path)) } };
}

/** `train-00000-of-00002.parquet`: all of them, of one set. */
function assertWhole(paths: readonly string[], split: SplitName, asked: string): void {
  const parts = paths.flatMap((path) => /^(.*)-(\d{5})-of-(\d{5})\.\w+$/.exec(path) ?? []);
  const totals = new Set(paths.flatMap((path) => /-\d{5}-of-(\d{5})\.\w+$/.exec(path)?.[1] ?? []));
  const [total] = totals;
  if (parts.length === 0 || total === undefined) return;
  if (totals.size === 1 && Number(total) === paths.length) return;
  hubError(
    'hub-files-unclear',
    asked,
    `${paths.slice(0, 5).join(', ')} are not all the parts of the ${split} split, or more than those`,
    'Choose another revision, or download it and name its files with --dataset PATH',
  );
}
