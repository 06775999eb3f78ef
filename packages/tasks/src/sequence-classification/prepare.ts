/** From checked texts to what a run needs: the head, batches of one length, facts, digests, floors. */
import { ContractError, InputError } from '@ligature/core';
import type {
  BatchOptions,
  Fitted,
  Json,
  Prepared,
  PrepareContext,
  SplitName,
  Tokenizer,
} from '@ligature/core';
import { z } from 'zod';
import { assertOneBatch, batchesInOrder } from '../batches/in-order.js';
import { shuffledBatches } from '../batches/shuffled.js';
import { sha256 } from '../text/digest.js';
import { framingOf, type Framing } from '../text/framing.js';
import { readLabelled, SPLITS, type LabelledData } from './examples.js';
import { labelFloors } from './floors.js';
import type { SequenceClassificationOptions } from './options.js';
import { encodeSplit, fillRows, lengthOf, type Sequences } from './sequences.js';

type Splits = Readonly<Record<SplitName, Sequences>>;

/** What a run saves of the task. `classes` is `null` of a regression. */
const savedSchema = z.strictObject({
  tokenizer: z.custom<Json>((value) => value !== undefined),
  classes: z.array(z.string()).min(1).nullable(),
  opening: z.int().min(0),
  separator: z.int().min(0),
});

export type SavedTask = z.output<typeof savedSchema>;

/** @throws ContractError (`task-state-invalid`) */
export function parseSaved(saved: Json, { regression }: SequenceClassificationOptions): SavedTask {
  const parsed = savedSchema.safeParse(saved);
  const found = !parsed.success
    ? 'what was saved with it has no tokenizer, classes and framing tokens'
    : (parsed.data.classes === null) !== regression
      ? `it was saved with ${regression ? 'classes' : 'numbers'} as labels`
      : undefined;
  if (parsed.success && found === undefined) return parsed.data;
  throw new ContractError('task-state-invalid', {
    asked: `Open a run of the task "sequence-classification"${regression ? ' as a regression' : ''}`,
    found: found as string,
    todo: 'Give a run that was saved whole, with the options that it was trained with',
  });
}

/** @param classes names; `null` of a regression */
export function fitted(
  tokenizer: Tokenizer,
  classes: readonly string[] | null,
): Fitted & { framing: Framing } {
  const framing = framingOf(tokenizer);
  const { opening, separator, vocabularySize } = framing;
  return {
    head: { kind: 'sequence-classification', outputs: classes?.length ?? 1 },
    inputs: { vocabularySize },
    saved: { tokenizer: tokenizer.toJSON(), classes: classes && [...classes], opening, separator },
    tokenizer,
    framing,
  };
}

/** @throws InputError (those of readLabelled and of the tokenizer) */
export async function prepareSequences(
  context: PrepareContext,
  options: SequenceClassificationOptions,
): Promise<Prepared> {
  const data = await readLabelled(context, options);
  const own = context.saved === undefined ? [] : [parseSaved(context.saved, options).tokenizer];
  const text = data.splits.train.texts.flat().join('\n');
  const tokenizer = await context.tokenizer(text, ...own);
  await context.stage(`Reading "${context.dataset?.name}" as tokens …`);
  const splits = Object.fromEntries(
    SPLITS.map((split) => [split, encodeSplit(data.splits[split], tokenizer)]),
  ) as unknown as Splits;
  const { framing, ...known } = fitted(tokenizer, data.classes ?? null);
  const digests = await digestsOf(splits, framing);
  const longest = SPLITS.reduce(
    (most, split) => splits[split].examples.reduce((one, example) => Math.max(one, lengthOf(example)), most),
    0,
  );
  const time = (shape: Pick<BatchOptions, 'context'>): number =>
    timeOf(splits, longest, Math.min(options.context ?? Infinity, shape.context ?? Infinity));
  return {
    ...known,
    digests,
    facts: factsOf(data, tokenizer, longest),
    shapeFacts: (shape) => cutFacts(splits, time(shape)),
    batches: (wanted, stream) => {
      const [{ batch }, rows] = [wanted, splits.train];
      assertOneBatch(rows.examples.length, batch, 'examples');
      const length = time(wanted);
      const tokens = [batch, length];
      return shuffledBatches(
        {
          ...{ count: rows.examples.length, batch, called: 'examples', weight: batch },
          shape: { inputs: tokens, attention_mask: tokens, token_type_ids: tokens, labels: [batch] },
          fill: (chosen) => fillRows(rows, framing, length, chosen),
        },
        stream,
      );
    },
    evaluation: (split, wanted) => {
      const [{ batch, maxBatches, places }, rows] = [wanted, splits[split]];
      const length = time(wanted);
      const batches = batchesInOrder({
        ...{ split, count: rows.examples.length, batch, maxBatches, places },
        fill: (chosen) => fillRows(rows, framing, length, chosen),
      });
      return { scope: { split, weight: batches.reduce((sum, { weight }) => sum + weight, 0) }, batches };
    },
    floors: () => labelFloors(splits.train.labels, data.classes?.length, digests.train),
  };
}

/** Tokens of every sequence of a batch. @throws InputError (`context-too-short`) where nothing would be left of a text */
function timeOf(splits: Splits, longest: number, most: number): number {
  const pairs = SPLITS.some((split) => splits[split].examples.some(([, second]) => second !== undefined));
  const least = Math.min(longest, pairs ? 5 : 3);
  if (most >= least) return Math.min(longest, most);
  throw new InputError('context-too-short', {
    asked: `Make sequences of ${most} tokens`,
    found: pairs ? 'three tokens stand around and between two texts' : 'two tokens stand around a text',
    todo: `Use a context of ${least} or more`,
  });
}

function factsOf(
  { splits, classes }: LabelledData,
  tokenizer: Tokenizer,
  longest: number,
): Prepared['facts'] {
  const { train, validation, test } = splits;
  const perClass = (split: SplitName): string => {
    const counts = (classes ?? []).map(() => 0);
    for (const label of splits[split].labels) counts[label] = (counts[label] ?? 0) + 1;
    return (classes ?? []).map((name, id) => `${name} ${counts[id]}`).join(', ');
  };
  return {
    vocabularySize: tokenizer.vocabularySize,
    trainingExamples: train.texts.length,
    validationExamples: validation.texts.length,
    testExamples: test.texts.length,
    ...(classes && {
      classes: classes.length,
      ...{ trainingClasses: perClass('train'), validationClasses: perClass('validation') },
      testClasses: perClass('test'),
    }),
    longestSequence: longest,
    splits: test.origin,
  };
}

function cutFacts(splits: Splits, time: number): Prepared['facts'] {
  const cut = (split: SplitName): number =>
    splits[split].examples.filter((example) => lengthOf(example) > time).length;
  return {
    sequenceLength: time,
    ...{
      trainingExamplesCut: cut('train'),
      validationExamplesCut: cut('validation'),
      testExamplesCut: cut('test'),
    },
  };
}

/** SHA-256 of the ids and labels of each split, and of the tokens around them. */
async function digestsOf(splits: Splits, { opening, separator }: Framing): Promise<Prepared['digests']> {
  const digest = ({ examples, labels }: Sequences): Promise<string> => {
    const ids = examples.reduce((sum, example) => sum + lengthOf(example) + 1, 0);
    const words = new Int32Array(3 + ids + labels.length);
    words.set([examples.length, opening, separator]);
    let at = 3;
    for (const [first, second] of examples) {
      // -1: there is no second text, which is not the same as an empty one.
      words.set([first.length, second?.length ?? -1], at);
      words.set(first, at + 2);
      if (second) words.set(second, at + 2 + first.length);
      at += 2 + first.length + (second?.length ?? 0);
    }
    words.set(new Int32Array(labels.buffer, labels.byteOffset, labels.length), at);
    const bytes = 4 * (at + labels.length);
    return sha256(new Uint8Array(words.buffer, 0, bytes));
  };
  return {
    train: await digest(splits.train),
    validation: await digest(splits.validation),
    test: await digest(splits.test),
  };
}
