/** Loss, scores, answers over windows, floors and what is refused; and the real development set where it is at hand. */
import '@tensorflow/tfjs-backend-cpu';
import { createSquad, squadOptionsSchema } from '@ligature/datasets';
import { createGpt2Tokenizer } from '@ligature/tokenizers';
import type {
  Batch,
  BatchScores,
  Dataset,
  EvaluationSet,
  Field,
  Projection,
  Task,
  TensorBatch,
} from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { findCorpus } from '../../../datasets/test/helpers.js';
import { SCORES } from '../../src/question-answering/metrics.js';
import { questionAnsweringOptionsSchema } from '../../src/question-answering/options.js';
import { createQuestionAnswering } from '../../src/question-answering/task.js';
import { contextOf, exampleOf, questionDataset, wordTokenizer, type Row } from './helpers.js';

const WORDS = ['[CLS]', '[SEP]', 'who', 'why', 'Ahab', 'sank', 'the', 'Pequod', 'in', 'rain'];
const make = (options: object = {}): Task =>
  createQuestionAnswering(questionAnsweringOptionsSchema.parse(options));
const rows: readonly Row[] = [
  ['who', 'the Pequod sank in rain', ['Pequod', 'the Pequod']],
  ['why', 'Ahab sank', ['sank']],
];
const own = (changed: readonly Row[] = rows, unanswerable = false): Dataset =>
  questionDataset({ train: rows, validation: changed, test: changed }, { unanswerable });
const prepare = (task: Task, dataset: Dataset | undefined) =>
  task.prepare(contextOf(dataset, wordTokenizer(WORDS)));

function fold(
  task: Task,
  { scope }: EvaluationSet,
  scores: readonly BatchScores[],
): Record<string, number | undefined> {
  return Object.fromEntries(
    task.metrics.map((metric) => {
      const one = metric.fold();
      for (const batch of scores) one.add(batch);
      return [metric.name, one.finish(scope)];
    }),
  );
}

/** What a model that knows the answer says: windows that hold it score it, others nothing. */
function perfect({ fields, weight }: Batch): BatchScores {
  const of = (name: string): Float32Array => Float32Array.from((fields[name] as Field).data);
  const shifts = of('shifts');
  const has = of('starts').map((start) => Number(start > 0));
  return {
    weight,
    columns: {
      ...{ nats: shifts.map(() => 0), question: of('questions'), windows: of('windows') },
      ...{
        start: of('starts').map((at, row) => at + shifts[row]!),
        end: of('ends').map((at, row) => at + shifts[row]!),
      },
      ...{ span: has, none: has.map((one) => 0.5 - one) },
    },
  };
}

describe('loss and scores', () => {
  it('are those of the places that may be, by hand', async () => {
    const task = make({ maxAnswer: 2 });
    const { evaluation } = await prepare(task, own());
    const [batch] = evaluation('test', { batch: 2, context: 64 }).batches as [Batch];
    // [CLS] who [SEP] the Pequod sank in rain [SEP]; [CLS] why [SEP] Ahab sank [SEP] and padding.
    const starts = [
      [0, 9, 9, 1, 2, 0, 0, 3, 9],
      [0, 9, 9, 1, 0, 9, 9, 9, 9],
    ];
    const ends = [
      [1, 9, 9, 0, 0, 1, 3, 0, 9],
      [4, 9, 9, 0, 2, 9, 9, 9, 9],
    ];
    const logits = starts.flatMap((row, at) => row.map((start, place) => [start, ends[at]![place]!]));
    const { loss, scores } = tf.tidy(() => {
      const projection: Projection = { features: tf.tensor2d(logits), weight: tf.eye(2) };
      const fields: TensorBatch = Object.fromEntries(
        Object.entries(batch.fields).map(([name, { data, shape }]) => [
          name,
          tf.tensor(data, [...shape], 'int32'),
        ]),
      );
      return {
        loss: task.loss(projection, fields).arraySync(),
        scores: task.score(projection, fields).arraySync(),
      };
    });
    const softmax = (of: number[], at: number): number =>
      -Math.log(Math.exp(of[at]!) / of.reduce((sum, one) => sum + Math.exp(one), 0));
    const nats = [
      (softmax([0, 1, 2, 0, 0, 3], 2) + softmax([1, 0, 0, 1, 3, 0], 2)) / 2,
      (softmax([0, 1, 0], 2) + softmax([4, 0, 2], 2)) / 2,
    ];
    nats.forEach((value, row) => expect(scores[0]![row]).toBeCloseTo(value, 5));
    expect(loss).toBeCloseTo((nats[0]! + nats[1]!) / 2, 5);
    // Numbers go over all splits; spans of at most two tokens, as tokens of the context.
    expect(Object.fromEntries(SCORES.slice(1).map((name, at) => [name, scores[at + 1]]))).toEqual({
      ...{ question: [5, 6], windows: [1, 1], start: [1, 0], end: [2, 1] },
      ...{ span: [3, 3], none: [1, 4] },
    });
    expect(
      fold(task, evaluation('test', { batch: 2, context: 64 }), [
        {
          weight: 2,
          columns: Object.fromEntries(SCORES.map((name, at) => [name, Float32Array.from(scores[at]!)])),
        },
      ]),
    ).toMatchObject({
      // "Pequod sank" for "Pequod" or "the Pequod", which is the same; "Ahab sank" for "sank".
      exactMatch: 0,
      f1: expect.closeTo(2 / 3, 6),
    });
  });
});

describe('answers', () => {
  const at = (
    task: Task,
    question: number,
    windows: readonly (readonly [number, number, number, number])[],
    of = windows.length,
  ) => {
    const column = (value: (row: (typeof windows)[number]) => number): Float32Array =>
      Float32Array.from(windows, value);
    const scores: BatchScores = {
      weight: windows.length,
      columns: {
        ...{ nats: column(() => 1), question: column(() => question), windows: column(() => of) },
        ...{ start: column(([start]) => start), end: column(([, end]) => end) },
        ...{ span: column(([, , span]) => span), none: column(([, , , none]) => none) },
      },
    };
    return fold(task, { scope: { split: 'validation', weight: windows.length }, batches: [] }, [scores]);
  };

  it('are the best span over all windows, and a question that was not seen whole is not judged', async () => {
    const task = make();
    await prepare(task, own());
    expect(
      at(task, 1, [
        [0, 1, 2, 9],
        [4, 4, 1, 9],
      ]),
    ).toMatchObject({ exactMatch: 1, f1: 1 });
    expect(
      at(task, 1, [
        [0, 1, 1, 0],
        [4, 4, 2, 0],
      ]),
    ).toMatchObject({ exactMatch: 0, f1: 0 });
    expect(at(task, 1, [[0, 1, 2, 0]], 2)).toEqual({ f1: undefined, exactMatch: undefined, nats: 1 });
    // Before any data was seen, of a number that is none, and of tokens that are none.
    expect(at(make(), 1, [[0, 1, 2, 0]])).toEqual({ f1: undefined, exactMatch: undefined, nats: 1 });
    expect(at(task, 1, [[-2, 99, 2, 0]])).toMatchObject({ exactMatch: 0 });
  });

  it('are none where that scores more than the threshold above the best span, by its least window', async () => {
    const none: readonly Row[] = [['why', 'Ahab sank', []], rows[0]!];
    const [task, slow] = [make(), make({ nullThreshold: 2 })];
    for (const one of [task, slow]) await prepare(one, own(none, true));
    // 3 is the question without an answer, 4 the one with.
    expect(
      at(task, 3, [
        [0, 0, 1, 2],
        [1, 1, 0, 3],
      ]),
    ).toMatchObject({ exactMatch: 1, f1: 1 });
    expect(
      at(task, 3, [
        [0, 0, 1, 1],
        [1, 1, 0, 3],
      ]),
    ).toMatchObject({ exactMatch: 0, f1: 0 });
    expect(at(task, 4, [[0, 1, 1, 2]])).toMatchObject({ exactMatch: 0, f1: 0 });
    expect(at(slow, 4, [[0, 1, 1, 2]])).toMatchObject({ exactMatch: 1, f1: 1 });
    expect(at(slow, 3, [[0, 0, 1, 3.5]])).toMatchObject({ exactMatch: 1 });
  });

  it('of a model that knows them are right', async () => {
    for (const unanswerable of [false, true]) {
      const task = make();
      const { evaluation } = await prepare(
        task,
        own(unanswerable ? [...rows, ['why', 'the rain sank in Ahab', []]] : rows, unanswerable),
      );
      const set = evaluation('test', { batch: 1, context: 8 });
      expect(fold(task, set, set.batches.map(perfect))).toMatchObject({ exactMatch: 1, f1: 1 });
    }
  });
});

describe('floors', () => {
  it('know places alone, and how often a window holds no answer', async () => {
    const task = make();
    const { floors, evaluation } = await prepare(task, own([['who', 'Ahab sank', []]], true));
    const shape = { batch: 4, context: 64 };
    const [uniform, none] = floors!(shape);
    expect([uniform!.name, none!.name]).toEqual(['uniform', 'no answer']);
    const set = evaluation('test', shape);
    const judged = [uniform!, none!].map((floor) =>
      fold(
        task,
        set,
        set.batches.map((batch) => floor.score(batch)),
      ),
    );
    // Two places and none; and none of the two windows to train on is without an answer, with one more of either kind.
    expect(judged[0]!['nats']).toBeCloseTo(Math.log(3), 6);
    expect(judged[1]!['nats']).toBeCloseTo(Math.log(4), 6);
    expect(judged[0]).toMatchObject({ exactMatch: 0 });
    const other = await prepare(make(), own(rows, false));
    expect(other.floors!(shape)[0]!.key).not.toBe(uniform!.key);
  });
});

describe('refusals', () => {
  const refused = (dataset: Dataset | undefined) => expect(prepare(make(), dataset)).rejects;

  it('are for data that are none', async () => {
    await refused(undefined).toMatchObject({ code: 'dataset-missing' });
    await refused({ name: 'text', description: '', split: () => Promise.reject(new Error()) }).toMatchObject({
      code: 'dataset-holds-none',
    });
    await refused(own([])).toMatchObject({ code: 'too-few-examples' });
    await refused(own([['who', 'Ahab', []]])).toMatchObject({ code: 'answer-missing' });
    await refused(own([['who', 'Ahab', []]])).toThrow(/"validation-0" has no answer/);
    await refused(own([['who', 'Ahab', ['Starbuck']]])).toMatchObject({ code: 'answer-misplaced' });
  });

  it('are for what was saved by something else', async () => {
    const task = make();
    const { saved } = await prepare(task, own());
    const tokenizer = () => Promise.resolve(wordTokenizer(WORDS));
    expect(await task.open(saved, { tokenizer })).toMatchObject({
      ...{ head: { kind: 'token-span', outputs: 2 }, inputs: { vocabularySize: WORDS.length } },
    });
    await expect(task.open({ tokenizer: 1 }, { tokenizer })).rejects.toMatchObject({
      code: 'task-state-invalid',
    });
  });
});

it('a tokenizer learns from every context once, and from the questions', async () => {
  const asked: { trainingText?: string } = {};
  const twice = [rows[0]!, rows[0]!, rows[1]!];
  const dataset: Dataset = {
    ...own(),
    questions: () =>
      Promise.resolve({
        questions: twice.map((row, at) => exampleOf(row, `${at}`)),
        ...{ origin: 'official', unanswerable: false },
      }),
  };
  await make().prepare(contextOf(dataset, wordTokenizer(WORDS), asked));
  expect(asked.trainingText).toBe('the Pequod sank in rain\nAhab sank\nwho\nwho\nwhy');
});

const real = findCorpus('squad-v1.1');

it.skipIf(!real)(
  'on the development set of SQuAD a model that knows the answers is right',
  async () => {
    const dataset = createSquad(squadOptionsSchema.parse({ path: real, cut: true }), {
      source: 'squad',
      folder: '/',
    });
    const task = make();
    const { evaluation, facts, shapeFacts } = await task.prepare(
      contextOf(dataset, await createGpt2Tokenizer()),
    );
    const shape = { batch: 32, context: 384 };
    for (const split of ['train', 'test'] as const) {
      const set = evaluation(split, shape);
      const found = fold(task, set, set.batches.map(perfect));
      expect(found['exactMatch']).toBeGreaterThan(0.98);
      expect(found['f1']).toBeGreaterThan(0.98);
    }
    // 107 of the 10,570 answers begin or end within a token.
    const count = (name: string): number =>
      ['training', 'validation', 'test'].reduce((sum, split) => sum + Number(facts[`${split}${name}`]), 0);
    expect([count('Questions'), count('AnswersBetweenTokens')]).toEqual([10_570, 107]);
    expect(shapeFacts?.(shape)).toMatchObject({
      ...{ sequenceLength: 384, windowOverlap: 128, trainingAnswersOutOfReach: 0 },
    });
  },
  120_000,
);
