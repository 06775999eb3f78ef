/**
 * Which files of a folder are which split. Either the names of all text files say so, or none does; anything between
 * is refused, because whatever is guessed may train on the test text.
 */
import type { SplitFiles, SplitName } from '@ligature/core';
import { SPLIT_NAMES } from '../splits.js';
import { isText, withoutEnding } from './endings.js';
import { readName, readShard, withoutNumber, type Shard } from './split-words.js';

export type Recognition =
  /** No name says anything of splits. */
  | { readonly kind: 'none' }
  | { readonly kind: 'splits'; readonly files: SplitFiles }
  | { readonly kind: 'unclear'; readonly found: string };

/** What is beside the texts of a collection and about them. */
const ABOUT = /^(readme|licen[cs]e|copying|notice|changelog|citation|authors|credits|sources?)\b/i;

interface Said {
  readonly path: string;
  readonly split?: SplitName;
  readonly unclear: boolean;
  /** Where the word stands: other splits have theirs in the same place. */
  readonly template: string;
  /** What is one text: a file, a folder, or the numbered parts of a file. */
  readonly source: string;
  readonly shard?: Shard;
}

/** @param paths of all files of a folder, relative to it, with `/` between; in their order */
export function recogniseSplits(paths: readonly string[]): Recognition {
  const all = paths.map(readPath);
  const texts = all.filter(({ path, split, unclear }) => isText(path, split !== undefined || unclear));
  const named = texts.filter(({ split }) => split !== undefined);
  const unclear = texts.filter((one) => one.unclear);
  if (named.length + unclear.length === 0) return { kind: 'none' };
  if (unclear.length > 0) {
    return refused(`${list(unclear)}: the name says something of splits, and not which one`);
  }
  const templates = new Set(named.map(({ template }) => template));
  if (templates.size > 1) return refused(`${list(oneOfEach(named))} name splits in different ways`);
  const bySplit = (split: SplitName): readonly Said[] => named.filter((one) => one.split === split);
  for (const split of SPLIT_NAMES) {
    const found = oneText(split, bySplit(split));
    if (found !== undefined) return refused(found);
  }
  const missing = SPLIT_NAMES.filter((split) => bySplit(split).length === 0);
  if (missing.includes('train'))
    return refused(`no name says which text is for training; those that say a split: ${list(named)}`);
  const others = texts.filter(({ split, path }) => split === undefined && !ABOUT.test(nameOf(path)));
  if (missing.length > 0 && others.length > 0) {
    return refused(`the name of ${list(named)} says a split, that of ${list(others)} none`);
  }
  const unread = all.filter((one) => !texts.includes(one) && one.split && missing.includes(one.split));
  if (unread.length > 0) return refused(`${list(unread)} is named as a split, and is no text file`);
  const files = (split: SplitName): string[] => bySplit(split).map(({ path }) => path);
  const leftOut = texts.filter(({ split }) => split === undefined).map(({ path }) => path);
  return {
    kind: 'splits',
    files: { train: files('train'), validation: files('validation'), test: files('test'), leftOut },
  };
}

const refused = (found: string): Recognition => ({ kind: 'unclear', found });

function readPath(path: string): Said {
  const parts = path.split('/');
  const names = parts.map((part, at) => (at === parts.length - 1 ? withoutEnding(part) : part));
  const readings = names.map(readName);
  const splits = new Set(readings.flatMap(({ split }) => split ?? []));
  const unclear = splits.size > 1 || readings.some((one) => one.unclear);
  const [split] = splits;
  const at = readings.findIndex((one) => one.split !== undefined);
  const own = readings[at]?.template ?? '';
  const before = parts.slice(0, Math.max(0, at)).map((part) => `${part}/`);
  // What lies in a folder of a split is of that split, whatever it is called.
  const inFolder = at < parts.length - 1;
  const shard = inFolder ? undefined : readShard(own);
  return {
    path,
    ...(split !== undefined && !unclear && { split }),
    unclear,
    template: `${before.join('')}${shard?.template ?? own}`,
    source: inFolder ? parts.slice(0, at + 1).join('/') : shard ? partsOf(path) : path,
    ...(shard && { shard }),
  };
}

/** One name for all parts of a text: equal in all but the number. */
function partsOf(path: string): string {
  const stem = withoutEnding(path);
  return `${withoutNumber(stem)}#${path.slice(stem.length)}`;
}

/** Whether a name says anything of splits. */
export function saysSplit(path: string): boolean {
  const { split, unclear } = readPath(path);
  return split !== undefined || unclear;
}

/** What is wrong with the files of a split: they have to be one text, or all parts of one. */
function oneText(split: SplitName, files: readonly Said[]): string | undefined {
  const sources = new Map(files.map((one) => [one.source, one]));
  if (sources.size > 1) return `${list([...sources.values()])} are all named as the ${split} split`;
  const [first] = files;
  if (first?.shard?.of === undefined) return undefined;
  const numbers = new Set(files.map(({ shard }) => shard?.number));
  const same = files.every(({ shard }) => shard?.of === first.shard?.of);
  return same && numbers.size === first.shard.of
    ? undefined
    : `${list(files)} are not all the ${first.shard.of} parts of the ${split} split`;
}

/** An example of each way to name splits. */
const oneOfEach = (files: readonly Said[]): Said[] => [
  ...new Map(files.map((one) => [one.template, one])).values(),
];

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const MOST_NAMED = 5;

/** `a.txt, b.txt and 3 more` */
export function listed(paths: readonly string[], most = MOST_NAMED): string {
  const more = paths.length - most;
  return more > 0 ? `${paths.slice(0, most).join(', ')} and ${more} more` : paths.join(', ');
}

const list = (files: readonly Said[]): string => listed(files.map(({ path }) => path));
