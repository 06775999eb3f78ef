/** What the task makes of labelled texts: sequences, lengths, labels, digests, and what it refuses. */
import '@tensorflow/tfjs-backend-cpu';
import { createRandomStream, type Batch, type Field, type SplitName } from '@ligature/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sequenceClassificationOptionsSchema } from '../../src/sequence-classification/options.js';
import { createSequenceClassification } from '../../src/sequence-classification/task.js';
import { longestFirst } from '../../src/sequence-classification/sequences.js';
import { letterTokenizer } from '../text/helpers.js';
import { contextOf, labelledDataset, type Asked } from './helpers.js';

const make = (options: object = {}) =>
  createSequenceClassification(sequenceClassificationOptionsSchema.parse(options));
const rowsOf = ({ fields }: Batch, name: string): number[][] => {
  const { data, shape } = fields[name] as Field;
  const width = shape[1] ?? 1;
  return Array.from({ length: shape[0] as number }, (_, row) => [
    ...data.slice(row * width, (row + 1) * width),
  ]);
};

const classes = ['no', 'yes'];
const small = labelledDataset(
  {
    train: [
      [['ab', 'c'], 'yes'],
      [['d'], 'no'],
      [['', 'abcd'], 'no'],
    ],
    test: [[['abcdabcd'], 'yes']],
  },
  { classes },
);

/** Of letters: 6 opens, 7 separates, both behind the vocabulary. */
describe('sequences', () => {
  it('are opened, separated and padded at the end, with types of segments', async () => {
    const prepared = await make().prepare(contextOf(small));
    expect(prepared.inputs).toEqual({ vocabularySize: 8 });
    const shape = { batch: 3, context: 64 };
    const [batch] = prepared.evaluation('train', shape).batches as [Batch];
    // The longest is that of test: 1 + 8 + 1.
    expect(rowsOf(batch, 'inputs')).toEqual([
      [6, 0, 1, 7, 2, 7, 0, 0, 0, 0],
      [6, 3, 7, 0, 0, 0, 0, 0, 0, 0],
      [6, 7, 0, 1, 2, 3, 7, 0, 0, 0],
    ]);
    expect(rowsOf(batch, 'attention_mask')).toEqual([
      [1, 1, 1, 1, 1, 1, 0, 0, 0, 0],
      [1, 1, 1, 0, 0, 0, 0, 0, 0, 0],
      [1, 1, 1, 1, 1, 1, 1, 0, 0, 0],
    ]);
    expect(rowsOf(batch, 'token_type_ids')).toEqual([
      [0, 0, 0, 0, 1, 1, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      [0, 0, 1, 1, 1, 1, 1, 0, 0, 0],
    ]);
    expect(batch.fields['labels']).toEqual({ shape: [3], dtype: 'int32', data: Int32Array.of(1, 0, 0) });
    expect(batch.weight).toBe(3);
    const source = prepared.batches({ batch: 2, context: undefined }, createRandomStream(1, 'data-order'));
    expect(source.shape).toEqual({
      ...{ inputs: [2, 10], attention_mask: [2, 10], token_type_ids: [2, 10], labels: [2] },
    });
    expect(source.next().fields['inputs']?.shape).toEqual([2, 10]);
  });

  it('use the tokens of the vocabulary where it has them', async () => {
    const tokenizer = letterTokenizer('abcd', { bosId: 4, eosId: 5 });
    const prepared = await make().prepare(contextOf(small, { tokenizer }));
    expect(prepared.inputs).toEqual({ vocabularySize: 6 });
    expect(prepared.saved).toMatchObject({ classes, opening: 4, separator: 5 });
    const [first] = prepared.evaluation('train', { batch: 1, context: 64 }).batches as [Batch];
    expect(rowsOf(first, 'inputs')[0]?.slice(0, 6)).toEqual([4, 0, 1, 5, 2, 5]);
    const one = letterTokenizer('abcd', { eosId: 5 });
    expect((await make().prepare(contextOf(small, { tokenizer: one }))).saved).toMatchObject({
      ...{ opening: 6, separator: 5 },
    });
  });

  it('are cut to the shortest of model, option and data, the longer text first', async () => {
    const prepared = await make({ context: 7 }).prepare(contextOf(small));
    const length = (context: number | undefined): unknown =>
      prepared.evaluation('test', { batch: 1, context }).batches[0]?.fields['inputs']?.shape[1];
    expect([length(undefined), length(64), length(5)]).toEqual([7, 7, 5]);
    expect(prepared.shapeFacts?.({ batch: 1, context: 64 })).toEqual({
      ...{ sequenceLength: 7, trainingExamplesCut: 0, validationExamplesCut: 0, testExamplesCut: 1 },
    });
    expect(prepared.shapeFacts?.({ batch: 1, context: 6 })).toMatchObject({
      trainingExamplesCut: 1,
      testExamplesCut: 1,
    });
    const cut = prepared.evaluation('train', { batch: 3, context: 6 }).batches[0] as Batch;
    expect(rowsOf(cut, 'inputs')[2]).toEqual([6, 7, 0, 1, 2, 7]);
    expect(() => prepared.evaluation('test', { batch: 1, context: 4 })).toThrow(
      expect.objectContaining({ code: 'context-too-short' }),
    );
  });

  it('lose tokens as a loop would take them, one after the other', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(40), fc.nat(60), (first, second, room) => {
        let [a, b] = [first, second];
        while (a + b > room) {
          if (a > b) a -= 1;
          else b -= 1;
        }
        expect(longestFirst(first, second, room)).toEqual([a, b]);
      }),
    );
  });
});

describe('what it says of the data', () => {
  it('is counts of examples and classes, and the text that a tokenizer learns from', async () => {
    const asked: Asked = {};
    const { facts, head } = await make().prepare(contextOf(small, { asked }));
    expect(asked.trainingText).toBe('ab\nc\nd\n\nabcd');
    expect(head).toEqual({ kind: 'sequence-classification', outputs: 2 });
    expect(facts).toEqual({
      ...{ vocabularySize: 6, trainingExamples: 3, validationExamples: 3, testExamples: 1 },
      ...{ classes: 2, trainingClasses: 'no 2, yes 1', validationClasses: 'no 2, yes 1' },
      ...{ testClasses: 'no 0, yes 1', longestSequence: 10, splits: 'official' },
    });
  });

  it('digests what the model sees: texts, labels, and whether there is a second text', async () => {
    const digests = async (rows: Parameters<typeof labelledDataset>[0]) =>
      (await make().prepare(contextOf(labelledDataset(rows, { classes })))).digests;
    const train = [[['ab'], 'yes']] as const;
    const first = await digests({ train });
    for (const changed of [
      [['ab'], 'no'],
      [['ab', ''], 'yes'],
      [['a', 'b'], 'yes'],
      [['ba'], 'yes'],
    ] as const) {
      const other = await digests({ train, test: [changed] });
      expect(other.train).toBe(first.train);
      expect(other.test).not.toBe(first.test);
    }
  });

  it('is opened again without data', async () => {
    const prepared = await make().prepare(contextOf(small));
    const tokenizer = () => Promise.resolve(letterTokenizer('abcd'));
    const opened = await make().open(prepared.saved, { tokenizer });
    expect({ head: opened.head, inputs: opened.inputs }).toEqual({
      ...{ head: prepared.head, inputs: prepared.inputs },
    });
    for (const [options, saved] of [
      [{ regression: true }, prepared.saved],
      [{}, { tokenizer: 1 }],
      [{}, null],
    ] as const)
      await expect(make(options).open(saved, { tokenizer })).rejects.toMatchObject({
        code: 'task-state-invalid',
      });
  });
});

describe('refusals', () => {
  const numbers = labelledDataset({
    train: [
      [['ab'], 1.5],
      [['c'], 4],
    ],
  });
  const prepare = (dataset: typeof small, options: object = {}) => make(options).prepare(contextOf(dataset));

  it('say how to learn the other kind of labels', async () => {
    await expect(prepare(numbers)).rejects.toMatchObject({ code: 'labels-of-other-kind' });
    await expect(prepare(numbers)).rejects.toThrow(/labels are numbers.*--set task\.regression=true/);
    await expect(prepare(small, { regression: true })).rejects.toThrow(
      /labels are classes: no, yes.*Leave `--set task\.regression=true` out/,
    );
  });

  it('name a label that is none of the classes, its example and the classes', async () => {
    const wrong = labelledDataset(
      {
        train: [[['a'], 'no']],
        validation: [
          [['a'], 'no'],
          [['b'], 'maybe'],
        ],
      },
      { classes },
    );
    await expect(prepare(wrong)).rejects.toMatchObject({ code: 'label-out-of-range' });
    await expect(prepare(wrong)).rejects.toThrow(
      /example 2 of the validation split.*"maybe".*classes are no, yes/,
    );
    await expect(prepare(labelledDataset({ train: [[['a'], 1]] }, { classes }))).rejects.toThrow(
      /label is 1;/,
    );
    for (const label of [Number.NaN, Infinity, 1e39, 'x'])
      await expect(
        prepare(labelledDataset({ train: [[['a'], label]] }), { regression: true }),
      ).rejects.toMatchObject({ code: 'label-out-of-range' });
  });

  it('ask for a metric where the publisher judges by another one', async () => {
    const by = (...metrics: string[]) => labelledDataset({ train: [[['a'], 'no']] }, { classes, metrics });
    await expect(prepare(by('matthews'))).rejects.toMatchObject({ code: 'metric-differs' });
    await expect(prepare(by('matthews'))).rejects.toThrow(/task\.metric=matthews/);
    await expect(prepare(by('rouge'))).rejects.toThrow(/does not have.*task\.metric=f1/);
    for (const [dataset, options] of [
      [by('accuracy', 'f1'), {}],
      [by(), {}],
      [by('matthews'), { metric: 'matthews' }],
      [by('matthews'), { metric: 'accuracy' }],
    ] as const)
      expect((await prepare(dataset, options)).head.outputs).toBe(2);
  });

  it('are for splits without examples or with other classes, and for more rows than there are', async () => {
    const empty = labelledDataset({ train: [[['a'], 'no']], test: [] }, { classes });
    await expect(prepare(empty)).rejects.toMatchObject({ code: 'too-few-examples' });
    const other = {
      ...small,
      labelledTexts: async (split: SplitName) => ({
        ...{ examples: [{ texts: ['a'] as const, label: 'no' }], origin: 'official' as const },
        classes: split === 'test' ? ['no'] : classes,
      }),
    };
    await expect(prepare(other)).rejects.toMatchObject({ code: 'classes-differ' });
    const prepared = await prepare(small);
    expect(() => prepared.batches({ batch: 4, context: 9 }, createRandomStream(1, 'x'))).toThrow(
      expect.objectContaining({ code: 'too-few-examples' }),
    );
    await expect(make().prepare(contextOf(undefined))).rejects.toMatchObject({ code: 'dataset-missing' });
  });

  it('are for a metric of the other kind', () => {
    expect(sequenceClassificationOptionsSchema.safeParse({ metric: 'pearson' }).success).toBe(false);
    expect(
      sequenceClassificationOptionsSchema.safeParse({ metric: 'accuracy', regression: true }).success,
    ).toBe(false);
  });
});
