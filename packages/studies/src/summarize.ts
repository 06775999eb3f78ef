/** From the trials of a comparison to what it says: rows, statistics, verdict. */
import type { RunConfig } from '@ligature/core';
import type { TrialResult } from '@ligature/run';
import { controlOf, planTrials, seedsOf } from './plan.js';
import type { Comparison, FailedTrial } from './results.js';
import { comparisonRows } from './rows.js';
import { comparisonStatistics } from './statistics/comparison-statistics.js';
import { verdictOf } from './verdict.js';

/** @param trials those that were completed */
export function summarize(
  config: RunConfig,
  trials: readonly TrialResult[],
  failed: readonly FailedTrial[],
): Comparison {
  const labels = [...new Set(planTrials(config).map(({ label }) => label))];
  const rows = comparisonRows(labels, trials);
  const statistics = comparisonStatistics(
    rows.map(({ controller, seeds, testNats }) => ({ controller, seeds, values: testNats.values })),
    controlOf(config),
  );
  const [first] = trials;
  return {
    dataset: config.dataset.name,
    tokenizer: config.tokenizer.name,
    vocabularySize: first?.text.vocabularySize ?? 0,
    backend: first ? `${first.backend.name} (${first.backend.detail})` : config.backend.name,
    seeds: seedsOf(config),
    rows,
    trials,
    failed,
    statistics,
    verdict: verdictOf(rows, statistics, trials, first?.text.trainingTokens ?? 0),
    config,
  };
}
