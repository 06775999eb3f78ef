/** From questions to what a run needs: the head, windows as batches, facts, digests, floors. */
import type { BatchOptions, Prepared, PrepareContext, SplitName, Tokenizer } from '@ligature/core';
import { assertOneBatch } from '../batches/in-order.js';
import { shuffledBatches } from '../batches/shuffled.js';
import { sha256 } from '../text/digest.js';
import type { Framing } from '../text/framing.js';
import { windowBatches } from './evaluation.js';
import { questionFloors } from './floors.js';
import type { KnownQuestions } from './metrics.js';
import type { QuestionAnsweringOptions } from './options.js';
import {
  encodeQuestions,
  readQuestions,
  SPLITS,
  trainingText,
  type AskedQuestion,
  type AskedSplits,
  type QuestionSplits,
} from './questions.js';
import { fittedTo, savedTokenizerOf } from './saved.js';
import { fillWindows, holdsAnswer, layoutOf, longestOf, windowsOf, type Windows } from './windows.js';

/** @throws InputError (those of readQuestions and of the tokenizer) */
export async function prepareQuestions(
  context: PrepareContext,
  options: QuestionAnsweringOptions,
): Promise<{ readonly prepared: Prepared; readonly known: KnownQuestions }> {
  const data = await readQuestions(context);
  const own = context.saved === undefined ? [] : [savedTokenizerOf(context.saved)];
  const tokenizer = await context.tokenizer(trainingText(data.train), ...own);
  await context.stage(`Reading "${context.dataset?.name}" as tokens …`);
  const splits = encodeQuestions(data, tokenizer);
  const { framing, ...fitted } = fittedTo(tokenizer);
  const digests = await digestsOf(splits, framing);
  const longest = longestOf(splits);
  const windows = windowMaker(splits, longest, options);
  const fill = (of: Windows) => (rows: Int32Array) => fillWindows(of, framing, rows);
  const prepared: Prepared = {
    ...fitted,
    digests,
    facts: factsOf(data, splits, tokenizer, { longest, maxAnswer: options.maxAnswer }),
    shapeFacts: (shape) => shapeFactsOf((split) => windows(split, shape)),
    batches: (wanted, stream) => {
      const [{ batch }, all] = [wanted, windows('train', wanted)];
      const count = all.of.length;
      assertOneBatch(count, batch, 'windows');
      const [tokens, rows] = [[batch, all.layout.time], [batch]];
      const shape = {
        ...{ inputs: tokens, attention_mask: tokens, token_type_ids: tokens, allowed: tokens },
        ...{ starts: rows, ends: rows, questions: rows, windows: rows, shifts: rows },
      };
      return shuffledBatches(
        { count, batch, called: 'windows', weight: batch, shape, fill: fill(all) },
        stream,
      );
    },
    evaluation: (split, wanted) => {
      const all = windows(split, wanted);
      return windowBatches(all, { ...wanted, split }, fill(all));
    },
    floors: (shape) =>
      questionFloors(
        () => windows('train', shape),
        windows('train', shape).of.length,
        SPLITS.map((split) => digests[split]).join('/'),
      ),
  };
  const rules = SPLITS.some((split) => data[split].unanswerable) ? '2.0' : '1.1';
  const questions = SPLITS.flatMap((split) => splits[split]);
  return { prepared, known: { rules, nullThreshold: options.nullThreshold, questions } };
}

type WindowMaker = (split: SplitName, shape: Pick<BatchOptions, 'context'>) => Windows;

/** Windows of a split for sequences of some length, made once. */
function windowMaker(splits: AskedSplits, longest: number, options: QuestionAnsweringOptions): WindowMaker {
  const made = new Map<string, Windows>();
  return (split, { context }) => {
    const key = `${split}/${context}`;
    const windows =
      made.get(key) ?? windowsOf(splits[split], layoutOf(splits, longest, options, { context }));
    made.set(key, windows);
    return windows;
  };
}

/** `training…`, `validation…`, `test…` */
function perSplit(name: string, of: (split: SplitName) => number): Record<string, number> {
  return {
    [`training${name}`]: of('train'),
    [`validation${name}`]: of('validation'),
    [`test${name}`]: of('test'),
  };
}

const countOf = (questions: readonly AskedQuestion[], which: (one: AskedQuestion) => boolean): number =>
  questions.filter(which).length;

function factsOf(
  data: QuestionSplits,
  splits: AskedSplits,
  { vocabularySize }: Tokenizer,
  { longest, maxAnswer }: { readonly longest: number; readonly maxAnswer: number },
): Prepared['facts'] {
  return {
    vocabularySize,
    ...perSplit('Questions', (split) => splits[split].length),
    ...(SPLITS.some((split) => data[split].unanswerable) &&
      perSplit('QuestionsWithoutAnswer', (split) =>
        countOf(splits[split], ({ answers }) => answers.length === 0),
      )),
    ...perSplit('AnswersBetweenTokens', (split) =>
      countOf(splits[split], ({ answers, exact }) => answers.length > 0 && !exact),
    ),
    // As many as can never be given whole.
    ...perSplit('AnswersTooLong', (split) =>
      countOf(splits[split], ({ target }) => target !== undefined && target[1] - target[0] >= maxAnswer),
    ),
    longestSequence: longest,
    splits: data.test.origin,
  };
}

function shapeFactsOf(windows: (split: SplitName) => Windows): Prepared['facts'] {
  const { time, overlap } = windows('train').layout;
  return {
    ...{ sequenceLength: time, windowOverlap: overlap },
    ...perSplit('Windows', (split) => windows(split).of.length),
    ...perSplit('QuestionsCut', (split) => {
      const { questions, layout } = windows(split);
      return countOf(questions, (one) => layout.kept(one) < one.ids.length);
    }),
    ...perSplit('AnswersOutOfReach', (split) => outOfReach(windows(split))),
  };
}

/** Questions with an answer of which no window holds all. */
function outOfReach(windows: Windows): number {
  const reached = new Set<number>();
  windows.of.forEach((place, window) => {
    if (holdsAnswer(windows, window)) reached.add(place);
  });
  return windows.questions.filter(({ answers }, place) => answers.length > 0 && !reached.has(place)).length;
}

/** SHA-256 of the tokens of each split and of the texts by which it is judged. */
async function digestsOf(splits: AskedSplits, framing: Framing): Promise<Prepared['digests']> {
  const digest = (questions: readonly AskedQuestion[]): Promise<string> => {
    const contexts = new Map<AskedQuestion['context'], number>();
    for (const { context } of questions) if (!contexts.has(context)) contexts.set(context, contexts.size);
    const all = JSON.stringify([
      [framing.opening, framing.separator],
      [...contexts.keys()].map(({ text, ids, starts, ends }) => [
        text,
        [ids, starts, ends].map((one) => [...one]),
      ]),
      questions.map(({ ids, context, target, answers }) => [
        [...ids],
        contexts.get(context),
        target,
        answers,
      ]),
    ]);
    return sha256(new TextEncoder().encode(all));
  };
  return {
    train: await digest(splits.train),
    validation: await digest(splits.validation),
    test: await digest(splits.test),
  };
}
