/**
 * How much better a window made one of the task's metrics than a moving baseline. What better means is the metric's own
 * direction and cannot be had the wrong way round: the official code rewards its vision transformer with minus the
 * accuracy (`quantum_models.py`, 742-751), and so for getting worse.
 */
import { defineReward, improvement } from '@ligature/core';
import type { Reward } from '@ligature/core';
import { z } from 'zod';
import { clipOption, clipped } from './clip.js';
import { decayOption, movingBaseline } from './moving-baseline.js';

const options = z.strictObject({
  metric: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("Name of a metric of the task; null: the task's first one"),
  decay: decayOption,
  clip: clipOption,
});

export function createMetricImprovement({ metric: name, decay, clip }: z.output<typeof options>): Reward {
  const baseline = movingBaseline('metric-improvement', decay);
  return {
    async measure(probe) {
      const { metric, value } = await probe.heldOutMetric(name ?? undefined);
      return clipped(
        baseline.pass(value, (before) => improvement(metric, before, value)),
        clip,
      );
    },
    ...baseline.state,
  };
}

export const metricImprovement = defineReward({
  meta: {
    summary: "Improvement of a metric of the task over its moving average, in the metric's own direction",
    options,
  },
  create: (chosen) => createMetricImprovement(chosen),
});
