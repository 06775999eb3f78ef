/** Which tables of a folder are which split: by the words in their names. */
import type { SplitFiles, SplitName } from '@ligature/core';
import { tableError } from '../rows/errors.js';
import { formatOf, TABLE_ENDINGS, withoutTableEnding } from '../rows/open.js';
import { listOwnFiles } from '../sources/files.js';
import { listed } from '../sources/split-files.js';
import { readName, readShard } from '../sources/split-words.js';
import { SPLIT_NAMES } from '../splits.js';

interface Said {
  readonly path: string;
  readonly split: SplitName | undefined;
  readonly unclear: boolean;
  /** Parts that there should be. */
  readonly of: number | undefined;
  /** The rest of the name: other parts of the split are called alike. */
  readonly template: string;
}

/**
 * One table, or one or all parts of one for each split. Subfolders are not looked into.
 *
 * @throws InputError (`dataset-missing`; `table-files-unclear`)
 */
export async function findTables(folder: string, where: string): Promise<SplitFiles> {
  const files = (await listOwnFiles(folder))
    .filter(({ path, link }) => !link && !path.includes('/') && formatOf(path) !== undefined)
    .map(({ path }) => said(path));
  const [first] = files;
  if (!first) {
    tableError(
      'table-files-unclear',
      where,
      `it holds no table (${TABLE_ENDINGS})`,
      'Put one into it, or name a file',
    );
  }
  const train = files.length === 1 && !first.unclear ? [first.path] : partsOf(files, 'train', where);
  const [validation, test] = [partsOf(files, 'validation', where), partsOf(files, 'test', where)];
  const read = new Set([...train, ...validation, ...test]);
  const leftOut = files.filter(({ path }) => !read.has(path));
  if (
    train.length === 0 ||
    leftOut.length > 0 ||
    read.size < train.length + validation.length + test.length
  ) {
    unclear(where, `not every name of ${listed(files.map(({ path }) => path))} says its split`);
  }
  return { train, validation, test, leftOut: [] };
}

function said(path: string): Said {
  const { split, unclear, template } = readName(withoutTableEnding(path));
  const shard = readShard(template);
  return {
    path,
    split,
    unclear,
    of: shard?.of,
    template: `${shard?.template ?? template}.${formatOf(path)}`,
  };
}

function partsOf(files: readonly Said[], split: SplitName, where: string): string[] {
  const found = files.filter((one) => one.split === split && !one.unclear);
  const names = (): string => listed(found.map(({ path }) => path));
  if (new Set(found.map(({ template, of }) => `${template} ${of}`)).size > 1) {
    unclear(where, `${names()} are all named as the ${split} split`);
  }
  const of = found[0]?.of ?? found.length;
  if (of !== found.length) unclear(where, `${names()} are not all the ${of} parts of the ${split} split`);
  return found.map(({ path }) => path);
}

function unclear(where: string, found: string): never {
  const todo = `Call them ${SPLIT_NAMES.map((name) => `${name}.csv`).join(', ')} or alike, or name one file with --set dataset.path=…`;
  return tableError('table-files-unclear', where, found, todo);
}
