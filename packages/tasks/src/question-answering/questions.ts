/** Questions of a dataset, checked and as tokens. */
import { contentsOf, InputError } from '@ligature/core';
import type { PrepareContext, QuestionExample, Questions, SplitName, Tokenizer } from '@ligature/core';
import { encodeChecked } from '../text/framing.js';
import {
  isSameText,
  locator,
  textOf,
  tokensOf,
  withoutEnd,
  type Located,
  type TokenSpan,
} from './offsets.js';

export const SPLITS: readonly SplitName[] = ['train', 'validation', 'test'];
export const TASK = 'question-answering';

export type QuestionSplits = Readonly<Record<SplitName, Questions>>;

/** @throws InputError (those of contentsOf and of the dataset; `too-few-examples`, `answer-missing`, `answer-misplaced`) */
export async function readQuestions({ dataset }: Pick<PrepareContext, 'dataset'>): Promise<QuestionSplits> {
  const read = contentsOf(dataset, 'questions', TASK);
  const name = dataset?.name ?? '';
  const splits = {
    train: await read('train'),
    validation: await read('validation'),
    test: await read('test'),
  };
  for (const split of SPLITS) {
    const refuse = (code: string, found: string, todo: string): never => {
      throw new InputError(code, { asked: `Read the ${split} split of the dataset "${name}"`, found, todo });
    };
    const { questions, unanswerable } = splits[split];
    if (questions.length === 0) {
      refuse('too-few-examples', 'there is no question in it', 'Use more data, or hold out a larger share');
    }
    for (const { id, context, answers } of questions) {
      if (answers.length === 0 && !unanswerable) {
        refuse('answer-missing', `question "${id}" has no answer`, 'Leave it out, or say `unanswerable`');
      }
      const lost = answers.find(({ text, start }) => !context.startsWith(text, start) || text.trim() === '');
      if (lost) {
        const found = `the answer ${JSON.stringify(lost.text.slice(0, 60))} to question "${id}" does not stand at ${lost.start}`;
        refuse('answer-misplaced', found, 'Give places in UTF-16 units of the context');
      }
    }
  }
  return splits;
}

/** What a tokenizer learns from: every context once, and every question. */
export function trainingText({ questions }: Questions): string {
  const contexts = new Set(questions.map(({ context }) => context));
  return [...contexts, ...questions.map(({ question }) => question)].join('\n');
}

export interface AskedQuestion {
  /** In front of which windows say whose they are: over all splits, from 1. */
  readonly number: number;
  readonly id: string;
  readonly ids: Int32Array;
  readonly context: Located;
  /** Tokens of the first answer, which is the one to learn; nothing where there is none. */
  readonly target: TokenSpan | undefined;
  /** Whether these tokens are that answer, and not more. */
  readonly exact: boolean;
  /** Texts of all right answers. */
  readonly answers: readonly string[];
}

export type AskedSplits = Readonly<Record<SplitName, readonly AskedQuestion[]>>;

/** Every context is encoded once, however many questions are about it. */
export function encodeQuestions(splits: QuestionSplits, tokenizer: Tokenizer): AskedSplits {
  const locate = locator(tokenizer);
  const contexts = new Map<string, Located>();
  let number = 0;
  const encode = ({ id, question, context: text, answers }: QuestionExample): AskedQuestion => {
    const context = contexts.get(text) ?? locate(text);
    contexts.set(text, context);
    const [first] = answers;
    const target = first && tokensOf(context, first.start, first.start + first.text.length);
    number += 1;
    return {
      ...{ number, id, context, target },
      ids: withoutEnd(encodeChecked(question, tokenizer), tokenizer),
      exact: first !== undefined && target !== undefined && isSameText(textOf(context, target), first.text),
      answers: answers.map((answer) => answer.text),
    };
  };
  return {
    train: splits.train.questions.map(encode),
    validation: splits.validation.questions.map(encode),
    test: splits.test.questions.map(encode),
  };
}
