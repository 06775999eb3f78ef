/**
 * A question and its context as sequences, `[opening] question [separator] context [separator]`, one for each piece of a context that
 * is too long for one (Devlin et al. 2019, arXiv 1810.04805, section 4.2; windows with a stride as in its run_squad.py, where that is
 * how far windows are apart, and in Hugging Face's tokenizers, where it is what they have in common, as here).
 */
import { InputError } from '@ligature/core';
import type { Batch, BatchOptions, Field } from '@ligature/core';
import type { Framing } from '../text/framing.js';
import type { QuestionAnsweringOptions } from './options.js';
import { SPLITS, type AskedQuestion, type AskedSplits } from './questions.js';

/** What stands around the two texts. */
const AROUND = 3;

export interface Layout {
  /** Tokens of every sequence. */
  readonly time: number;
  /** That two windows have in common. */
  readonly overlap: number;
  /** That are kept of a question. */
  kept(question: AskedQuestion): number;
}

const lengthOf = ({ ids, context }: AskedQuestion): number => ids.length + context.ids.length + AROUND;

/** Tokens of the longest sequence of all. */
export const longestOf = (splits: AskedSplits): number =>
  SPLITS.reduce(
    (most, split) => splits[split].reduce((longest, one) => Math.max(longest, lengthOf(one)), most),
    0,
  );

/**
 * Sequences as long as the longest one, at most as the model reads. What is not said is as usual for 384 tokens, and a third of
 * shorter sequences, so that every length has room for a context.
 *
 * @throws InputError (`context-too-short` where a question leaves no room; `stride-too-large` where windows would not move)
 */
export function layoutOf(
  splits: AskedSplits,
  longest: number,
  options: QuestionAnsweringOptions,
  shape: Pick<BatchOptions, 'context'>,
): Layout {
  const time = Math.min(longest, options.context ?? Infinity, shape.context ?? Infinity);
  const third = Math.floor(time / 3);
  const overlap = options.stride ?? Math.min(128, third);
  const kept = ({ ids, context }: AskedQuestion): number =>
    Math.min(
      ids.length,
      options.maxQuestion ?? Math.min(64, Math.max(third, time - AROUND - context.ids.length)),
    );
  for (const split of SPLITS) {
    for (const question of splits[split]) {
      const room = time - AROUND - kept(question);
      if (question.context.ids.length <= room) continue;
      if (room < 1) tooShort(time, question, kept(question));
      if (overlap >= room) tooLarge(overlap, question, room, time);
    }
  }
  return { time, overlap, kept };
}

function tooShort(time: number, { id }: AskedQuestion, kept: number): never {
  throw new InputError('context-too-short', {
    asked: `Make sequences of ${time} tokens`,
    found: `question "${id}" has ${kept} of them, ${AROUND} stand around the texts, and none is left for the context`,
    todo: 'Use a longer context (of the model, and `task.context`), or a smaller `task.maxQuestion`',
  });
}

function tooLarge(overlap: number, { id }: AskedQuestion, room: number, time: number): never {
  throw new InputError('stride-too-large', {
    asked: `Read long contexts in windows that have ${overlap} tokens in common`,
    found: `in sequences of ${time} tokens question "${id}" leaves room for ${room} of its context`,
    todo: `Use a \`task.stride\` below ${room}, a longer context, or a smaller \`task.maxQuestion\``,
  });
}

/** Windows of some questions, in order. */
export interface Windows {
  readonly layout: Layout;
  readonly questions: readonly AskedQuestion[];
  /** Of each window the place of its question in `questions`. */
  readonly of: Int32Array;
  /** Of each window its first token of the context. */
  readonly first: Int32Array;
  /** Of each question how many windows it has, one or more. */
  readonly counts: Int32Array;
}

export function windowsOf(questions: readonly AskedQuestion[], layout: Layout): Windows {
  const counts = Int32Array.from(questions, (question) => {
    const [length, room] = [question.context.ids.length, roomOf(layout, question)];
    return length <= room ? 1 : 1 + Math.ceil((length - room) / (room - layout.overlap));
  });
  const count = counts.reduce((sum, one) => sum + one, 0);
  const [of, first] = [new Int32Array(count), new Int32Array(count)];
  let at = 0;
  questions.forEach((question, place) => {
    const step = roomOf(layout, question) - layout.overlap;
    for (let window = 0; window < (counts[place] as number); window += 1) {
      of[at] = place;
      first[at] = window * step;
      at += 1;
    }
  });
  return { layout, questions, of, first, counts };
}

const roomOf = ({ time, kept }: Layout, question: AskedQuestion): number => time - AROUND - kept(question);

/** Tokens of the context that a window holds: the first one, and how many. */
function piece({ layout, questions, of, first }: Windows, window: number): readonly [number, number] {
  const question = questions[of[window] as number] as AskedQuestion;
  const from = first[window] as number;
  return [from, Math.min(roomOf(layout, question), question.context.ids.length - from)];
}

/** Whether a window holds the whole answer that is to be learnt. */
export function holdsAnswer(windows: Windows, window: number): boolean {
  const { target } = windows.questions[windows.of[window] as number] as AskedQuestion;
  const [from, count] = piece(windows, window);
  return target !== undefined && target[0] >= from && target[1] < from + count;
}

/**
 * Some windows as a batch. `inputs`, `attention_mask`, `token_type_ids` and `allowed` are [windows, time]; `starts` and `ends`,
 * [windows], are where the answer stands in the sequence, and 0 where the window does not hold all of it. `allowed` is 1 at tokens of
 * the context, 2 at position 0, which stands for no answer, and 0 elsewhere. `questions`, `windows` and `shifts`, [windows], say whose
 * window it is, how many that question has, and what is to be added to a position to have the token of the context.
 */
export function fillWindows(windows: Windows, framing: Framing, rows: Int32Array): Batch {
  const { time, kept } = windows.layout;
  const ofTokens = (): Field => fieldOf([rows.length, time]);
  const ofWindows = (): Field => fieldOf([rows.length]);
  const tokens = {
    inputs: ofTokens(),
    attention_mask: ofTokens(),
    token_type_ids: ofTokens(),
    allowed: ofTokens(),
  };
  const numbers = {
    starts: ofWindows(),
    ends: ofWindows(),
    questions: ofWindows(),
    windows: ofWindows(),
    shifts: ofWindows(),
  };
  const [inputs, present] = [tokens.inputs.data, tokens.attention_mask.data];
  const [types, allowed] = [tokens.token_type_ids.data, tokens.allowed.data];
  rows.forEach((window, row) => {
    const place = windows.of[window] as number;
    const question = windows.questions[place] as AskedQuestion;
    const [from, count] = piece(windows, window);
    const start = row * time;
    const asked = question.ids.subarray(0, kept(question));
    const begin = asked.length + 2;
    inputs[start] = framing.opening;
    inputs.set(asked, start + 1);
    inputs[start + begin - 1] = framing.separator;
    inputs.set(question.context.ids.subarray(from, from + count), start + begin);
    inputs[start + begin + count] = framing.separator;
    present.fill(1, start, start + begin + count + 1);
    types.fill(1, start + begin, start + begin + count + 1);
    allowed.fill(1, start + begin, start + begin + count);
    allowed[start] = 2;
    const shift = from - begin;
    const [first, last] = holdsAnswer(windows, window)
      ? (question.target as [number, number])
      : [shift, shift];
    numbers.starts.data[row] = first - shift;
    numbers.ends.data[row] = last - shift;
    numbers.questions.data[row] = question.number;
    numbers.windows.data[row] = windows.counts[place] as number;
    numbers.shifts.data[row] = shift;
  });
  return { fields: { ...tokens, ...numbers }, weight: rows.length };
}

const fieldOf = (shape: readonly number[]): Field => ({
  ...{ shape, dtype: 'int32' },
  data: new Int32Array(shape.reduce((product, length) => product * length, 1)),
});
