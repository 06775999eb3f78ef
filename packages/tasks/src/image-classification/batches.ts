/** Batches of images: shuffled and augmented for training, in order and as they are for evaluations. */
import { InputError } from '@ligature/core';
import type {
  Batch,
  BatchOptions,
  BatchSelection,
  BatchSource,
  EvaluationSet,
  Field,
  LabelledImages,
  RandomStream,
  SplitName,
} from '@ligature/core';
import { assertOneBatch, batchesInOrder } from '../batches/in-order.js';
import { shuffledBatches } from '../batches/shuffled.js';
import { AS_IT_IS, drawView, type Augmentation } from './augmentation.js';
import { pixelValues } from './pixels.js';

type Values = readonly Float32Array[];

/** @throws InputError (`crop-too-large`) where a crop may show nothing of the image */
export function assertCropFits({ crop }: Augmentation, { height }: LabelledImages): void {
  if (crop < height) return;
  throw new InputError('crop-too-large', {
    asked: `Crop images with ${crop} pixels around them`,
    found: `they have ${height} x ${height} pixels`,
    todo: 'Give a smaller `crop`; 4 is usual for 32 x 32',
  });
}

/** @throws InputError (`too-few-examples`) */
export function imageTrainingBatches(
  images: LabelledImages,
  values: Values,
  augmentation: Augmentation,
  { batch }: BatchOptions,
  stream: RandomStream,
): BatchSource {
  const count = images.labels.length;
  assertOneBatch(count, batch, 'images');
  return shuffledBatches(
    {
      ...{ count, batch, called: 'images', weight: batch },
      shape: { pixel_values: pixelShape(images, batch), labels: [batch] },
      fill: (rows, drawn) => {
        const data = pixelValues(images, rows, values, () => drawView(augmentation, drawn));
        return batchOf(images, rows, {
          shape: pixelShape(images, rows.length),
          dtype: 'float32',
          data,
        });
      },
    },
    stream,
  );
}

/** Its batches make their floats whenever they are asked for them, and keep none: a split of floats is 4 times its images. */
export function imageEvaluation(
  images: LabelledImages,
  values: Values,
  { split, batch, maxBatches, places }: BatchOptions & BatchSelection & { readonly split: SplitName },
): EvaluationSet {
  const batches = batchesInOrder({
    ...{ split, batch, maxBatches, places, count: images.labels.length },
    fill: (rows) =>
      batchOf(images, rows, {
        shape: pixelShape(images, rows.length),
        dtype: 'float32',
        get data() {
          return pixelValues(images, rows, values, () => AS_IT_IS);
        },
      }),
  });
  return { scope: { split, weight: batches.reduce((sum, { weight }) => sum + weight, 0) }, batches };
}

const pixelShape = ({ channels, height, width }: LabelledImages, rows: number): number[] => [
  ...[rows, channels, height, width],
];

const batchOf = ({ labels }: LabelledImages, rows: Int32Array, pixels: Field): Batch => ({
  fields: {
    pixel_values: pixels,
    labels: {
      ...{ shape: [rows.length], dtype: 'int32' },
      data: Int32Array.from(rows, (image) => labels[image] as number),
    },
  },
  weight: rows.length,
});
