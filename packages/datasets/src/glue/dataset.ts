/**
 * GLUE (Wang et al. 2019, arXiv 1804.07461), one task of it: a folder with the files of the authors (`train.tsv`, `dev.tsv`) or
 * of the Hub. The labels of its test split are hidden, so the development split is what is tested on here, and validation
 * examples are cut from those for training.
 */
import { basename, join, resolve } from 'node:path';
import type { Dataset, DatasetContext, LabelledText, LabelledTexts, SplitName } from '@ligature/core';
import { z } from 'zod';
import { cutEvenly } from '../rows/cut.js';
import { tableError } from '../rows/errors.js';
import { sharesSchema } from '../splits.js';
import { examplesOf, inferTask, openGlueFile } from './examples.js';
import { findGlueFiles, type GlueFiles } from './files.js';
import { GLUE, GLUE_TASKS } from './tasks.js';

export const glueOptionsSchema = z.strictObject({
  path: z
    .string()
    .min(1)
    .optional()
    .describe('The folder with the files of one task; the name given as dataset if left out'),
  task: z
    .enum(GLUE_TASKS)
    .optional()
    .describe('Which task it is; left out: what the columns and labels of its files say'),
  mismatched: z
    .boolean()
    .default(false)
    .describe('Of MNLI: test on texts of other kinds than those to train on'),
  validation: sharesSchema.shape.validation.describe(
    'Share of the examples to train on that is held out for validation, evenly over all of them',
  ),
});

export type GlueOptions = z.output<typeof glueOptionsSchema>;
export type GlueDataset = Dataset & Required<Pick<Dataset, 'labelledTexts' | 'files'>>;

/** Nothing is read before the first split is asked for. */
export function createGlue(
  given: z.input<typeof glueOptionsSchema>,
  { source, folder }: Pick<DatasetContext, 'source' | 'folder'>,
): GlueDataset {
  const options = glueOptionsSchema.parse(given);
  const where = options.path ?? source;
  const path = resolve(folder, where);
  let files: Promise<GlueFiles> | undefined;
  const found = (): Promise<GlueFiles> => (files ??= findGlueFiles(path, where, options.mismatched));
  let splits: Promise<Record<SplitName, LabelledTexts>> | undefined;
  return {
    name: 'glue',
    description: `GLUE${options.task ? `, ${GLUE[options.task].title}` : ''}: ${where}`,
    async files() {
      const { train, held, leftOut } = await found();
      return { train, validation: [], test: held, leftOut };
    },
    async labelledTexts(split) {
      splits ??= found().then((chosen) => readSplits(path, where, chosen, options));
      return (await splits)[split];
    },
  };
}

async function readSplits(
  path: string,
  where: string,
  { train, held }: GlueFiles,
  options: GlueOptions,
): Promise<Record<SplitName, LabelledTexts>> {
  const task =
    options.task ?? (await inferTask(await openGlueFile(join(path, train[0]!), named(where, train[0]!))));
  if (options.mismatched && task !== 'mnli') {
    tableError(
      'glue-task-unclear',
      where,
      `${task} has no mismatched split`,
      'Leave `dataset.mismatched` out',
    );
  }
  const read = async (names: readonly string[]): Promise<LabelledText[]> => {
    const examples: LabelledText[] = [];
    for (const name of names) {
      const table = await openGlueFile(join(path, name), named(where, name));
      for (const example of await examplesOf(table, task)) examples.push(example);
    }
    return examples;
  };
  const all = await read(train);
  const { classes, metrics } = GLUE[task];
  const cut = cutEvenly(all.length, { validation: options.validation, test: 0 });
  if (cut.train.length === 0) {
    tableError('dataset-too-short', where, 'no example is left to train on', 'Give more examples');
  }
  const split = (examples: readonly LabelledText[], origin: LabelledTexts['origin']): LabelledTexts => ({
    ...{ examples, origin, metrics, ...(classes && { classes }) },
  });
  const rows = (places: readonly number[]): LabelledText[] =>
    places.map((place) => all[place] as LabelledText);
  return {
    train: split(rows(cut.train), 'official'),
    validation: split(rows(cut.validation), 'derived'),
    test: split(await read(held), 'official'),
  };
}

const named = (where: string, name: string): string => join(where === '' ? '.' : where, basename(name));
