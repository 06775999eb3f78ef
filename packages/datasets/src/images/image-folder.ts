/** A folder of images, one folder for each class, as torchvision's ImageFolder reads it. */
import { resolve } from 'node:path';
import type { DatasetContext, LabelledImages } from '@ligature/core';
import { z } from 'zod';
import { decodeImage, type Decoded, type DecodeOptions } from './decode.js';
import { imageError, wordsOf } from './errors.js';
import { splitFolder, type FolderSplit, type FolderSplits } from './folder-splits.js';
import { heldOutSchema } from './held-out.js';
import { MOST_PIXELS, readImageFile } from './image-bytes.js';
import { loadSharp } from './sharp.js';
import type { ImageDataset } from './three-splits.js';

export const imageFolderOptionsSchema = z.strictObject({
  path: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The folder with train/<class>/…, validation/<class>/… and test/<class>/…, or with <class>/… alone; the name given as dataset if left out',
    ),
  size: z
    .int()
    .min(1)
    .max(4096)
    .nullable()
    .default(null)
    .describe(
      'Pixels of a side that all images are made to, cut at their longer side; null: all have one size',
    ),
  channels: z
    .union([z.literal(1), z.literal(3)])
    .default(3)
    .describe('1: grey; 3: red, green, blue'),
  validation: heldOutSchema.describe(
    'Share of each class that is held out for validation where that has no folder',
  ),
  test: heldOutSchema.describe('Share of each class that is held out for testing where that has no folder'),
});

export type ImageFolderOptions = z.output<typeof imageFolderOptionsSchema>;

/** Of a file, as it is. */
const MOST_FILE = 64 * 2 ** 20;

/** @throws InputError on a split: those of splitFolder, `image-damaged`, `image-sizes-differ`, `dataset-package-missing` */
export function createImageFolder(
  options: ImageFolderOptions,
  { source, folder }: DatasetContext,
): ImageDataset {
  const where = options.path ?? source;
  const root = resolve(folder, where);
  let found: Promise<FolderSplits> | undefined;
  // All splits have one size: that of the first image to train on.
  let first: Promise<Decoded> | undefined;
  return {
    name: 'image-folder',
    description: `Images in a folder for each class: ${where}`,
    async images(split) {
      const { classes, splits } = await (found ??= splitFolder(root, options));
      const [example] = splits.train.images;
      const path = example?.path as string;
      const decode = await decoderOf(root, options);
      const { height, width } = await (first ??= decode(path));
      return readSplit({
        root,
        decode,
        split: splits[split],
        options,
        classes,
        like: { path, height, width },
      });
    },
  };
}

type Decode = (path: string) => Promise<Decoded>;

async function decoderOf(root: string, options: DecodeOptions): Promise<Decode> {
  const sharp = await loadSharp();
  return async (path) =>
    decodeImage(sharp, await readImageFile(root, path, MOST_FILE), options, `${root}/${path}`);
}

interface Reading {
  readonly root: string;
  readonly decode: Decode;
  readonly split: FolderSplit;
  readonly options: ImageFolderOptions;
  readonly classes: readonly string[];
  /** What all images are as large as. */
  readonly like: { readonly path: string; readonly height: number; readonly width: number };
}

/** One image after another: only their pixels of the wanted size stay. */
async function readSplit({ root, decode, split, options, classes, like }: Reading): Promise<LabelledImages> {
  const { images, origin } = split;
  const { channels } = options;
  const { height, width } = like;
  const size = channels * height * width;
  if (size * images.length > MOST_PIXELS)
    imageError(
      'dataset-too-large',
      root,
      `${wordsOf(images.length, 'image')} of ${width} x ${height} are more than ${MOST_PIXELS} bytes of pixels`,
      'Use fewer images, or give a smaller `size`',
    );
  const pixels = new Uint8Array(size * images.length);
  for (const [at, { path }] of images.entries()) {
    const decoded = await decode(path);
    if (decoded.height !== height || decoded.width !== width)
      imageError(
        'image-sizes-differ',
        root,
        `${like.path} has ${width} x ${height} pixels, and ${path} has ${decoded.width} x ${decoded.height}`,
        'Make them of one size: --set dataset.size=32, for instance, makes all squares of 32 x 32',
      );
    pixels.set(decoded.planes, at * size);
  }
  return {
    ...{ pixels, channels, height, width, classes, origin },
    labels: Int32Array.from(images, ({ label }) => label),
  };
}
