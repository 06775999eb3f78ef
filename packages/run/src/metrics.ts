/** What a language model is measured by. */
import type { MetricSpec, RunConfig, TrialResult } from '@ligature/core';

export const LANGUAGE_MODEL_METRICS: readonly MetricSpec[] = [
  { name: 'nats', unit: 'nats', better: 'lower', label: 'loss' },
  { name: 'perplexity', unit: '', better: 'lower' },
  { name: 'bitsPerByte', unit: 'bits/byte', better: 'lower', label: 'bits per byte' },
  { name: 'accuracy', unit: '%', better: 'higher' },
];

/** What the runs of a configuration will be measured by. */
export const metricsOf = (_config: RunConfig): readonly MetricSpec[] => LANGUAGE_MODEL_METRICS;

/** What results of before there were other tasks do not say. */
export const LANGUAGE_MODEL: Pick<TrialResult, 'task' | 'unit' | 'lossUnit' | 'metrics'> = {
  task: 'causal-lm',
  unit: 'tokens',
  lossUnit: 'nats per token',
  metrics: LANGUAGE_MODEL_METRICS,
};
