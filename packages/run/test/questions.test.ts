/** Runs of `question-answering`: facts of data and windows, stopped and resumed alike, evaluated from their folder. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfigInput } from '@ligature/core';
import { expect, it } from 'vitest';
import { evaluateRun } from '../src/index.js';
import { remains, run, STEPS } from './resumed-run.js';
import { environment, tinyRun, withFolder } from './tiny-run.js';

/** Two questions about each of twelve texts, the second without an answer. */
const overrides = (folder: string): RunConfigInput => {
  const data = Array.from({ length: 12 }, (_, at) => {
    const context = `${'ab '.repeat(1 + (at % 5))}n${at} cd`;
    const answers = [{ text: `n${at}`, answer_start: context.indexOf('n') }];
    const qas = [
      { id: `is-${at}`, question: 'n?', answers, is_impossible: false },
      { id: `none-${at}`, question: 'x?', answers: [], is_impossible: true },
    ];
    return { title: `t${at}`, paragraphs: [{ context, qas }] };
  });
  const path = join(folder, 'dev-v2.0.json');
  writeFileSync(path, JSON.stringify({ version: 'v2.0', data }));
  return {
    dataset: { name: 'squad', options: { path, cut: true, validation: 0.3, test: 0.3 } },
    task: { name: 'question-answering', options: { stride: 2 } },
    model: { name: 'bert', options: { layers: 4, width: 8, heads: 2, context: 16 } },
  };
};

it('have facts of data and windows, floors, and are evaluated from their folder', () =>
  withFolder(async (folder) => {
    const { result, folder: place } = await tinyRun(folder, overrides(folder));
    // A byte a letter: sequences of 16, of which the longest would have 3 + 2 + 20.
    expect(result.data).toMatchObject({
      ...{ trainingQuestions: 8, validationQuestions: 8, testQuestions: 8, testQuestionsWithoutAnswer: 4 },
      ...{
        longestSequence: 25,
        sequenceLength: 16,
        windowOverlap: 2,
        testAnswersOutOfReach: 0,
        splits: 'derived',
      },
    });
    expect(Object.keys(result.test)).toEqual(['f1', 'exactMatch', 'nats']);
    expect(result.floors?.map(({ name }) => name)).toEqual(['uniform', 'no answer']);
    const evaluated = await evaluateRun(place, { split: 'test' }, environment(folder));
    expect(evaluated.metrics).toEqual(result.test);
    expect([evaluated.unit, evaluated.tokens > 8]).toEqual(['windows', true]);
  }));

it(
  'go on under q-learning as if nothing had happened',
  () =>
    withFolder(async (folder) => {
      const chosen: RunConfigInput = { ...overrides(folder), controller: 'q-learning' };
      const whole = await run(folder, 'whole', chosen, []);
      const parts = await run(folder, 'parts', chosen, [5]);
      expect(whole.losses).toHaveLength(STEPS);
      for (const key of ['losses', 'validation', 'test', 'tieMaps', 'digests', 'data'] as const)
        expect(parts[key]).toEqual(whole[key]);
      expect(remains(join(folder, 'parts'))).toMatchObject({
        weights: remains(join(folder, 'whole'))['weights'],
        tensors: remains(join(folder, 'whole'))['tensors'],
      });
    }),
  300_000,
);

it('are refused on a model that says nothing of positions, which names what it does say', () =>
  withFolder(async (folder) => {
    const chosen = {
      ...overrides(folder),
      model: { name: 'gpt2', options: { layers: 2, width: 8, heads: 2 } },
    };
    await expect(tinyRun(folder, chosen)).rejects.toMatchObject({ code: 'head-missing' });
    await expect(tinyRun(folder, chosen)).rejects.toThrow(/token-span.*causal-lm/);
  }));
