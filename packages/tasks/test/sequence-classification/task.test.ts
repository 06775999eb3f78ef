/** Loss, scores, metrics and floors, against numbers worked out by hand. */
import '@tensorflow/tfjs-backend-cpu';
import type { Batch, BatchScores, Field, Projection, Task } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { sequenceClassificationOptionsSchema } from '../../src/sequence-classification/options.js';
import { createSequenceClassification } from '../../src/sequence-classification/task.js';
import { contextOf, labelledDataset } from './helpers.js';

const make = (options: object = {}): Task =>
  createSequenceClassification(sequenceClassificationOptionsSchema.parse(options));

/** What a task says of rows of outputs, with the identity as the weight. */
function judge(task: Task, outputs: number[][], labels: Int32Array | Float32Array) {
  const classes = outputs[0]?.length ?? 1;
  return tf.tidy(() => {
    const projection: Projection = {
      features: tf.tensor2d(outputs),
      weight: tf.eye(classes),
    };
    const batch = { labels: tf.tensor1d(labels, labels instanceof Int32Array ? 'int32' : 'float32') };
    const rows = task.score(projection, batch).arraySync();
    return { loss: task.loss(projection, batch).arraySync(), rows };
  });
}

describe('scores', () => {
  it('of classes are nats, whether it was right, what was said and what was so', () => {
    const { loss, rows } = judge(
      make(),
      [
        [0, Math.log(3)],
        [Math.log(3), 0],
        [1, 1],
      ],
      Int32Array.of(1, 1, 0),
    );
    const nats = [Math.log(4 / 3), Math.log(4), Math.log(2)];
    nats.forEach((value, at) => expect(rows[0]?.[at]).toBeCloseTo(value, 6));
    expect(rows.slice(1)).toEqual([
      [1, 0, 1],
      [1, 0, 0],
      [1, 1, 0],
    ]);
    expect(loss).toBeCloseTo((nats[0]! + nats[1]! + nats[2]!) / 3, 6);
  });

  it('of numbers are the squared error, what was said and what was so', () => {
    const { loss, rows } = judge(make({ regression: true }), [[1.5], [-2]], Float32Array.of(2, 1));
    expect(rows).toEqual([
      [0.25, 9],
      [1.5, -2],
      [2, 1],
    ]);
    expect(loss).toBe(4.625);
  });
});

describe('metrics', () => {
  it('are all of their kind, the chosen one first', () => {
    const names = (options: object) => make(options).metrics.map(({ name }) => name);
    expect(names({})).toEqual(['accuracy', 'f1', 'matthews', 'nats']);
    expect(names({ metric: 'matthews' })).toEqual(['matthews', 'accuracy', 'f1', 'nats']);
    expect(names({ metric: 'nats' })[0]).toBe('nats');
    expect(names({ regression: true })).toEqual(['pearson', 'spearman', 'meanSquaredError']);
    expect(names({ regression: true, metric: 'spearman' })[0]).toBe('spearman');
  });

  it('take the number of classes from the data: F1 of three classes is macro also where the third is not met', async () => {
    const scores: BatchScores = {
      weight: 4,
      columns: { predicted: Float32Array.of(0, 0, 1, 1), label: Float32Array.of(0, 1, 1, 1) },
    };
    const f1Of = async (classes: readonly string[]) => {
      const task = make({ metric: 'f1' });
      await task.prepare(contextOf(labelledDataset({ train: [[['a'], 'x']] }, { classes })));
      const fold = task.metrics[0]!.fold();
      fold.add(scores);
      return fold.finish({ split: 'test', weight: 4 });
    };
    // scikit-learn: f1_score([0,1,1,1], [0,0,1,1]) = 0.8; average="macro": (2/3 + 0.8) / 2
    expect(await f1Of(['x', 'y'])).toBeCloseTo(0.8, 12);
    expect(await f1Of(['x', 'y', 'z'])).toBeCloseTo((2 / 3 + 0.8) / 2, 12);
  });
});

describe('floors', () => {
  const floorOf = async (options: object, dataset: ReturnType<typeof labelledDataset>) => {
    const prepared = await make(options).prepare(contextOf(dataset));
    const shape = { batch: 8, context: 8 };
    const [floor] = prepared.floors?.(shape) ?? [];
    const [batch] = prepared.evaluation('test', shape).batches as [Batch];
    return { floor, ...(floor!.score(batch) satisfies BatchScores), batch };
  };

  it('are the majority class, in nats by the share of each class', async () => {
    const classes = ['x', 'y', 'z'];
    const train = [
      [['a'], 'y'],
      [['b'], 'x'],
      [['c'], 'y'],
    ] as const;
    const test = [
      [['a'], 'y'],
      [['a'], 'x'],
      [['a'], 'z'],
    ] as const;
    const { floor, columns } = await floorOf({}, labelledDataset({ train, test }, { classes }));
    expect(floor).toMatchObject({
      name: 'majority class',
      description: 'how often each class occurs in the 3 examples to train on',
    });
    // z never occurs in training and is counted once.
    [2 / 4, 1 / 4, 1 / 4].forEach((share, at) =>
      expect(columns['nats']?.[at]).toBeCloseTo(-Math.log(share), 6),
    );
    expect([...columns['correct']!]).toEqual([1, 0, 0]);
    expect([...columns['predicted']!]).toEqual([1, 1, 1]);
    expect([...columns['label']!]).toEqual([1, 0, 2]);
  });

  it('are the mean of the numbers', async () => {
    const train = [
      [['a'], 1],
      [['b'], 4],
    ] as const;
    const { floor, columns, batch } = await floorOf(
      { regression: true },
      labelledDataset({ train, test: [[['a'], 2]] }),
    );
    expect(floor?.name).toBe('mean');
    expect(columns).toEqual({
      'squared error': Float32Array.of(0.25),
      predicted: Float32Array.of(2.5),
      label: Float32Array.of(2),
    });
    expect((batch.fields['labels'] as Field).dtype).toBe('float32');
  });
});
