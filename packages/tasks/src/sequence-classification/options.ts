/** Options of the task, and by what it judges. */
import type { Metric } from '@ligature/core';
import { z } from 'zod';
import { accuracy, meanMetric } from '../metrics.js';
import { f1, matthews } from '../metrics/classes.js';
import { meanSquaredErrorMetric, pearson, spearman } from '../metrics/numbers.js';

export const CLASS_METRICS = ['accuracy', 'f1', 'matthews', 'nats'] as const;
export const NUMBER_METRICS = ['pearson', 'spearman', 'meanSquaredError'] as const;

/** What it judges by, by default first. */
export const metricNames = ({ regression }: { readonly regression: boolean }): readonly string[] =>
  regression ? NUMBER_METRICS : CLASS_METRICS;

export const sequenceClassificationOptionsSchema = z
  .strictObject({
    regression: z
      .boolean()
      .default(false)
      .describe('whether labels are numbers, to be predicted as such by mean squared error'),
    metric: z
      .enum([...CLASS_METRICS, ...NUMBER_METRICS])
      .nullable()
      .default(null)
      .describe('what runs are chosen and compared by; null: accuracy, or pearson of a regression'),
    context: z
      .int()
      .min(3)
      .max(65_536)
      .nullable()
      .default(null)
      .describe("longest sequence in tokens; null: the model's context. Longer ones are cut"),
  })
  .superRefine(({ regression, metric }, context) => {
    const known = metricNames({ regression });
    if (metric === null || known.includes(metric)) return;
    const message = `of ${regression ? 'a regression' : 'classes'} there are ${known.join(', ')}`;
    context.addIssue({ code: 'custom', path: ['metric'], message });
  });

export type SequenceClassificationOptions = z.output<typeof sequenceClassificationOptionsSchema>;

/**
 * All metrics of the kind, the chosen one first.
 *
 * @param classes how many there are, once that is known
 */
export function metricsOf(
  options: SequenceClassificationOptions,
  classes: () => number | undefined,
): readonly Metric[] {
  const all = options.regression
    ? [pearson(), spearman(), meanSquaredErrorMetric()]
    : [accuracy(), f1(classes), matthews(), nats];
  const chosen = all.filter(({ name }) => name === options.metric);
  return [...chosen, ...all.filter((metric) => !chosen.includes(metric))];
}

const nats = meanMetric({ name: 'nats', unit: 'nats', better: 'lower', label: 'loss' }, 'nats');
