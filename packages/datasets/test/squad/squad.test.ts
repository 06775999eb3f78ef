/** SQuAD from small files in its original format, and the real development set where it is at hand. */
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { QuestionExample, Questions, SplitName } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { createSquad, squadOptionsSchema } from '../../src/index.js';
import { findCorpus, temporaryFolder } from '../helpers.js';
import { manyArticles, squadFile, type Asked } from './helpers.js';

const open = (path: string, options: object = {}) =>
  createSquad(squadOptionsSchema.parse({ path, ...options }), { source: 'squad', folder: '/' });
const SPLITS: readonly SplitName[] = ['train', 'validation', 'test'];
const ids = ({ questions }: Questions): string[] => questions.map(({ id }) => id);

/** One file with one paragraph, beside nine articles that are right, and what is read of its questions. */
async function readOne(
  context: string,
  asked: readonly Asked[],
  { version = '1.1', ...options }: { version?: string; cut?: boolean } = {},
): Promise<readonly QuestionExample[]> {
  const folder = temporaryFolder({
    [`train-v${version}.json`]: manyArticles(version, 3),
    [`dev-v${version}.json`]: squadFile(version, [['An article', [[context, asked]]]]),
  });
  return (await open(folder, options).questions('test')).questions;
}

describe('questions', () => {
  it('have all their answers at their places, which are counted in characters and not in UTF-16 units', async () => {
    const context = '  🐋🐋 Moby Dick, a 🐋 whale, sank the Pequod.';
    const points = [...context];
    const at = (text: string): number => [...context.slice(0, context.indexOf(text))].length;
    const answers = ['🐋🐋', 'Moby Dick', 'whale', 'the Pequod', '.'];
    const [question] = (await readOne(context, [
      { id: 'a', question: ' Who? ', answers: answers.map((text) => [text, at(text)] as const) },
    ])) as [QuestionExample];
    expect(points.length).toBeLessThan(context.length);
    expect(question).toEqual({
      ...{ id: 'a', question: ' Who? ', context },
      answers: answers.map((text) => ({ text, start: context.indexOf(text) })),
    });
  });

  it('of version 2.0 have no answer where there is none, whatever would be plausible', async () => {
    const folder = temporaryFolder({
      'train-v2.0.json': manyArticles('v2.0', 4),
      'dev-v2.0.json': squadFile('v2.0', [
        [
          'Whales',
          [
            [
              'Ahab has one leg.',
              [
                { id: 'a', answers: [['Ahab', 0]], impossible: false },
                { id: 'b', impossible: true },
                { id: 'c' },
              ],
            ],
          ],
        ],
      ]),
    });
    const { questions, unanswerable, origin } = await open(folder).questions('test');
    expect([unanswerable, origin]).toEqual([true, 'official']);
    expect(questions.map(({ answers }) => answers.length)).toEqual([1, 0, 0]);
    expect((await open(folder).questions('train')).unanswerable).toBe(true);
  });
});

describe('splits', () => {
  it('are the development set for testing, and whole articles held out evenly for validation', async () => {
    const train = squadFile(
      '1.1',
      Array.from({ length: 10 }, (_, article) => [
        // Two parts of one title are one article.
        `t${Math.min(article, 8)}`,
        ['x', 'y'].map(
          (part) => [`${part}${article}`, [{ id: `${part}${article}`, answers: [[part, 0]] }]] as const,
        ),
      ]),
    );
    const folder = temporaryFolder({ 'train-v1.1.json': train, 'dev-v1.1.json': manyArticles('1.1', 2, 50) });
    const dataset = open(folder, { validation: 0.3 });
    const [trained, held, tested] = await Promise.all(SPLITS.map((split) => dataset.questions(split)));
    expect(ids(held!)).toEqual(['x1', 'y1', 'x4', 'y4', 'x7', 'y7']);
    expect(ids(trained!)).toEqual([
      'x0',
      'y0',
      'x2',
      'y2',
      'x3',
      'y3',
      'x5',
      'y5',
      'x6',
      'y6',
      'x8',
      'y8',
      'x9',
      'y9',
    ]);
    expect(ids(tested!)).toEqual(['q-n50', 'q-n51']);
    expect([trained, held, tested].map((split) => split!.origin)).toEqual(['derived', 'derived', 'official']);
    expect(await dataset.files()).toEqual({
      ...{ train: ['train-v1.1.json'], validation: [], test: ['dev-v1.1.json'], leftOut: [] },
    });
    expect(ids(await open(folder, { validation: 0.3 }).questions('validation'))).toEqual(ids(held!));
  });

  it('are all cut from one file, if that is said', async () => {
    const folder = temporaryFolder({ 'dev-v1.1.json': manyArticles('1.1', 10) });
    await expect(open(folder).questions('train')).rejects.toMatchObject({ code: 'squad-split-missing' });
    await expect(open(folder).questions('train')).rejects.toThrow(/no train-v1\.1\.json.*dataset\.cut=true/);
    for (const path of [folder, join(folder, 'dev-v1.1.json')]) {
      const dataset = open(path, { cut: true });
      const splits = await Promise.all(SPLITS.map((split) => dataset.questions(split)));
      expect(splits.map(({ questions, origin }) => [questions.length, origin])).toEqual([
        [8, 'derived'],
        [1, 'derived'],
        [1, 'derived'],
      ]);
      expect(new Set(splits.flatMap(ids)).size).toBe(10);
    }
    await expect(open(join(folder, 'dev-v1.1.json')).questions('test')).rejects.toMatchObject({
      code: 'squad-split-missing',
    });
    writeFileSync(join(folder, 'train-v1.1.json'), manyArticles('1.1', 3, 20));
    await expect(open(folder, { cut: true }).questions('test')).rejects.toMatchObject({
      code: 'squad-cut-unclear',
    });
    const short = temporaryFolder({ 'dev-v1.1.json': manyArticles('1.1', 2) });
    await expect(open(short, { cut: true }).questions('test')).rejects.toMatchObject({
      code: 'dataset-too-short',
    });
  });

  it('are of one version: the one that is there, or that was asked for', async () => {
    const folder = temporaryFolder({
      ...{ 'train-v1.1.json': manyArticles('1.1', 3), 'dev-v1.1.json': manyArticles('1.1', 1, 9) },
      ...{ 'train-v2.0.json': manyArticles('v2.0', 4), 'dev-v2.0.json': manyArticles('v2.0', 2, 9) },
    });
    await expect(open(folder).questions('train')).rejects.toMatchObject({ code: 'squad-version-unclear' });
    const two = open(folder, { version: '2.0' });
    expect(ids(await two.questions('test'))).toHaveLength(2);
    expect((await two.files())?.leftOut).toEqual(['dev-v1.1.json', 'train-v1.1.json']);
    const one = temporaryFolder({ 'dev-v1.1.json': manyArticles('1.1', 3) });
    await expect(open(one, { version: '2.0', cut: true }).questions('train')).rejects.toMatchObject({
      code: 'squad-split-missing',
    });
    // A file of another name says it itself.
    const mine = temporaryFolder({ 'mine.json': manyArticles('v2.0', 4), 'none.json': manyArticles('x', 4) });
    expect((await open(join(mine, 'mine.json'), { cut: true }).questions('test')).unanswerable).toBe(true);
    const unsaid = join(mine, 'none.json');
    await expect(open(unsaid, { cut: true }).questions('test')).rejects.toMatchObject({
      code: 'squad-version-unclear',
    });
    expect((await open(unsaid, { cut: true, version: '1.1' }).questions('test')).unanswerable).toBe(false);
  });
});

describe('what is refused', () => {
  it.each<[string, Asked[], string, RegExp]>([
    ['no answer', [{ id: 'lost' }], 'answer-missing', /"lost" of the article "An article" has no answer/],
    [
      'an answer at another place',
      [{ id: 'off', answers: [['b c', 1]] }],
      'answer-misplaced',
      /"b c" to question "off".*character 1 of the context, and " b " stands there/,
    ],
    ['an answer beyond the end', [{ id: 'far', answers: [['c', 999]] }], 'answer-misplaced', /"far"/],
    ['an empty answer', [{ id: 'void', answers: [['', 0]] }], 'answer-misplaced', /"void"/],
    ['an answer of blanks', [{ id: 'blank', answers: [[' ', 1]] }], 'answer-misplaced', /"blank"/],
    [
      'an id that was there before',
      [
        { id: 'twin', answers: [['a', 0]] },
        { id: 'twin', answers: [['b', 2]] },
      ],
      'question-duplicate',
      /"twin"/,
    ],
    [
      'an empty question',
      [{ id: 'mute', question: ' ', answers: [['a', 0]] }],
      'squad-malformed',
      /question 1 "mute"/,
    ],
  ])('%s', async (_, asked, code, message) => {
    await expect(readOne('a b c', asked)).rejects.toMatchObject({ code });
    await expect(readOne('a b c', asked)).rejects.toThrow(message);
  });

  it.each([
    [true, [['a', 0]]],
    [false, []],
  ] as const)(
    'in version 2.0 a question that is impossible, %s, against its answers',
    async (impossible, answers) => {
      await expect(
        readOne('a b', [{ id: 'so', answers, impossible }], { version: '2.0' }),
      ).rejects.toMatchObject({ code: 'answer-contradicted' });
    },
  );

  it('a question of both files', async () => {
    const folder = temporaryFolder({
      ...{ 'train-v1.1.json': manyArticles('1.1', 3), 'dev-v1.1.json': manyArticles('1.1', 1, 2) },
    });
    await expect(open(folder).questions('train')).rejects.toMatchObject({ code: 'question-duplicate' });
  });

  it.each([
    ['no JSON', '{"version": ', /it is no JSON/],
    ['a list', '[]', /the file/],
    ['no article', '{"version":"1.1","data":[]}', /"data"/],
    [
      'an article without paragraphs',
      '{"version":"1.1","data":[{"title":"T"}]}',
      /article 1 "T", "paragraphs"/,
    ],
    [
      'an answer without a place',
      '{"version":"1.1","data":[{"title":"T","paragraphs":[{"context":"c","qas":[{"id":"i","question":"q","answers":[{"text":"c"}]}]}]}]}',
      /article 1 "T", paragraph 1, question 1 "i", answer 1, "answer_start"/,
    ],
    [
      'half of a character',
      '{"version":"1.1","data":[{"title":"T","paragraphs":[{"context":"\\ud83d","qas":[]}]}]}',
      /"context".*well-formed/,
    ],
    ['a deep hole', '['.repeat(1e5), /it is no JSON.*deeper/],
  ])('%s', async (_, content, message) => {
    const folder = temporaryFolder({ 'dev-v1.1.json': content });
    await expect(open(folder, { cut: true }).questions('test')).rejects.toMatchObject({
      code: 'squad-malformed',
    });
    await expect(open(folder, { cut: true }).questions('test')).rejects.toThrow(message);
  });

  it('a folder without its files, none at all, and a link that leads out', async () => {
    for (const path of [temporaryFolder({ 'notes.txt': 'x' }), join(temporaryFolder(), 'no-such')]) {
      await expect(open(path).questions('test')).rejects.toMatchObject({ code: 'dataset-missing' });
      await expect(open(path).questions('test')).rejects.toThrow(/train-v1\.1\.json and dev-v1\.1\.json/);
    }
    const elsewhere = temporaryFolder({ 'secret.json': manyArticles('1.1', 5) });
    const folder = temporaryFolder();
    symlinkSync(join(elsewhere, 'secret.json'), join(folder, 'dev-v1.1.json'));
    await expect(open(folder, { cut: true }).questions('test')).rejects.toMatchObject({
      code: 'dataset-link-outside',
    });
  });
});

const real = findCorpus('squad-v1.1');

it.skipIf(!real)('the development set of version 1.1 has the counts that were published', async () => {
  const dataset = open(real as string, { cut: true });
  const splits = await Promise.all(SPLITS.map((split) => dataset.questions(split)));
  const all = splits.flatMap(({ questions }) => questions);
  expect(all).toHaveLength(10_570);
  expect(new Set(all.map(({ context }) => context)).size).toBe(2067);
  expect(all.reduce((sum, { answers }) => sum + answers.length, 0)).toBe(34_726);
  for (const { context, answers } of all) {
    for (const { text, start } of answers) expect(context.slice(start, start + text.length)).toBe(text);
  }
  // Of 48 articles 5 validate and 5 test.
  expect(splits.map(({ questions }) => questions.length).reduce((sum, one) => sum + one)).toBe(10_570);
  const contexts = splits.map(({ questions }) => new Set(questions.map(({ context }) => context)));
  for (const one of contexts) {
    for (const other of contexts) {
      if (one !== other) expect([...one].filter((context) => other.has(context))).toEqual([]);
    }
  }
});
