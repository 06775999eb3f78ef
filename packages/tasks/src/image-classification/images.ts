/** The three splits of a dataset of images, checked against each other, with their digests. */
import { ContractError, contentsOf, InputError } from '@ligature/core';
import type { LabelledImages, Prepared, PrepareContext, SplitName } from '@ligature/core';
import { sha256 } from '../text/digest.js';

export type ImageSplits = Readonly<Record<SplitName, LabelledImages>>;

const SPLITS: readonly SplitName[] = ['train', 'validation', 'test'];

/**
 * @throws InputError (those of contentsOf and of the dataset; `images-not-square`, `classes-too-few`, `images-missing`), or
 *   ContractError (`images-invalid`) for a dataset that contradicts itself
 */
export async function readImages({ dataset, stage }: PrepareContext, task: string): Promise<ImageSplits> {
  const read = contentsOf(dataset, 'images', task);
  const name = dataset?.name ?? '';
  await stage(`Reading the images of "${name}" …`);
  const train = await read('train');
  const splits = { train, validation: await read('validation'), test: await read('test') };
  for (const split of SPLITS) {
    assertImages(splits[split], `the ${split} split of "${name}"`);
    assertSameForm(splits[split], train, `the ${split} split of "${name}"`);
  }
  assertUsable(train, name);
  return splits;
}

/** Pixels as many as sizes say, labels that are classes. */
function assertImages(images: LabelledImages, where: string): void {
  const { pixels, labels, classes, channels, height, width } = images;
  const fail = (found: string): never => {
    throw new ContractError('images-invalid', {
      asked: `Learn from ${where}`,
      found,
      todo: 'Mend the dataset: `pixels` are [images, channels, height, width], each label is in [0, classes.length)',
    });
  };
  if (![channels, height, width].every((size) => Number.isSafeInteger(size) && size > 0))
    fail(`its images have ${channels} channels of ${width} x ${height} pixels`);
  if (!(pixels instanceof Uint8Array) || !(labels instanceof Int32Array))
    fail('its pixels are no Uint8Array, or its labels no Int32Array');
  const wanted = labels.length * channels * height * width;
  if (pixels.length !== wanted) fail(`it has ${pixels.length} numbers where ${wanted} belong`);
  const wrong = labels.find((label) => label < 0 || label >= classes.length);
  if (wrong !== undefined) fail(`it has the label ${wrong}, and ${classes.length} classes`);
  if (labels.length > 0) return;
  throw new InputError('images-missing', {
    asked: `Learn from ${where}`,
    found: 'it has no image',
    todo: 'Use more images, or hold out a larger share of them',
  });
}

function assertSameForm(images: LabelledImages, train: LabelledImages, where: string): void {
  const form = ({ channels, height, width, classes }: LabelledImages): string =>
    JSON.stringify([channels, height, width, classes]);
  if (form(images) === form(train)) return;
  throw new ContractError('images-invalid', {
    asked: `Learn from ${where}`,
    found: 'its images have another size, or its classes are others, than those to train on',
    todo: 'Mend the dataset: all splits are of one size, with one list of classes',
  });
}

function assertUsable({ height, width, classes }: LabelledImages, name: string): void {
  if (height !== width) {
    throw new InputError('images-not-square', {
      asked: `Classify the images of "${name}"`,
      found: `they are ${width} x ${height} pixels, and models read squares`,
      todo: 'Make them square: the dataset `image-folder` does so by its option `size`',
    });
  }
  if (classes.length < 2) {
    throw new InputError('classes-too-few', {
      asked: `Classify the images of "${name}"`,
      found: classes.length === 1 ? `all are of the class "${classes[0]}"` : 'there are no classes',
      todo: 'Use a dataset of two classes or more',
    });
  }
}

/** SHA-256 of each split: of its form, of its pixels and of its labels. */
export async function imageDigests(splits: ImageSplits): Promise<Prepared['digests']> {
  const [train, validation, test] = await Promise.all(SPLITS.map((split) => digestOf(splits[split])));
  return { train: train!, validation: validation!, test: test! };
}

async function digestOf({ pixels, labels, channels, height, width }: LabelledImages): Promise<string> {
  // Of their digests, so that no copy is made to put them into one row.
  const parts = [
    await sha256(pixels),
    await sha256(new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength)),
  ];
  return sha256(new TextEncoder().encode(JSON.stringify([channels, height, width, ...parts])));
}

export const imageFacts = ({ train, validation, test }: ImageSplits): Prepared['facts'] => ({
  trainingImages: train.labels.length,
  validationImages: validation.labels.length,
  testImages: test.labels.length,
  size: train.width,
  channels: train.channels,
  classes: train.classes.length,
  splits: test.origin,
});
