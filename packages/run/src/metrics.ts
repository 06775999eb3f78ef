/** What runs are measured by: of a configuration before anything runs, and of results that do not say it. */
import type { MetricSpec, PluginHost, RunConfig, TrialResult } from '@ligature/core';
import { languageModelMetrics } from '@ligature/tasks';
import { summaryOf } from '@ligature/trainer';
import { createChosen } from './create-chosen.js';

/** What results of before there were other tasks do not say. */
export const LANGUAGE_MODEL: Pick<TrialResult, 'task' | 'unit' | 'lossUnit' | 'metrics'> = summaryOf(
  { name: 'causal-lm', unit: 'tokens', lossUnit: 'nats per token' },
  languageModelMetrics(),
);

/** The metrics that the task of a configuration declares, the first one to choose by. */
export async function metricsOf(config: RunConfig, host: PluginHost): Promise<readonly MetricSpec[]> {
  const task = await createChosen(host, config, 'tasks', config.task, {});
  return summaryOf(task, task.metrics).metrics;
}
