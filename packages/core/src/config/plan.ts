/** What a study was meant to show before it ran, as a plan file says it beside the configuration. Names are checked when it is planned. */
import { z } from 'zod';

const contrast = {
  of: z
    .string()
    .min(1)
    .describe(
      'what is asked about: a controller of a comparison as one writes it on a command line, a configuration of a sweep by its values (`window=5 width=64`)',
    ),
  against: z.string().min(1).describe('what it is set against'),
  metric: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("a metric of the task, on the test split; null: the task's first"),
  margin: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('the largest difference that counts as none, in units of the metric; null: compare.margin'),
  dataset: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('the one of several datasets that it is about; null: all of them, pooled'),
};

export const contrastSchema = z.strictObject(contrast);

export const planSchema = z
  .strictObject({
    question: z.string().min(1).max(2000).describe('what the study asks, in a sentence'),
    primary: contrastSchema.describe('the one contrast that answers it: tested alone, without a correction'),
    secondary: z
      .array(contrastSchema)
      .max(1000)
      .default([])
      .describe('further contrasts that were named before: corrected after Holm among themselves'),
  })
  .describe('what a comparison or a sweep was meant to show, written down before it runs');

/** A difference that was named before the trials. */
export type PlannedContrast = z.output<typeof contrastSchema>;
export type StudyQuestion = z.output<typeof planSchema>;
