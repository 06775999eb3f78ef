/** The task that classifies images: what it asks of a model, batches that resume, evaluations as they are, its floor. */
import '@tensorflow/tfjs-backend-cpu';
import {
  createRandomStream,
  type Batch,
  type Field,
  type LabelledImages,
  type SplitName,
} from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { createImageClassification, imageClassificationOptionsSchema, plugin } from '../../src/index.js';
import { contextOf, smallDataset, smallImages } from './small-images.js';

const task = (options: object = {}) =>
  createImageClassification(imageClassificationOptionsSchema.parse(options));
const prepare = (options: object = {}, dataset = smallDataset()) => task(options).prepare(contextOf(dataset));
const shape = { batch: 4, context: undefined };
const field = ({ fields }: Batch, name: string): Field => fields[name] as Field;

describe('what it prepares', () => {
  it('is the size of the images and a head for their classes', async () => {
    const prepared = await prepare();
    expect(prepared.inputs).toEqual({ imageSize: 4, channels: 2 });
    expect(prepared.head).toEqual({ kind: 'image-classification', outputs: 3 });
    expect(prepared.facts).toEqual({
      ...{ trainingImages: 22, validationImages: 7, testImages: 5 },
      ...{ size: 4, channels: 2, classes: 3, splits: 'official' },
    });
    expect(prepared.saved).toMatchObject({ classes: ['a', 'b', 'c'], size: 4, channels: 2 });
    expect(new Set(Object.values(prepared.digests)).size).toBe(3);
  });

  it('is opened again without data, and normalised as the run began', async () => {
    const prepared = await prepare({ mean: [0.1, 0.2] });
    const none = { tokenizer: () => Promise.reject(new Error('not asked')) };
    expect(await task().open(prepared.saved, none)).toEqual({
      ...{ head: prepared.head, inputs: prepared.inputs, saved: prepared.saved },
    });
    const again = await task().prepare({ ...contextOf(), saved: prepared.saved });
    expect(again.saved).toEqual(prepared.saved);
    const first = (one: typeof prepared): unknown => one.evaluation('test', shape).batches[0];
    expect(first(again)).toEqual(first(prepared));
    const saved = prepared.saved as Record<string, never>;
    for (const wrong of [{}, { ...saved, mean: [1] }, { ...saved, classes: ['a'] }, { ...saved, more: 1 }])
      await expect(task().open(wrong, none)).rejects.toMatchObject({ code: 'task-state-invalid' });
  });

  const changed =
    (change: object, only?: SplitName) =>
    (images: LabelledImages, split: SplitName): LabelledImages =>
      only === undefined || split === only ? { ...images, ...change } : images;

  it.each([
    ['images-not-square', changed({ height: 2, width: 8 })],
    ['images-invalid', changed({ classes: ['a', 'b'] })],
    ['images-invalid', changed({ pixels: new Uint8Array(3) }, 'test')],
    ['images-invalid', changed({ classes: ['a', 'b', 'd'] }, 'validation')],
    ['images-missing', changed({ labels: new Int32Array(0), pixels: new Uint8Array(0) }, 'validation')],
  ])('refuses images with %s', async (code, change) => {
    await expect(prepare({}, smallDataset(change))).rejects.toMatchObject({ code });
  });

  it('refuses one class, a crop of nothing, other images than before, and no dataset', async () => {
    const alone = smallDataset((images) => ({
      ...images,
      ...{ classes: ['a'], labels: new Int32Array(images.labels.length) },
    }));
    await expect(prepare({}, alone)).rejects.toMatchObject({ code: 'classes-too-few' });
    await expect(prepare({ crop: 4 })).rejects.toMatchObject({ code: 'crop-too-large' });
    const { saved } = await prepare();
    const renamed = smallDataset((images) => ({ ...images, classes: ['a', 'b', 'z'] }));
    await expect(task().prepare({ ...contextOf(renamed), saved })).rejects.toMatchObject({
      code: 'images-changed',
    });
    await expect(task().prepare({ ...contextOf(), dataset: undefined })).rejects.toMatchObject({
      code: 'dataset-missing',
    });
  });
});

describe('batches', () => {
  it('have every image once in an epoch, with its own label and pixels', async () => {
    const prepared = await prepare({ mean: [0, 0], standardDeviation: [1, 1] });
    const source = prepared.batches({ batch: 11, context: undefined }, createRandomStream(1, 'data-order'));
    expect(source.shape).toEqual({ pixel_values: [11, 2, 4, 4], labels: [11] });
    const all = smallImages(22, 'train'.length);
    const seen = [source.next(), source.next()].flatMap((batch) =>
      Array.from({ length: 11 }, (_, row) => {
        const pixels = Array.from(field(batch, 'pixel_values').data.slice(32 * row, 32 * row + 32), (value) =>
          Math.round(255 * value),
        );
        return [field(batch, 'labels').data[row], pixels].join();
      }),
    );
    const wanted = Array.from({ length: 22 }, (_, image) =>
      [all.labels[image], Array.from(all.pixels.subarray(32 * image, 32 * image + 32))].join(),
    );
    expect([...seen].sort()).toEqual([...wanted].sort());
  });

  it('are seen anew every time, and go on after a restart as if there had been none', async () => {
    const prepared = await prepare({ crop: 2, flip: true });
    const source = prepared.batches(shape, createRandomStream(7, 'data-order'));
    const firsts = Array.from({ length: 12 }, () => source.next());
    const plain = (await prepare()).batches(shape, createRandomStream(7, 'data-order')).next();
    expect(field(firsts[0]!, 'labels')).toEqual(field(plain, 'labels'));
    expect(field(firsts[0]!, 'pixel_values')).not.toEqual(field(plain, 'pixel_values'));
    const saved = structuredClone(source.snapshot());
    const wanted = Array.from({ length: 15 }, () => source.next());
    const other = prepared.batches(shape, createRandomStream(99, 'data-order'));
    other.restore(saved);
    expect(Array.from({ length: 15 }, () => other.next())).toEqual(wanted);
  });

  it('of an evaluation are the images as they are, the same whenever they are asked for', async () => {
    const prepared = await prepare({ crop: 2, flip: true, mean: [0, 0], standardDeviation: [1, 1] });
    const whole = prepared.evaluation('validation', shape);
    expect(whole.scope).toEqual({ split: 'validation', weight: 7 });
    expect(whole.batches.map((batch) => field(batch, 'pixel_values').shape)).toEqual([
      [4, 2, 4, 4],
      [3, 2, 4, 4],
    ]);
    const values = whole.batches.flatMap((batch) => Array.from(field(batch, 'pixel_values').data));
    expect(values).toEqual(
      Array.from(smallImages(7, 'validation'.length).pixels, (value) => Math.fround(value / 255)),
    );
    // Floats are made when they are asked for, and not kept.
    const [first] = whole.batches as [Batch];
    expect(field(first, 'pixel_values').data).not.toBe(field(first, 'pixel_values').data);
    const [second] = prepared.evaluation('validation', { ...shape, places: [1] }).batches;
    expect(second).toEqual(whole.batches[1]);
    expect(prepared.evaluation('validation', { ...shape, maxBatches: 1 }).batches).toHaveLength(1);
  });

  it('need as many images as a batch has', async () => {
    const prepared = await prepare();
    expect(() => prepared.batches({ batch: 23, context: undefined }, createRandomStream(1, 'x'))).toThrow(
      /23 images.*22 to train on/,
    );
  });
});

describe('loss and scores', () => {
  it('are of one label for each image', async () => {
    await tf.setBackend('cpu');
    tf.tidy(() => {
      const projection = {
        features: tf.tensor2d([1, 0, 0, 1], [2, 2]),
        weight: tf.tensor2d([2, 0, 0, 1, 0, 0], [3, 2]),
        bias: tf.tensor1d([0, 0.5, 0]),
      };
      const batch = { labels: tf.tensor1d([0, 2], 'int32') };
      // Logits 2, 0.5, 0 and 0, 1.5, 0.
      const nats = [Math.log(Math.exp(2) + Math.exp(0.5) + 1) - 2, Math.log(2 + Math.exp(1.5))] as const;
      expect(task().loss(projection, batch).dataSync()[0]).toBeCloseTo((nats[0] + nats[1]) / 2, 6);
      const scores = [...task().score(projection, batch).dataSync()];
      expect(scores[0]).toBeCloseTo(nats[0], 6);
      expect(scores[1]).toBeCloseTo(nats[1], 6);
      expect(scores.slice(2)).toEqual([1, 0]);
    });
  });

  it('have the majority class as their floor', async () => {
    const prepared = await prepare();
    const [floor, ...others] = prepared.floors!(shape);
    expect([floor?.name, others]).toEqual(['majority class', []]);
    const [batch] = prepared.evaluation('validation', shape).batches as [Batch];
    const { weight, columns } = floor!.score(batch);
    expect(weight).toBe(4);
    // Labels 0, 1, 1, 2; of 22 images 6, 11 and 5, one added to each.
    const wanted = [7, 12, 12, 6].map((count) => -Math.log(count / 25));
    wanted.forEach((nats, at) => expect(columns['nats']![at]).toBeCloseTo(nats, 6));
    expect([...columns['correct']!]).toEqual([0, 1, 1, 0]);
  });

  it('are chosen by accuracy', () => {
    expect(task().metrics.map(({ name, better }) => [name, better])).toEqual([
      ['accuracy', 'higher'],
      ['nats', 'lower'],
    ]);
  });
});

it('is there by its name, with the data that a first run takes', () => {
  expect(plugin.tasks?.['image-classification']?.meta.data).toEqual({ dataset: 'mnist' });
  for (const wrong of [{ crop: -1 }, { mean: [] }, { standardDeviation: [0] }, { flips: true }])
    expect(imageClassificationOptionsSchema.safeParse(wrong).success).toBe(false);
});
