/** What a run of images keeps of its data, and what a model has to know of it. */
import { ContractError, InputError } from '@ligature/core';
import type { Fitted, Json, LabelledImages } from '@ligature/core';
import { z } from 'zod';

const savedSchema = z
  .strictObject({
    classes: z.array(z.string()).min(2),
    mean: z.array(z.number()),
    standardDeviation: z.array(z.number().positive()),
    /** Pixels of a side. */
    size: z.int().positive(),
    channels: z.int().positive(),
  })
  .refine(({ mean, standardDeviation, channels }) =>
    [mean, standardDeviation].every(({ length }) => length === channels),
  );

export type SavedImages = z.output<typeof savedSchema>;

/** @throws ContractError (`task-state-invalid`) */
export function savedImages(saved: Json): SavedImages {
  const parsed = savedSchema.safeParse(saved);
  if (parsed.success) return parsed.data;
  throw new ContractError('task-state-invalid', {
    asked: 'Open a run of the task "image-classification"',
    found: 'its classes, sizes and normalisation were not saved with it',
    todo: 'Give a run that was saved whole',
  });
}

/** @throws InputError (`images-changed`) where a run that goes on is given images of another form */
export function assertSameImages(saved: SavedImages, { classes, width, channels }: LabelledImages): void {
  const words = (one: Pick<SavedImages, 'classes' | 'size' | 'channels'>): string =>
    `${one.size} x ${one.size} pixels, ${one.channels} channels, classes ${one.classes.join(', ')}`;
  const found = words({ classes: [...classes], size: width, channels });
  if (found === words(saved)) return;
  throw new InputError('images-changed', {
    asked: `Go on with a run of images of ${words(saved)}`,
    found: `the dataset has ${found}`,
    todo: 'Give the images that the run began with',
  });
}

export const fittedTo = (saved: SavedImages): Fitted => ({
  head: { kind: 'image-classification', outputs: saved.classes.length },
  inputs: { imageSize: saved.size, channels: saved.channels },
  saved,
});
