/** The binary version of CIFAR, in files made here, and a part of the real one where that is there. */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findCorpus, temporaryFolder } from '../helpers.js';
import { create, firstBytes, refusal, SPLITS } from './helpers.js';

/** A record whose red bytes begin with the number of the image; green are 100, blue 200. */
const record = (labels: readonly number[], image: number): number[] => [
  ...labels,
  ...[image, ...Array<number>(1023).fill(7)],
  ...Array<number>(1024).fill(100),
  ...Array<number>(1024).fill(200),
];
const batch = (labels: readonly (readonly number[])[], from = 0): Uint8Array =>
  Uint8Array.from(labels.flatMap((one, at) => record(one, from + at)));

const CIFAR_10 = {
  'data_batch_2.bin': batch([[4], [5], [6], [7], [8]], 5),
  'data_batch_1.bin': batch([[0], [9], [1], [2], [3]]),
  'test_batch.bin': batch([[3], [8]]),
};

describe('cifar-10', () => {
  it('joins its batches in the order of their names', async () => {
    const dataset = await create('cifar-10', { path: '.' }, temporaryFolder(CIFAR_10));
    const [train, validation, test] = await Promise.all(SPLITS.map((split) => dataset.images(split)));
    expect(firstBytes(validation!)).toEqual([5]);
    expect(firstBytes(train!)).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9]);
    expect(train!.labels).toEqual(Int32Array.of(0, 9, 1, 2, 3, 5, 6, 7, 8));
    expect(test).toMatchObject({ channels: 3, height: 32, width: 32, origin: 'official' });
    expect(Array.from(test!.pixels.subarray(3072, 3074))).toEqual([1, 7]);
    expect([test!.pixels[1023], test!.pixels[1024], test!.pixels[2048]]).toEqual([7, 100, 200]);
    expect(Array.from(test!.labels, (label) => test!.classes[label])).toEqual(['cat', 'ship']);
  });

  it('is found where its archive puts it, with the names that it brings', async () => {
    const names = Array.from('abcdefghij').join('\n');
    const inside = Object.entries({ ...CIFAR_10, 'batches.meta.txt': `${names}\n\n` });
    const folder = temporaryFolder(
      Object.fromEntries(inside.map(([name, content]) => [`cifar-10-batches-bin/${name}`, content])),
    );
    const { classes, labels } = await (await create('cifar-10', {}, '.', folder)).images('test');
    expect(Array.from(labels, (label) => classes[label])).toEqual(['d', 'i']);
  });

  it.each([
    [
      'bytes that are no records',
      { 'test_batch.bin': new Uint8Array(3074) },
      'dataset-damaged',
      /3074 bytes/,
    ],
    ['an empty file', { 'test_batch.bin': new Uint8Array(0) }, 'dataset-damaged', /0 bytes/],
    [
      'a label that is no class',
      { 'test_batch.bin': batch([[1], [10]]) },
      'dataset-damaged',
      /image 1 has the label 10/,
    ],
    ['a batch twice', { 'test_batch_first9.bin': batch([[1]]) }, 'dataset-files-unclear', /same batch/],
    ['too few names', { 'batches.meta.txt': 'cat\ndog\n' }, 'dataset-damaged', /2 names/],
  ] as const)('refuses %s', async (_, change, code, words) => {
    const dataset = await create('cifar-10', { path: temporaryFolder({ ...CIFAR_10, ...change }) });
    await expect(dataset.images('test')).rejects.toEqual(refusal(code));
    await expect(dataset.images('test')).rejects.toThrow(words);
  });

  it('refuses a folder without its files, one that is none, one image alone and a link that leads out', async () => {
    const of = async (path: string): Promise<unknown> => (await create('cifar-10', { path })).images('train');
    const folder = temporaryFolder({ 'readme.html': 'x' });
    await expect(of(folder)).rejects.toThrow(/no file to train on/);
    await expect(of(join(folder, 'nowhere'))).rejects.toEqual(refusal('dataset-missing'));
    const alone = temporaryFolder({ 'data_batch_1.bin': batch([[1]]) });
    await expect(of(alone)).rejects.toEqual(refusal('dataset-too-short'));
    symlinkSync(join(temporaryFolder(CIFAR_10), 'data_batch_1.bin'), join(folder, 'data_batch_1.bin'));
    await expect(of(folder)).rejects.toEqual(refusal('dataset-link-outside'));
  });

  const corpus = findCorpus('cifar10-subset');
  // Heads and counts of the original files, as the README beside the subset has them.
  it.skipIf(!corpus)('reads the first images of the original', async () => {
    const dataset = await create('cifar-10', { path: corpus, validation: 0.1 });
    const [train, validation, test] = await Promise.all(SPLITS.map((split) => dataset.images(split)));
    expect([train, validation, test].map((one) => one!.labels.length)).toEqual([3600, 400, 1000]);
    expect(Array.from(test!.labels.subarray(0, 10))).toEqual([3, 8, 8, 0, 6, 6, 1, 6, 3, 1]);
    expect(Array.from(test!.pixels.subarray(0, 5))).toEqual([158, 159, 165, 166, 160]);
    // The sixth of each ten validates: 6 9 9 4 1 (1) 2 7 8 3.
    expect(Array.from(train!.labels.subarray(0, 9))).toEqual([6, 9, 9, 4, 1, 2, 7, 8, 3]);
    expect(validation!.labels[0]).toBe(1);
    expect(Array.from(train!.pixels.subarray(0, 6))).toEqual([59, 43, 50, 68, 98, 119]);
    const counts = (labels: Int32Array): number[] =>
      Array.from({ length: 10 }, (_, label) => labels.filter((one) => one === label).length);
    expect(counts(test!.labels)).toEqual([103, 89, 100, 103, 90, 86, 112, 102, 106, 109]);
    const both = counts(train!.labels).map((count, label) => count + counts(validation!.labels)[label]!);
    expect(both).toEqual([396, 366, 420, 384, 422, 393, 414, 385, 407, 413]);
    const mean = test!.pixels.reduce(
      (sums, value, at) => {
        sums[Math.floor(at / 1024) % 3]! += value / 255 / 1024 / 1000;
        return sums;
      },
      [0, 0, 0],
    );
    // NumPy 2.4.6: np.fromfile(…, 'u1').reshape(-1, 3073)[:, 1:].reshape(-1, 3, 1024), / 255, mean over axes 0 and 2.
    [0.49674471, 0.48666422, 0.45102862].forEach((wanted, channel) =>
      expect(mean[channel]).toBeCloseTo(wanted, 7),
    );
  });
});

describe('cifar-100', () => {
  const files = {
    'train.bin': batch([
      [19, 99],
      [0, 1],
      [3, 4],
    ]),
    'test.bin': batch([[5, 6]]),
    'fine_label_names.txt': Array.from({ length: 100 }, (_, at) => `fine ${at}`).join('\n'),
    'coarse_label_names.txt': Array.from({ length: 20 }, (_, at) => `coarse ${at}`).join('\r\n'),
  };

  it.each([
    ['fine', ['fine 6'], [99, 4]],
    ['coarse', ['coarse 5'], [19, 3]],
  ])('has %s labels', async (labels, tested, trained) => {
    const dataset = await create('cifar-100', { path: temporaryFolder(files), labels });
    const test = await dataset.images('test');
    expect(Array.from(test.labels, (label) => test.classes[label])).toEqual(tested);
    expect(test.classes).toHaveLength(labels === 'fine' ? 100 : 20);
    expect(Array.from((await dataset.images('train')).labels)).toEqual(trained);
    expect(firstBytes(await dataset.images('validation'))).toEqual([1]);
  });

  it('needs the names of its classes', async () => {
    const { 'train.bin': train, 'test.bin': test } = files;
    const folder = temporaryFolder({ 'train.bin': train, 'test.bin': test });
    await expect((await create('cifar-100', { path: folder })).images('test')).rejects.toThrow(
      /fine_label_names\.txt/,
    );
  });
});
