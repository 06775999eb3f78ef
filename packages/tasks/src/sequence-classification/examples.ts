/** Labelled texts of a dataset, checked against what the task was asked to learn. */
import { contentsOf, InputError } from '@ligature/core';
import type { LabelledText, LabelledTexts, PrepareContext, SplitName, SplitOrigin } from '@ligature/core';
import { metricNames, type SequenceClassificationOptions } from './options.js';

export const SPLITS: readonly SplitName[] = ['train', 'validation', 'test'];
const TASK = 'sequence-classification';

/** One split: texts, and what is to be said of each as a number. */
export interface LabelledSplit {
  readonly texts: readonly LabelledText['texts'][];
  /** [examples]: ids of classes, or the numbers themselves. */
  readonly labels: Int32Array | Float32Array;
  readonly origin: SplitOrigin;
}

export interface LabelledData {
  readonly splits: Readonly<Record<SplitName, LabelledSplit>>;
  /** Names in the order of their ids; `undefined` of a regression. */
  readonly classes: readonly string[] | undefined;
}

/**
 * @throws InputError (those of contentsOf and of the dataset; `labels-of-other-kind`, `label-out-of-range`,
 *   `classes-differ`, `metric-differs`, `too-few-examples`)
 */
export async function readLabelled(
  { dataset }: Pick<PrepareContext, 'dataset'>,
  options: SequenceClassificationOptions,
): Promise<LabelledData> {
  const read = contentsOf(dataset, 'labelled texts', TASK);
  const name = dataset?.name ?? '';
  const train = await read('train');
  assertKind(name, train, options);
  assertMetric(name, train, options);
  const [validation, test] = [await read('validation'), await read('test')];
  const { classes } = train;
  const split = (which: SplitName, given: LabelledTexts): LabelledSplit => {
    if (which !== 'train') assertSameClasses(name, which, given.classes, classes);
    const { examples, origin } = given;
    if (examples.length === 0) noExamples(name, which);
    return { texts: examples.map(({ texts }) => texts), labels: labelsOf(name, which, given), origin };
  };
  return {
    splits: {
      ...{ train: split('train', train), validation: split('validation', validation) },
      test: split('test', test),
    },
    classes,
  };
}

/** Classes where classes are asked for, numbers where numbers are. */
function assertKind(
  name: string,
  { classes }: LabelledTexts,
  { regression }: SequenceClassificationOptions,
): void {
  if ((classes === undefined) === regression) return;
  throw new InputError('labels-of-other-kind', {
    asked: `Learn ${regression ? 'to predict numbers' : 'classes'} from the dataset "${name}"`,
    found: regression ? `its labels are classes: ${listed(classes ?? [])}` : 'its labels are numbers',
    todo: regression
      ? 'Leave `--set task.regression=true` out, or choose a dataset whose labels are numbers'
      : 'Say `--set task.regression=true`, or choose a dataset with classes',
  });
}

/** Nobody is to compare runs by another number than the publisher does without having said so. */
function assertMetric(
  name: string,
  { metrics: [judge] = [] }: LabelledTexts,
  options: SequenceClassificationOptions,
): void {
  const known = metricNames(options);
  if (options.metric !== null || judge === undefined || judge === known[0]) return;
  const has = known.includes(judge);
  const own = has
    ? `--set task.metric=${judge}`
    : `one of ${known.map((one) => `--set task.metric=${one}`).join(', ')}`;
  throw new InputError('metric-differs', {
    asked: `Judge the dataset "${name}" by ${known[0]}`,
    found: `its publisher judges it by ${judge}${has ? '' : ', which this task does not have'}`,
    todo: `Set task.metric to say which one you want: ${own}${has ? `, or --set task.metric=${known[0]}` : ''}`,
  });
}

function assertSameClasses(
  name: string,
  split: SplitName,
  found: LabelledTexts['classes'],
  wanted: LabelledTexts['classes'],
): void {
  if (JSON.stringify(found) === JSON.stringify(wanted)) return;
  throw new InputError('classes-differ', {
    asked: `Read the ${split} split of the dataset "${name}"`,
    found: `its classes are ${listed(found ?? ['numbers'])}; those to train on are ${listed(wanted ?? ['numbers'])}`,
    todo: 'Give all splits the same classes in the same order',
  });
}

function noExamples(name: string, split: SplitName): never {
  throw new InputError('too-few-examples', {
    asked: `Read the ${split} split of the dataset "${name}"`,
    found: 'there is no example in it',
    todo: 'Use more data, or hold out a larger share',
  });
}

/** @throws InputError (`label-out-of-range`) */
function labelsOf(
  name: string,
  split: SplitName,
  { examples, classes }: LabelledTexts,
): LabelledSplit['labels'] {
  if (!classes) {
    return Float32Array.from(examples, ({ label }, at) => {
      // One that float32 cannot hold is infinite there.
      if (typeof label === 'number' && Number.isFinite(Math.fround(label))) return label;
      return outOfRange(name, split, at, label, 'labels are finite numbers');
    });
  }
  const ids = new Map<string | number, number>(classes.map((one, id) => [one, id]));
  return Int32Array.from(
    examples,
    ({ label }, at) =>
      ids.get(label) ?? outOfRange(name, split, at, label, `the classes are ${listed(classes)}`),
  );
}

function outOfRange(name: string, split: SplitName, at: number, label: unknown, wanted: string): never {
  throw new InputError('label-out-of-range', {
    asked: `Read example ${at + 1} of the ${split} split of the dataset "${name}"`,
    found: `its label is ${JSON.stringify(label) ?? String(label)}; ${wanted}`,
    todo: 'Correct the label, or name all classes',
  });
}

const MOST_NAMED = 12;

function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return more > 0 ? `${names.slice(0, MOST_NAMED).join(', ')} and ${more} more` : names.join(', ');
}
