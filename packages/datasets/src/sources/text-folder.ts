/** Which files of a folder a dataset reads: those that a user named, or what their names say. */
import { namePattern, type SplitFiles, type SplitName } from '@ligature/core';
import { isText, TEXT_ENDINGS } from './endings.js';
import { datasetError } from './errors.js';
import { listOwnFiles } from './files.js';
import { listed, recogniseSplits, saysSplit } from './split-files.js';

/** Patterns of paths for splits that a user named; a split without any is cut from the text for training. */
export type NamedFiles = Readonly<Partial<Record<SplitName, readonly string[]>>>;

export interface FolderChoice {
  /** What messages call the folder. */
  readonly where: string;
  readonly named: NamedFiles;
  /** `cut`: whatever the names say, all texts are one text. */
  readonly splits: 'auto' | 'cut';
}

/**
 * @param folder its path
 * @throws InputError (`dataset-empty`; `dataset-splits-unclear` where names nearly say splits; `dataset-files-unmatched`;
 *   those of listOwnFiles)
 */
export async function filesOfFolder(
  folder: string,
  { where, named, splits }: FolderChoice,
): Promise<SplitFiles> {
  const files = await listOwnFiles(folder);
  if (named.train !== undefined)
    return filesByPattern(
      where,
      named,
      files.filter(({ link }) => !link).map(({ path }) => path),
    );
  const found =
    splits === 'cut'
      ? ({ kind: 'none' } as const)
      : recogniseSplits(files.filter(({ path, link }) => !link || saysSplit(path)).map(({ path }) => path));
  if (found.kind === 'splits') return found.files;
  if (found.kind === 'unclear') return unclearSplits(where, found.found);
  // Where a link leads, the text is met again.
  const texts = files.filter(({ path, link }) => !link && isText(path)).map(({ path }) => path);
  if (texts.length > 0) return { train: texts, validation: [], test: [], leftOut: [] };
  const beside = files.length > 0 ? `; it holds ${listed(files.map(({ path }) => path))}` : '';
  return datasetError(
    'dataset-empty',
    where,
    `the folder holds no text file (${TEXT_ENDINGS})${beside}`,
    'Put text files into it',
  );
}

export function unclearSplits(where: string, found: string): never {
  const todo =
    'Rename them so that all of them say their split, such as train.txt, valid.txt and test.txt; or say which files are ' +
    'which: --set dataset.train=train*.txt --set dataset.test=held-out.txt; or let all of it be one text that is cut: ' +
    '--set dataset.splits=cut';
  return datasetError('dataset-splits-unclear', where, found, todo);
}

function filesByPattern(where: string, named: NamedFiles, paths: readonly string[]): SplitFiles {
  const splitOf = new Map<string, SplitName>();
  const files = (split: SplitName): string[] =>
    (named[split] ?? []).flatMap((pattern) => {
      const found = paths.filter(namePattern(pattern));
      if (found.length === 0) {
        datasetError(
          'dataset-files-unmatched',
          where,
          `no file in it is called "${pattern}"${paths.length > 0 ? `; it holds ${listed(paths)}` : ''}`,
          'Give paths inside the folder; * stands for any part of one',
        );
      }
      return found.filter((path) => {
        const before = splitOf.get(path);
        if (before !== undefined && before !== split) {
          const twice = `"${path}" is named for the ${before} split and for the ${split} split`;
          datasetError('dataset-files-unmatched', where, twice, 'Name every file for one split alone');
        }
        splitOf.set(path, split);
        return before === undefined;
      });
    });
  const chosen = { train: files('train'), validation: files('validation'), test: files('test') };
  return { ...chosen, leftOut: paths.filter((path) => isText(path, true) && !splitOf.has(path)) };
}
