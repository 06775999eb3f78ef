import { plugin } from '@ligature/tasks';
import { checkTask, type CheckTaskOptions } from '@ligature/testing';
import type { Dataset, SplitName } from '@ligature/core';
import { expect, it } from 'vitest';
import { imageDataset } from '../support/images.js';
import '../support/quiet-backend.js';
import { labelledDataset } from '../support/labelled-dataset.js';

/** Sentences to train on, and others to be finished. */
const passages = (changed?: SplitName): Dataset => ({
  name: 'passages',
  description: 'Of this test',
  split: (name) => Promise.resolve({ text: textOf(name, changed), origin: 'derived' }),
  passages: (name) =>
    Promise.resolve({ passages: textOf(name, changed).trim().split('\n'), origin: 'derived' }),
});

function textOf(name: SplitName, changed?: SplitName): string {
  const text = Array.from({ length: 30 }, (_, at) => `the ${name} of ${at} ended in rain\n`).join('');
  return name === changed ? text.replaceAll('i', 'o') : text;
}

/** Questions about short texts, some without an answer where that may be. */
const questions =
  (unanswerable: boolean) =>
  (changed?: SplitName): Dataset => ({
    name: 'questions',
    description: 'Of this test',
    questions: (name) =>
      Promise.resolve({
        questions: Array.from({ length: 11 }, (_, at) => {
          const context = `rain ${name === changed ? 'and then' : 'fell'} ${'on '.repeat(at % 4)}${at} ships`;
          const answer = { text: `${at} ships`, start: context.length - `${at} ships`.length };
          const answers = unanswerable && at % 3 === 0 ? [] : [answer];
          return { id: `${name}-${at}`, question: `how many, ${at}?`, context, answers };
        }),
        ...{ origin: 'derived', unanswerable },
      }),
  });
/** Every position of a window is a row of the outputs. */
const positions: CheckTaskOptions['rows'] = ({ fields }) => fields['inputs']?.data.length ?? 0;

const cases: readonly [string, CheckTaskOptions][] = [
  ['causal-lm', {}],
  ['causal-lm', { options: { chunking: 'bos-eos', context: 6 }, batch: 3 }],
  ['causal-lm', { options: { mean: 'batch' }, batchMetrics: ['nats', 'perplexity'] }],
  ['image-classification', { dataset: imageDataset }],
  ['image-classification', { dataset: imageDataset, options: { crop: 1, flip: true }, batch: 5 }],
  ['last-word', { dataset: passages, context: 16 }],
  ['masked-lm', {}],
  ['masked-lm', { options: { share: 0.5, wholeWords: true, context: 6 }, batch: 3 }],
  ['question-answering', { dataset: questions(false), context: 24, rows: positions }],
  [
    'question-answering',
    {
      ...{ dataset: questions(true), context: 32, rows: positions, batch: 3 },
      options: { maxQuestion: 9, stride: 5, maxAnswer: 3, nullThreshold: 0.5 },
    },
  ],
  ['sequence-classification', { dataset: labelledDataset(['no', 'yes']) }],
  [
    'sequence-classification',
    { dataset: labelledDataset(['a', 'b', 'c']), options: { metric: 'f1', context: 7 }, batch: 3 },
  ],
  ['sequence-classification', { dataset: labelledDataset(), options: { regression: true } }],
];

it.each(cases)('%s %j', async (name, options) => {
  await checkTask(plugin, name, options);
});

it('leaves no task out', () => {
  expect(new Set(cases.map(([name]) => name))).toEqual(new Set(Object.keys(plugin.tasks)));
});
