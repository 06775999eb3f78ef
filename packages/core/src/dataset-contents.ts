/** What is in a dataset, asked for by a task. */
import type { Dataset, DatasetContents, SplitName } from './contracts/index.js';
import { InputError } from './errors.js';

const READS: {
  readonly [K in keyof DatasetContents]: (
    dataset: Dataset,
  ) => ((name: SplitName) => Promise<DatasetContents[K]>) | undefined;
} = {
  text: (dataset) => dataset.split?.bind(dataset),
  passages: (dataset) => dataset.passages?.bind(dataset),
  'labelled texts': (dataset) => dataset.labelledTexts?.bind(dataset),
  questions: (dataset) => dataset.questions?.bind(dataset),
  images: (dataset) => dataset.images?.bind(dataset),
};

/** What a dataset holds, in words. */
export const heldBy = (dataset: Dataset): (keyof DatasetContents)[] =>
  (Object.keys(READS) as (keyof DatasetContents)[]).filter((kind) => READS[kind](dataset) !== undefined);

/**
 * Splits of one kind of content of a dataset.
 *
 * @param dataset that of the configuration
 * @param task name of who asks, for messages
 * @throws InputError (`dataset-missing` where there is none; `dataset-holds-none` naming what it holds instead)
 */
export function contentsOf<K extends keyof DatasetContents>(
  dataset: Dataset | undefined,
  kind: K,
  task: string,
): (name: SplitName) => Promise<DatasetContents[K]> {
  if (!dataset) {
    throw new InputError('dataset-missing', {
      asked: `Learn the task "${task}"`,
      found: 'there is no dataset',
      todo: 'Name one with --dataset',
    });
  }
  const read = READS[kind](dataset);
  if (read) return read;
  const held = heldBy(dataset);
  throw new InputError('dataset-holds-none', {
    asked: `Learn the task "${task}" from the dataset "${dataset.name}"`,
    found: `the task reads ${kind}, and the dataset holds ${held.join(' and ') || 'nothing that is known'}`,
    todo: `Choose a dataset of ${kind} with --dataset, or another task with --task`,
  });
}
