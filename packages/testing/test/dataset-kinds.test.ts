/** Datasets of other things than a running text: what passes the suite, and what it finds in those that are wrong. */
import {
  defineDataset,
  definePlugin,
  type Dataset,
  type DatasetContents,
  type Plugin,
  type SplitName,
} from '@ligature/core';
import { inspectDataset } from '@ligature/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const pluginOf = (dataset: Dataset): Plugin =>
  definePlugin({
    name: 'kinds',
    version: '1.0.0',
    datasets: {
      held: defineDataset({
        meta: { summary: 'Of one kind', options: z.strictObject({}) },
        create: () => dataset,
      }),
    },
  });

const named = { name: 'held', description: 'Made for this test' };

/** The rules that a dataset breaks, with what was found. */
async function broken(dataset: Omit<Dataset, 'name' | 'description'>): Promise<Record<string, string>> {
  const { rules } = await inspectDataset(pluginOf({ ...named, ...dataset }), 'held');
  const failed = rules.filter(({ status }) => status === 'broken');
  return Object.fromEntries(failed.map(({ id, found }) => [id, found]));
}

const passages = (split: SplitName): DatasetContents['passages'] => ({
  passages: Array.from({ length: 20 }, (_, at) => `Passage ${at} of the ${split} split`),
  origin: 'official',
});

const labelledTexts = (split: SplitName): DatasetContents['labelled texts'] => ({
  examples: Array.from({ length: 20 }, (_, at) => ({
    texts: [`${split} sentence ${at}`, 'another one'],
    label: at % 2 === 0 ? 'yes' : 'no',
  })),
  classes: ['yes', 'no'],
  origin: 'official',
});

const questions = (split: SplitName): DatasetContents['questions'] => ({
  questions: Array.from({ length: 20 }, (_, at) => ({
    id: `${split}-${at}`,
    question: 'Who?',
    context: `It was Ahab, ${at} times.`,
    answers: [{ text: 'Ahab', start: 7 }],
  })),
  unanswerable: false,
  origin: 'derived',
});

const images = (split: SplitName): DatasetContents['images'] => ({
  pixels: Uint8Array.from({ length: 20 * 4 }, (_, at) => at + split.length),
  ...{ channels: 1, height: 2, width: 2 },
  labels: Int32Array.from({ length: 20 }, (_, at) => at % 3),
  classes: ['a', 'b', 'c'],
  origin: 'official',
});

/** Images that no two splits share. */
const apart = (split: SplitName): DatasetContents['images'] => {
  const own = images(split);
  return { ...own, pixels: own.pixels.map((pixel, at) => (at % 4 === 0 ? split.length : pixel)) };
};

/** Each with one thing that is wrong. */
const wrong: readonly [string, string, RegExp, Omit<Dataset, 'name' | 'description'>][] = [
  ['creates', 'nothing', /none of split, passages, labelledTexts, questions, images/, {}],
  [
    'splits',
    'an empty passage',
    /of number 1 it is " "/,
    { passages: of(passages, { passages: ['a', ' '] }) },
  ],
  ['splits', 'no example', /its examples are \[\]/, { labelledTexts: of(labelledTexts, { examples: [] }) }],
  [
    'splits',
    'a label of no class',
    /of number 0 the label is "yes"/,
    { labelledTexts: of(labelledTexts, { classes: ['no'] }) },
  ],
  [
    'splits',
    'names where numbers belong',
    /the label is "yes"/,
    { labelledTexts: (split) => Promise.resolve(without(labelledTexts(split), 'classes')) },
  ],
  [
    'well-formed',
    'half a character',
    /the train split has a lone surrogate/,
    { labelledTexts: of(labelledTexts, { examples: [{ texts: ['\ud83d'], label: 'no' }] }) },
  ],
  [
    'disjoint',
    'the same examples twice',
    /20 of 20 examples of the validation split are in the train split/,
    { labelledTexts: () => Promise.resolve(labelledTexts('train')) },
  ],
  [
    'splits',
    'an answer elsewhere',
    /of number 0 the answer .* does not stand in the context/,
    {
      questions: of(questions, {
        questions: [{ id: '1', question: 'Who?', context: 'Ahab', answers: [{ text: 'Ahab', start: 1 }] }],
      }),
    },
  ],
  [
    'splits',
    'no answer where all have one',
    /there is no answer/,
    {
      questions: of(questions, { questions: [{ id: '1', question: 'Who?', context: 'Ahab', answers: [] }] }),
    },
  ],
  [
    'splits',
    'one id twice',
    /two questions have one id/,
    { questions: of(questions, { questions: [0, 0].map(() => questions('test').questions[0]!) }) },
  ],
  [
    'splits',
    'pixels of another size',
    /its pixels are 80, of 20 images of 8/,
    { images: of(apart, { width: 4 }) },
  ],
  ['splits', 'a label of no class', /a label is 1, of 1 classes/, { images: of(apart, { classes: ['a'] }) }],
  [
    'disjoint',
    'the same images twice',
    /20 of 20 images of the validation split are in the train split/,
    { images: () => Promise.resolve(images('train')) },
  ],
  [
    'splits',
    'no origin',
    /its origin is "elsewhere"/,
    { images: of(apart, { origin: 'elsewhere' as never }) },
  ],
];

function of<T extends object>(good: (split: SplitName) => T, change: Partial<T>) {
  return (split: SplitName): Promise<T> => Promise.resolve({ ...good(split), ...change });
}

function without<T extends object, K extends keyof T>(whole: T, key: K): Omit<T, K> {
  const { [key]: _, ...rest } = whole;
  return rest;
}

describe('datasets of labelled texts, questions and images', () => {
  it('pass', async () => {
    expect(await broken({ labelledTexts: of(labelledTexts, {}) })).toEqual({});
    expect(await broken({ questions: of(questions, {}) })).toEqual({});
    expect(await broken({ images: of(apart, {}) })).toEqual({});
    expect(await broken({ passages: of(passages, {}) })).toEqual({});
    const both = { images: of(apart, {}), labelledTexts: of(labelledTexts, {}) };
    expect(await broken(both)).toEqual({});
  });

  it.each(wrong)('%s: %s', async (rule, _, found, dataset) => {
    expect((await broken(dataset))[rule]).toMatch(found);
  });
});
