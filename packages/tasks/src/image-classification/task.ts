/**
 * Saying of what class an image is: images from a dataset, normalised by channel, crops and flips in training, mean
 * cross-entropy in nats as the loss (as Dosovitskiy et al. 2021, arXiv 2010.11929, train on CIFAR and ImageNet).
 */
import { defineTask } from '@ligature/core';
import type { Metric, Prepared, PrepareContext, Task, TensorBatch } from '@ligature/core';
import { labelScores, projectedCrossEntropy, registerMatMulGradient } from '@ligature/nn';
import type { Tensor1D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { majorityClass } from '../floors/majority-class.js';
import { accuracy, meanMetric } from '../metrics.js';
import { assertCropFits, imageEvaluation, imageTrainingBatches } from './batches.js';
import { imageDigests, imageFacts, readImages, type ImageSplits } from './images.js';
import { normalizationOf, normalizedValues } from './normalization.js';
import { assertSameImages, fittedTo, savedImages, type SavedImages } from './saved.js';

const NAME = 'image-classification';

const perChannel = (number: z.ZodNumber) => z.array(number).min(1).nullable().default(null);

export const imageClassificationOptionsSchema = z.strictObject({
  mean: perChannel(z.number()).describe(
    'what is taken off each channel, of values between 0 and 1; null: the mean of the images to train on',
  ),
  standardDeviation: perChannel(z.number().positive()).describe(
    'what each channel is then divided by; null: its standard deviation over the images to train on',
  ),
  crop: z
    .int()
    .min(0)
    .max(1024)
    .default(0)
    .describe(
      'black pixels around a training image, of which a random part of its own size is taken; 0: no crop',
    ),
  flip: z
    .boolean()
    .default(false)
    .describe('whether half of the training images are mirrored, left to right'),
});

export type ImageClassificationOptions = z.output<typeof imageClassificationOptionsSchema>;

/** Accuracy first: it is what classifiers are compared by. */
const metrics: readonly Metric[] = [
  accuracy(),
  meanMetric({ name: 'nats', unit: 'nats', better: 'lower', label: 'loss' }, 'nats'),
];

/** labels [images] int32 */
const labelsOf = (batch: TensorBatch): Tensor1D => batch['labels'] as Tensor1D;

export function createImageClassification(
  options: ImageClassificationOptions = imageClassificationOptionsSchema.parse({}),
): Task {
  // For the product in the loss, whatever the model before it registers.
  registerMatMulGradient();
  return {
    name: NAME,
    unit: 'images',
    lossUnit: 'nats per image',
    scores: ['nats', 'correct'],
    metrics,
    prepare: (context) => prepare(context, options),
    open: (saved) => Promise.resolve(saved).then((given) => fittedTo(savedImages(given))),
    loss: (projection, batch) => projectedCrossEntropy(projection, labelsOf(batch)),
    score: (projection, batch) => labelScores(projection, labelsOf(batch)),
  };
}

async function prepare(context: PrepareContext, options: ImageClassificationOptions): Promise<Prepared> {
  const splits = await readImages(context, NAME);
  const { train } = splits;
  assertCropFits(options, train);
  const saved = savedOf(context, options, splits);
  const values = normalizedValues(saved);
  return {
    ...fittedTo(saved),
    ...{ facts: imageFacts(splits), digests: await imageDigests(splits) },
    batches: (shape, stream) => imageTrainingBatches(train, values, options, shape, stream),
    evaluation: (split, wanted) => imageEvaluation(splits[split], values, { ...wanted, split }),
    floors: () => [majorityClass({ labels: train.labels, classes: train.classes.length, unit: 'images' })],
  };
}

function savedOf(
  { saved }: PrepareContext,
  options: ImageClassificationOptions,
  { train }: ImageSplits,
): SavedImages {
  if (saved !== undefined) {
    const own = savedImages(saved);
    assertSameImages(own, train);
    return own;
  }
  const { mean, standardDeviation } = normalizationOf(options, train);
  return {
    ...{ classes: [...train.classes], mean: [...mean], standardDeviation: [...standardDeviation] },
    ...{ size: train.width, channels: train.channels },
  };
}

export const imageClassification = defineTask({
  meta: {
    summary: 'Saying of what class an image is: accuracy, nats',
    options: imageClassificationOptionsSchema,
    reference: 'Dosovitskiy et al. 2021, An Image is Worth 16x16 Words, arXiv 2010.11929',
    data: { dataset: 'mnist' },
    model: 'vit',
  },
  create: createImageClassification,
});
