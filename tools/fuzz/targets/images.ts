/** Images from files that somebody else has made: IDX, CIFAR's records, folders of pictures. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32, deflateSync, gzipSync } from 'node:zlib';
import { contentsOf, PluginHost, type SplitName } from '@ligature/core';
import { plugin } from '@ligature/datasets';
import * as fc from 'fast-check';
import { damaged, strangers } from '../generate/bytes.js';
import { defineTarget, type Box } from '../target.js';

const host = new PluginHost().register(plugin);

/** Everything that a run would hold, summed up: a task reads each number. */
async function readAll(name: string, options: object, { folder }: Box): Promise<number[]> {
  const dataset = await host.create('datasets', name, { path: '.', ...options }, { source: name, folder });
  const sums: number[] = [];
  for (const split of ['train', 'validation', 'test'] satisfies SplitName[]) {
    const { pixels, labels, classes } = await contentsOf(dataset, 'images', 'fuzz')(split);
    if (labels.some((label) => label < 0 || label >= classes.length)) throw new Error('a label is no class');
    sums.push(pixels.reduce((sum, pixel) => sum + pixel, 0));
  }
  return sums;
}

type Files = Readonly<Record<string, Uint8Array>>;

function fill(folder: string, files: Files): void {
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
}

/** Whole files, of which at most two are damaged or replaced. */
function spoilt(files: Files): fc.Arbitrary<Files> {
  const names = Object.keys(files);
  const change = fc
    .constantFrom(...names)
    .chain((name) =>
      fc.tuple(
        fc.constant(name),
        fc.oneof(
          { weight: 4, arbitrary: damaged(fc.constant(files[name] as Uint8Array)) },
          { weight: 1, arbitrary: strangers },
        ),
      ),
    );
  return fc.array(change, { maxLength: 2 }).map((changes) => ({ ...files, ...Object.fromEntries(changes) }));
}

const bytesOf = (...parts: readonly (readonly number[])[]): Uint8Array => Uint8Array.from(parts.flat());
const big = (value: number): number[] => [
  value >>> 24,
  (value >>> 16) & 255,
  (value >>> 8) & 255,
  value & 255,
];
const counted = (length: number): number[] => Array.from({ length }, (_, at) => at % 10);

const IDX: Files = {
  'train-images-idx3-ubyte': bytesOf([0, 0, 8, 3], big(10), big(2), big(2), counted(40)),
  'train-labels-idx1-ubyte': bytesOf([0, 0, 8, 1], big(10), counted(10)),
  't10k-images-idx3-ubyte': bytesOf([0, 0, 8, 3], big(3), big(2), big(2), counted(12)),
  't10k-labels-idx1-ubyte': bytesOf([0, 0, 8, 1], big(3), counted(3)),
};
const packed = (files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`${name}.gz`, gzipSync(bytes)]));

export const idxFiles = defineTarget({
  name: 'idx-files',
  reads: 'images and labels in IDX format, packed or not',
  input: fc.oneof(spoilt(IDX), spoilt(IDX).map(packed), spoilt(packed(IDX))),
  prepare(files, box) {
    fill(box.folder, files);
    return () => readAll('mnist', {}, box);
  },
});

const record = (labels: number): number[] => [...counted(labels), ...counted(3072)];
const records = (count: number, labels: number): Uint8Array =>
  bytesOf(...Array.from({ length: count }, () => record(labels)));
const lines = (count: number): Uint8Array =>
  new Uint8Array(Buffer.from(Array.from({ length: count }, (_, at) => `class ${at}\n`).join('')));
const CIFAR_10: Files = {
  'data_batch_1.bin': records(3, 1),
  'data_batch_2.bin': records(2, 1),
  'test_batch.bin': records(1, 1),
  'batches.meta.txt': lines(10),
};
const CIFAR_100: Files = {
  'train.bin': records(3, 2),
  'test.bin': records(1, 2),
  'fine_label_names.txt': lines(100),
};

export const cifarFiles = defineTarget({
  name: 'cifar-files',
  reads: 'the binary version of CIFAR',
  input: fc.oneof(
    spoilt(CIFAR_10).map((files) => ['cifar-10', files] as const),
    spoilt(CIFAR_100).map((files) => ['cifar-100', files] as const),
  ),
  prepare([name, files], box) {
    fill(box.folder, files);
    return () => readAll(name, {}, box);
  },
});

/** A chunk of PNG, its checksum right. */
function chunk(kind: string, content: readonly number[]): number[] {
  const body = [...Buffer.from(kind, 'latin1'), ...content];
  return [...big(content.length), ...body, ...big(crc32(Uint8Array.from(body)))];
}

/** A PNG whose header says so many pixels, whatever follows; its checksums are right. */
function png(width: number, height: number, rows = height): Uint8Array {
  const row = [0, ...counted(3 * Math.min(width, 64))];
  const content = deflateSync(bytesOf(...Array.from({ length: Math.min(rows, 64) }, () => row)));
  return bytesOf(
    [137, 80, 78, 71, 13, 10, 26, 10],
    chunk('IHDR', [...big(width), ...big(height), 8, 2, 0, 0, 0]),
    chunk('IDAT', [...content]),
    chunk('IEND', []),
  );
}

const PNG = png(4, 4);
const picture = fc.oneof(
  { weight: 4, arbitrary: fc.constant(PNG) },
  { weight: 4, arbitrary: damaged(fc.constant(PNG)) },
  { weight: 1, arbitrary: strangers },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        ...([
          [5, 4],
          [0, 4],
          [4, 2 ** 31 - 1],
          [2 ** 31 - 1, 2 ** 31 - 1],
          [9000, 9000],
        ] as const),
      )
      .map(([width, height]) => png(width, height)),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><image href="../../outside/secret.txt"/></svg>',
        '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg">&x;</svg>',
      )
      .map((text) => new Uint8Array(Buffer.from(text))),
  },
);
const place = fc.constantFrom(
  ...[
    'a/4.png',
    'b/4.jpg',
    'a/deep/er/5.webp',
    'train/a/1.png',
    'train/b/1.gif',
    'test/a/1.png',
    'val/c/1.png',
  ],
  ...['__proto__/1.png', 'new\nline/1.png', '\u001b[2J/1.png', 'a/.hidden.png', 'a/notes.txt', 'c/1.png'],
);
const LINKS = ['../outside', '../../outside/secret.txt', '..', '.', '/dev/zero', 'nowhere'];

export const imageFolder = defineTarget({
  name: 'image-folder',
  reads: 'a folder of pictures, one folder for each class',
  input: fc.record({
    pictures: fc.array(fc.tuple(place, picture), { maxLength: 5 }),
    // What a first look finds in order, so that the reader gets further than to see that images are missing.
    whole: fc.boolean(),
    link: fc.option(
      fc.tuple(fc.constantFrom('a/link.png', 'link', 'train', 'b/2.png'), fc.constantFrom(...LINKS)),
    ),
    size: fc.constantFrom(null, 4, 16),
    channels: fc.constantFrom(1, 3),
  }),
  prepare({ pictures, whole, link, size, channels }, box) {
    if (whole)
      for (const name of ['a', 'b'])
        for (const at of [1, 2, 3]) fill(box.folder, { [`${name}/${at}.png`]: PNG });
    for (const [name, bytes] of pictures) fill(box.folder, { [name]: bytes });
    try {
      if (link) symlinkSync(link[1], join(box.folder, link[0]));
    } catch {
      // Something of that name is there already, or its folder is not.
    }
    return () => readAll('image-folder', { size, channels }, box);
  },
});
