/** Which files of a folder are the splits of a GLUE task: those of the authors, or those of the Hub. */
import { stat } from 'node:fs/promises';
import type { FolderFile } from '../sources/files.js';
import { listOwnFiles } from '../sources/files.js';
import { listed } from '../sources/split-files.js';
import { tableError } from '../rows/errors.js';
import { formatOf } from '../rows/open.js';

export interface GlueFiles {
  readonly train: readonly string[];
  /** The publisher's development split; that of the corpus itself where MRPC comes in its own two files. */
  readonly held: readonly string[];
  readonly leftOut: readonly string[];
}

const ENDING = /^(?:-(\d{5})-of-(\d{5}))?\.(tsv|jsonl|csv|parquet)$/u;
/** Of MRPC, as Microsoft gives it. */
const CORPUS = { train: 'msr_paraphrase_train.txt', held: 'msr_paraphrase_test.txt' } as const;

const FOLDER = 'Give a folder with the files of one task of GLUE with --set dataset.path=…';

/** A split under each of its names, in the order in which they are looked for. */
const heldNames = (mismatched: boolean): readonly string[] =>
  mismatched
    ? ['dev_mismatched', 'validation_mismatched']
    : ['dev', 'dev_matched', 'validation', 'validation_matched'];

/**
 * @param folder its path
 * @param where what messages call it
 * @throws InputError (`dataset-missing`; `glue-split-missing`; `glue-files-unclear` for several files of one split)
 */
export async function findGlueFiles(folder: string, where: string, mismatched: boolean): Promise<GlueFiles> {
  await assertFolder(folder, where);
  const files = (await listOwnFiles(folder)).filter(isTop).map(({ path }) => path);
  const own = { train: named(files, ['train'], where), held: named(files, heldNames(mismatched), where) };
  // Its development split was cut from the file for training, so the two kinds of files are never mixed.
  const ofCorpus = own.train.length === 0 && files.includes(CORPUS.train) && files.includes(CORPUS.held);
  const { train, held } = ofCorpus ? { train: [CORPUS.train], held: [CORPUS.held] } : own;
  if (train.length === 0)
    missing(where, 'to train on (train.tsv, train.jsonl, train-00000-of-00001.parquet)', files);
  if (held.length === 0) {
    const names = mismatched ? 'dev_mismatched.tsv' : 'dev.tsv, validation-00000-of-00001.parquet';
    missing(where, `with the development split (${names})`, files);
  }
  return {
    train,
    held,
    leftOut: files.filter((file) => isData(file) && ![...train, ...held].includes(file)),
  };
}

async function assertFolder(folder: string, where: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory()) return;
  const said = found ? 'it is no folder' : 'there is no such folder';
  tableError('dataset-missing', where, said, FOLDER);
}

/** What is beside the data is about it. */
const isData = (file: string): boolean =>
  formatOf(file) !== undefined || Object.values<string>(CORPUS).includes(file);

const isTop = ({ path, link }: FolderFile): boolean => !link && !path.includes('/');

/** The file of the first name that there is, or all its numbered parts. */
function named(files: readonly string[], names: readonly string[], where: string): string[] {
  for (const name of names) {
    const found = files.flatMap((file) => {
      const [, part, of, ending] = (file.startsWith(name) && ENDING.exec(file.slice(name.length))) || [];
      return ending === undefined ? [] : [{ file, part, of, ending }];
    });
    const [first] = found;
    if (!first) continue;
    const kinds = new Set(found.map(({ of, ending }) => `${of}.${ending}`));
    const whole = first.of === undefined ? found.length === 1 : Number(first.of) === found.length;
    if (kinds.size === 1 && whole) return found.map(({ file }) => file);
    const said = `${listed(found.map(({ file }) => file))} ${kinds.size > 1 ? 'are all the same split' : 'are not all parts of it'}`;
    return tableError('glue-files-unclear', where, said, 'Keep the files of one kind, and all of its parts');
  }
  return [];
}

function missing(where: string, what: string, files: readonly string[]): never {
  const there = files.length > 0 ? `it holds ${listed(files)}` : 'it holds no file';
  tableError('glue-split-missing', where, `there is no file ${what}; ${there}`, FOLDER);
}
