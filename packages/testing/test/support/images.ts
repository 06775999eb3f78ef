/** Images for datasets and tasks to be checked with: in memory, and as files in the formats of their publishers. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { createRandomStream, type Dataset, type SplitName } from '@ligature/core';

const COUNTS: Readonly<Record<SplitName, number>> = { train: 26, validation: 9, test: 7 };

/** @param changed a split with other pixels */
export const imageDataset = (changed?: SplitName): Dataset => ({
  name: 'small-images',
  description: 'Images of a check, by a rule',
  images: (split) =>
    Promise.resolve({
      pixels: Uint8Array.from(
        { length: COUNTS[split] * 3 * 16 },
        (_, at) => (at * at + split.length * at + (split === changed ? 1 : 0)) % 251,
      ),
      ...{ channels: 3, height: 4, width: 4, classes: ['one', 'two', 'three'] },
      labels: Int32Array.from({ length: COUNTS[split] }, (_, at) => (at * at) % 3),
      origin: 'official',
    }),
});

function noise(length: number, from: number): number[] {
  const stream = createRandomStream(from, 'noise');
  return Array.from({ length }, () => stream.integer(0, 256));
}
const big = (value: number): number[] => [
  value >>> 24,
  (value >>> 16) & 255,
  (value >>> 8) & 255,
  value & 255,
];
const labels = (count: number): number[] => Array.from({ length: count }, (_, at) => at % 10);

const records = (count: number, labelled: number, from: number): Uint8Array =>
  Uint8Array.from(
    labels(count).flatMap((label, at) => [...Array<number>(labelled).fill(label), ...noise(3072, from + at)]),
  );
const names = (count: number): Uint8Array =>
  new TextEncoder().encode(Array.from({ length: count }, (_, at) => `class ${at}`).join('\n'));

/** A square of so many pixels a side, three bytes each: a header, one compressed block, an end, each with its checksum. */
function png(side: number, pixels: readonly number[]): Uint8Array {
  const chunk = (kind: string, content: readonly number[]): number[] => {
    const body = [...Buffer.from(kind, 'latin1'), ...content];
    return [...big(content.length), ...body, ...big(crc32(Uint8Array.from(body)))];
  };
  const rows = Array.from({ length: side }, (_, row) => [
    0,
    ...pixels.slice(3 * side * row, 3 * side * (row + 1)),
  ]);
  return Uint8Array.from([
    ...[137, 80, 78, 71, 13, 10, 26, 10],
    ...chunk('IHDR', [...big(side), ...big(side), 8, 2, 0, 0, 0]),
    ...chunk('IDAT', [...deflateSync(Uint8Array.from(rows.flat()))]),
    ...chunk('IEND', []),
  ]);
}

/** Makes the folders `mnist`, `cifar-10`, `cifar-100` and `pictures` in a folder. */
export function writeImages(folder: string): void {
  const files: Record<string, Uint8Array> = {
    'cifar-10/data_batch_1.bin': records(12, 1, 0),
    'cifar-10/test_batch.bin': records(4, 1, 100),
    'cifar-100/train.bin': records(12, 2, 200),
    'cifar-100/test.bin': records(4, 2, 300),
    'cifar-100/fine_label_names.txt': names(100),
  };
  for (const [prefix, count] of [
    ['train', 20],
    ['t10k', 5],
  ] as const) {
    const images = [0, 0, 8, 3, ...big(count), ...big(4), ...big(4), ...noise(16 * count, count)];
    files[`mnist/${prefix}-images-idx3-ubyte`] = Uint8Array.from(images);
    files[`mnist/${prefix}-labels-idx1-ubyte`] = Uint8Array.from([
      0,
      0,
      8,
      1,
      ...big(count),
      ...labels(count),
    ]);
  }
  for (const [at, name] of ['ant', 'bee'].entries()) {
    for (let image = 0; image < 6; image += 1) {
      files[`pictures/${name}/${image}.png`] = png(5, noise(75, 10 * at + image));
    }
  }
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}
