/** The fields that several events share. */
import { z } from 'zod';

export const count = z.int().min(0);

/**
 * Any number. Structured clones keep those that are not finite; JSON has `null` for them and is read as NaN, here and
 * nowhere else.
 */
export const real = z
  .custom<number | null>((value) => value === null || typeof value === 'number', 'must be a number')
  .transform((value) => value ?? Number.NaN);

export const metrics = z.record(z.string(), real);

export const finalPasses = z.array(
  z.looseObject({
    split: z.enum(['train', 'validation', 'test']),
    batches: z.int().min(0),
    weight: z.number().min(0),
  }),
);
export const subset = z.strictObject({
  batches: z.int().min(1),
  of: z.int().min(1),
  apart: z.int().min(1).exactOptional(),
});
export const split = z.enum(['train', 'validation', 'test']);

export const component = z.string();

/** In events an entry may only point back: whoever follows it comes to an end. */
export const tieMap = z
  .array(count)
  .min(1)
  .refine((map) => map.every((owner, layer) => owner <= layer), { error: 'a layer uses a later one' });

export const metricSpec = z.looseObject({
  name: z.string(),
  unit: z.string(),
  better: z.enum(['lower', 'higher']),
  label: z.string().exactOptional(),
});

export const ledger = z.looseObject({
  layers: count,
  independentLayers: count,
  distinctStorages: metrics,
  uniqueParameters: real,
  trainableParameters: real,
  loggedTrainableParameters: real,
  totalParameters: real,
  bytes: z.looseObject({ weights: real, gradients: real, moments: real, activations: real }),
  flops: z.looseObject({ forward: real, backward: real, step: real }),
});

export const bestStep = z.looseObject({ step: count, value: real, tieMap, ledger });
