/** Windows against those of Hugging Face's tokenizers, tokens by their places, and batches of whole questions. */
import { readFileSync } from 'node:fs';
import type { Batch, Field } from '@ligature/core';
import { createByteTokenizer, createBpeTokenizer, createWordTokenizer } from '@ligature/tokenizers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutBetweenQuestions } from '../../src/question-answering/evaluation.js';
import { locator, textOf, tokensOf } from '../../src/question-answering/offsets.js';
import { questionAnsweringOptionsSchema } from '../../src/question-answering/options.js';
import { createQuestionAnswering } from '../../src/question-answering/task.js';
import { contextOf, questionDataset, wordTokenizer, type Row } from './helpers.js';

interface Case {
  readonly question: string;
  readonly context: string;
  readonly length: number;
  readonly stride: number;
  readonly ids: readonly number[][];
  readonly types: readonly number[][];
  readonly mask: readonly number[][];
  readonly inContext: readonly number[][];
}
const { words, cases } = JSON.parse(
  readFileSync(new URL('../fixtures/squad/windows.json', import.meta.url), 'utf8'),
) as { readonly words: readonly string[]; readonly cases: readonly Case[] };

const rowsOf = ({ fields }: Batch, name: string): number[][] => {
  const { data, shape } = fields[name] as Field;
  const width = shape[1] ?? 1;
  return Array.from({ length: shape[0] as number }, (_, row) => [
    ...data.slice(row * width, (row + 1) * width),
  ]);
};
const column = (batch: Batch, name: string): number[] => rowsOf(batch, name).flat();

async function prepared(rows: readonly Row[], options: object = {}, unanswerable = false) {
  const task = createQuestionAnswering(questionAnsweringOptionsSchema.parse(options));
  const dataset = questionDataset({ train: rows, validation: rows, test: rows }, { unanswerable });
  return { task, prepared: await task.prepare(contextOf(dataset, wordTokenizer(words))) };
}

describe('windows', () => {
  it.each(cases)('are those of Hugging Face: $length tokens, $stride in common', async (wanted) => {
    const { question, context, length, stride } = wanted;
    // The longest sequence of all is what decides where nothing else does.
    const filler: Row = ['q0 '.repeat(20), 'w0 '.repeat(30), ['w0']];
    const { prepared: data } = await prepared([[question, context, ['w0']], filler], {
      ...{ stride, maxQuestion: question.split(' ').length },
      ...(length >= 10 && { context: length }),
    });
    const batch = data.evaluation('test', { batch: 64, context: length }).batches[0] as Batch;
    const count = column(batch, 'questions').filter(
      (number) => number === column(batch, 'questions')[0],
    ).length;
    const own = (name: string): number[][] => rowsOf(batch, name).slice(0, count);
    expect(own('inputs')).toEqual(wanted.ids);
    expect(own('token_type_ids')).toEqual(wanted.types);
    expect(own('attention_mask')).toEqual(wanted.mask);
    expect(own('allowed')).toEqual(
      wanted.inContext.map((row) => row.map((inside, at) => (at === 0 ? 2 : inside))),
    );
    // A position and its shift are the token of the context.
    own('inputs').forEach((row, window) =>
      row.forEach((id, at) => {
        if (wanted.inContext[window]![at] === 0) return;
        expect(words[id]).toBe(context.split(' ')[at + column(batch, 'shifts')[window]!]);
      }),
    );
  });

  it('target the answer where they hold all of it, and position 0 elsewhere', async () => {
    const context = Array.from({ length: 12 }, (_, at) => `w${at}`).join(' ');
    const rows: Row[] = [
      ['q0 q1', context, ['w5 w6', 'w0']],
      ['q2', 'w1 w2', []],
    ];
    // Room for six tokens of the context, two in common: w0-w5, w4-w9, w8-w11.
    const { prepared: data } = await prepared(rows, { context: 11, stride: 2 }, true);
    const { batches } = data.evaluation('train', { batch: 3, context: undefined });
    expect(batches).toHaveLength(2);
    const [first, second] = batches as [Batch, Batch];
    expect(column(first, 'starts')).toEqual([0, 5, 0]);
    expect(column(first, 'ends')).toEqual([0, 6, 0]);
    expect(column(first, 'windows')).toEqual([3, 3, 3]);
    expect(column(first, 'shifts')).toEqual([-4, 0, 4]);
    expect(rowsOf(first, 'inputs')[1]![5]).toBe(words.indexOf('w5'));
    expect([column(second, 'starts'), column(second, 'ends'), column(second, 'questions')]).toEqual([
      [0],
      [0],
      [2],
    ]);
    expect(data.facts).toMatchObject({
      ...{ trainingQuestions: 2, trainingQuestionsWithoutAnswer: 1, trainingAnswersBetweenTokens: 0 },
      ...{ longestSequence: 17, splits: 'official' },
    });
    expect(data.shapeFacts?.({ batch: 3, context: 11 })).toMatchObject({
      ...{ sequenceLength: 11, windowOverlap: 2, trainingWindows: 4, testWindows: 4 },
      ...{ trainingAnswersOutOfReach: 0, trainingQuestionsCut: 0 },
    });
    // Too long for any window.
    const { prepared: long } = await prepared([['q0 q1', context, [context]]], { context: 11, stride: 2 });
    expect(long.shapeFacts?.({ batch: 3, context: 11 })).toMatchObject({ trainingAnswersOutOfReach: 1 });
  });

  it('leave out the end of a question that is too long, and say of how many', async () => {
    const rows: Row[] = [['q0 q1 q2 q3 q4 q5 q6 q7 q8 q9', 'w0 w1 w2 w3 w4 w5 w6 w7 w8 w9', ['w9']]];
    const { prepared: data } = await prepared(rows);
    const shape = { batch: 2, context: 12 };
    expect(data.shapeFacts?.(shape)).toMatchObject({ windowOverlap: 4, testQuestionsCut: 1, testWindows: 6 });
    const batch = data.evaluation('test', shape).batches[0] as Batch;
    expect(rowsOf(batch, 'inputs')[0]!.slice(0, 6)).toEqual([0, 2, 3, 4, 5, 1]);
    // Nothing is cut where all of it fits.
    expect(data.shapeFacts?.({ batch: 2, context: 64 })).toMatchObject({
      sequenceLength: 23,
      testQuestionsCut: 0,
    });
  });

  it('are refused where a question leaves no room, and where they would not move', async () => {
    const rows: Row[] = [['q0 q1 q2 q3 q4 q5 q6 q7', 'w0 w1 w2 w3 w4 w5 w6 w7 w8', ['w0']]];
    const at = (options: object, context: number) =>
      prepared(rows, options).then(({ prepared: data }) => data.evaluation('test', { batch: 1, context }));
    await expect(at({ maxQuestion: 8 }, 11)).rejects.toMatchObject({ code: 'context-too-short' });
    await expect(at({ maxQuestion: 8 }, 11)).rejects.toThrow(/"train-0" has 8.*maxQuestion/);
    await expect(at({ maxQuestion: 8, stride: 4 }, 15)).rejects.toMatchObject({ code: 'stride-too-large' });
    await expect(at({ maxQuestion: 8, stride: 4 }, 15)).rejects.toThrow(/room for 4 .*below 4/);
    await expect(at({}, 9)).rejects.toMatchObject({ code: 'stride-too-large' });
    await expect(at({}, 4)).rejects.toMatchObject({ code: 'context-too-short' });
    expect((await at({ maxQuestion: 8, stride: 3 }, 15)).batches.length).toBe(6);
    // One window each: no two have anything in common.
    expect((await at({ stride: 4000 }, 64)).batches.length).toBe(1);
  });
});

describe('tokens', () => {
  const text = '  The 🐋 sank—the Pequod’s crew (all of it) drowned; naïve Ahab’s too.\nCall me Ishmael. ';
  const all = (name: string) =>
    ({
      bytes: () => createByteTokenizer(),
      bpe: () => createBpeTokenizer(text.repeat(4), { vocabularySize: 280 }),
      words: () => createWordTokenizer(text),
      // As WordPiece cuts, by words and marks.
      marks: () => ({
        ...wordTokenizer([]),
        encode: (one: string) =>
          Int32Array.from(one.match(/[\p{L}\p{M}\p{N}_]+|[^\s\p{L}\p{M}\p{N}_]/gu) ?? [], () => 0),
        vocabularySize: 1,
        eosId: 7,
      }),
    })[name]!();

  it.each(['bytes', 'bpe', 'words', 'marks'])('of %s cover the text in order', (name) => {
    const tokenizer = all(name);
    const { ids, starts, ends } = locator(tokenizer)(text);
    expect(ids.length).toBeGreaterThan(8);
    expect([starts.length, ends.length]).toEqual([ids.length, ids.length]);
    if (name !== 'words') expect([...ids]).toEqual([...tokenizer.encode(text)]);
    let covered = 0;
    ids.forEach((_, at) => {
      expect(starts[at]!).toBeGreaterThanOrEqual(at === 0 ? 0 : starts[at - 1]!);
      expect(ends[at]!).toBeGreaterThan(starts[at]!);
      // Between two tokens there is nothing but blanks.
      expect(text.slice(covered, Math.max(covered, starts[at]!)).trim()).toBe('');
      covered = ends[at]!;
    });
    expect(text.slice(covered).trim()).toBe('');
  });

  it.each([
    ['bytes', ['🐋', 'the Pequod', 'Pequod’s', 'ï', 'all of it']],
    ['bpe', ['🐋', 'the Pequod’s crew', 'Call me Ishmael']],
    ['words', ['🐋', 'Call me', 'drowned;']],
    ['marks', ['🐋', 'Pequod', 'all of it', 'naïve Ahab']],
  ] as const)('of %s give an answer back', (name, answers) => {
    const located = locator(all(name))(text);
    for (const answer of answers) {
      const start = text.indexOf(answer);
      const span = tokensOf(located, start, start + answer.length);
      expect(textOf(located, span!)).toBe(answer);
    }
  });

  it('give the fewest that hold an answer, and nothing where there is none', () => {
    const located = locator(createWordTokenizer(text))(text);
    const start = text.indexOf('Pequod');
    expect(textOf(located, tokensOf(located, start, start + 6)!)).toBe('sank—the Pequod’s'.slice(9));
    expect(tokensOf(locator(createWordTokenizer(text))('  '), 0, 1)).toBeUndefined();
    expect(textOf(located, [-3, 1])).toBe('');
  });

  it('of bytes hold every stretch of every text', () => {
    const locate = locator(createByteTokenizer());
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 20 }),
        fc.nat(20),
        fc.nat(20),
        (one, from, count) => {
          const points = [...one];
          const start = points.slice(0, from).join('').length;
          const stretch = points.slice(from, from + count).join('');
          if (stretch.trim() === '') return;
          const located = locate(one);
          const span = tokensOf(located, start, start + stretch.length);
          expect(textOf(located, span!)).toBe(stretch.trim());
        },
      ),
    );
  });
});

describe('batches of an evaluation', () => {
  it('hold whole questions, or belong together', () => {
    // In batches of four: 1 and 2; 3; six are two batches, whose rest has room for 1; 4.
    expect(cutBetweenQuestions([1, 2, 3, 6, 1, 4], 4)).toEqual({
      ends: [3, 6, 10, 13, 17],
      groups: [1, 1, 2, 1],
    });
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 6 }),
        (counts, rows) => {
          const { ends, groups } = cutBetweenQuestions(counts, rows);
          const borders = new Set<number>();
          counts.reduce((sum, count) => (borders.add(sum + count), sum + count), 0);
          expect(ends.at(-1)).toBe(counts.reduce((sum, count) => sum + count, 0));
          ends.forEach((end, at) => {
            const size = end - (ends[at - 1] ?? 0);
            expect(size).toBeGreaterThan(0);
            expect(size).toBeLessThanOrEqual(rows);
          });
          let batches = 0;
          for (const group of groups) {
            expect(group).toBeGreaterThan(0);
            batches += group;
            expect(borders.has(ends[batches - 1]!)).toBe(true);
          }
          expect(batches).toBe(ends.length);
        },
      ),
    );
  });
});
