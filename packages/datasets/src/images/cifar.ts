/** CIFAR-10 and CIFAR-100 from their binary version, as their archives unpack it, or from some of its files. */
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DatasetContext, LabelledImages } from '@ligature/core';
import { z } from 'zod';
import { joined, parseRecords, SIDE, type RecordForm } from './cifar-records.js';
import { imageError } from './errors.js';
import { heldOutSchema } from './held-out.js';
import { MOST_PIXELS, readImageFile } from './image-bytes.js';
import { officialImages, type ImageDataset } from './three-splits.js';

const folderOption = (files: string) =>
  z.string().min(1).optional().describe(`The folder with ${files}; the name given as dataset if left out`);

export const cifar10OptionsSchema = z.strictObject({
  path: folderOption('data_batch_*.bin and test_batch.bin'),
  validation: heldOutSchema,
});

export const cifar100OptionsSchema = z.strictObject({
  path: folderOption('train.bin, test.bin and fine_label_names.txt'),
  validation: heldOutSchema,
  labels: z
    .enum(['fine', 'coarse'])
    .default('fine')
    .describe('Which labels to learn: 100 classes, or their 20 superclasses'),
});

/** Bytes of a file of names. */
const MOST_NAMES = 2 ** 16;

/** As `batches.meta.txt` has them, for folders without it. */
const CIFAR_10 = [
  ...['airplane', 'automobile', 'bird', 'cat', 'deer'],
  ...['dog', 'frog', 'horse', 'ship', 'truck'],
];

interface Kind {
  readonly name: string;
  readonly description: string;
  /** Of the folder in its archive. */
  readonly archive: string;
  readonly form: RecordForm;
  readonly names: { readonly file: string; readonly usual?: readonly string[] };
  /** Which of the files of a folder are a split's. */
  files(split: 'train' | 'test', there: readonly string[]): readonly string[];
  /** For messages. */
  readonly wanted: string;
}

export const createCifar10 = (
  options: z.output<typeof cifar10OptionsSchema>,
  context: DatasetContext,
): ImageDataset =>
  create(
    {
      name: 'cifar-10',
      description: 'CIFAR-10, 60,000 colour images of 32 x 32 in 10 classes (Krizhevsky 2009)',
      archive: 'cifar-10-batches-bin',
      form: { labels: 1, which: 0, classes: 10 },
      names: { file: 'batches.meta.txt', usual: CIFAR_10 },
      files: (split, there) => {
        const pattern = split === 'train' ? /^data_batch.*\.bin$/ : /^test_batch.*\.bin$/;
        return there.filter((name) => pattern.test(name));
      },
      wanted: 'data_batch_1.bin to data_batch_5.bin and test_batch.bin',
    },
    options,
    context,
  );

export const createCifar100 = (
  options: z.output<typeof cifar100OptionsSchema>,
  context: DatasetContext,
): ImageDataset => {
  const isFine = options.labels === 'fine';
  return create(
    {
      name: 'cifar-100',
      description: `CIFAR-100, 60,000 colour images of 32 x 32 in ${isFine ? 100 : 20} classes (Krizhevsky 2009)`,
      archive: 'cifar-100-binary',
      form: { labels: 2, which: isFine ? 1 : 0, classes: isFine ? 100 : 20 },
      names: { file: `${options.labels}_label_names.txt` },
      files: (split, there) => there.filter((name) => name === `${split}.bin`),
      wanted: 'train.bin and test.bin',
    },
    options,
    context,
  );
};

/** @throws InputError on the first split: `dataset-missing`, `dataset-damaged`, `dataset-files-unclear`, `dataset-too-large` */
function create(
  kind: Kind,
  { path, validation }: { readonly path?: string | undefined; readonly validation: number },
  { source, folder }: DatasetContext,
): ImageDataset {
  const { name, description } = kind;
  const where = path ?? source;
  let classes: Promise<readonly string[]> | undefined;
  return officialImages({
    ...{ name, description, where, share: validation },
    load: async (split) => {
      const place = await inArchive(resolve(folder, where), kind);
      classes ??= readClasses(place, kind);
      return load(place, split, kind, await classes);
    },
  });
}

interface Place {
  readonly folder: string;
  /** Names in it, by code units: the same order on every machine. */
  readonly names: readonly string[];
}

/** The folder, or the one inside of it that the archive makes. @throws InputError (`dataset-missing`) */
async function inArchive(folder: string, { archive, wanted }: Kind): Promise<Place> {
  const list = (path: string): Promise<string[]> => readdir(path).then((names) => names.sort());
  const names = await list(folder).catch((error: unknown) =>
    imageError(
      'dataset-missing',
      folder,
      'the folder cannot be read',
      `Give the folder with ${wanted}`,
      error,
    ),
  );
  if (!names.includes(archive)) return { folder, names };
  const inside = join(folder, archive);
  return list(inside).then(
    (own) => ({ folder: inside, names: own }),
    () => ({ folder, names }),
  );
}

async function load(
  { folder, names }: Place,
  split: 'train' | 'test',
  kind: Kind,
  classes: readonly string[],
): Promise<LabelledImages> {
  const files = kind.files(split, names);
  if (files.length === 0)
    imageError(
      'dataset-missing',
      folder,
      `it has no file ${split === 'train' ? 'to train on' : 'to test'}`,
      `Put there ${kind.wanted}, of the binary version`,
    );
  assertDifferent(folder, files);
  const parts = [];
  let size = 0;
  for (const file of files) {
    const part = parseRecords(await readImageFile(folder, file), kind.form, join(folder, file));
    size += part.pixels.length;
    if (size > MOST_PIXELS)
      imageError(
        'dataset-too-large',
        folder,
        `it has more than ${MOST_PIXELS} bytes of pixels`,
        'Use some of its files',
      );
    parts.push(part);
  }
  return { ...joined(parts), channels: 3, height: SIDE, width: SIDE, classes, origin: 'official' };
}

/** A batch and a part of the same batch would be the same images twice. */
function assertDifferent(folder: string, files: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const file of files) {
    const batch = /^[a-z]+_batch(?:_?\d+)?/.exec(file)?.[0] ?? file;
    const other = seen.get(batch);
    if (other !== undefined)
      imageError(
        'dataset-files-unclear',
        folder,
        `${other} and ${file} are of the same batch, with the same images`,
        'Remove one of them from the folder',
      );
    seen.set(batch, file);
  }
}

/** Names of the classes, one a line. */
async function readClasses(
  { folder, names }: Place,
  { names: { file, usual }, form }: Kind,
): Promise<readonly string[]> {
  if (!names.includes(file) && usual) return usual;
  const path = join(folder, file);
  const bytes = await readImageFile(folder, file, MOST_NAMES);
  // What is no UTF-8 becomes U+FFFD: it is shown, and no more.
  const lines = new TextDecoder()
    .decode(bytes)
    .split('\n')
    .map((line) => line.trim());
  const found = lines.filter((line) => line !== '');
  if (found.length === form.classes) return found;
  return imageError(
    'dataset-damaged',
    path,
    `it has ${found.length} names, and there are ${form.classes} classes`,
    'Get the file again: it must have the name of a class on each line',
  );
}
