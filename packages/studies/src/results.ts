/** What a comparison leaves behind: plain data, the content of `comparison.json`. */
import type { RunConfig, TieMap } from '@ligature/core';
import type { TrialResult } from '@ligature/run';
import type { ComparisonStatistics } from './statistics/comparison-statistics.js';

/** Mean over seeds, with the sample standard deviation when there are at least two. */
export interface Spread {
  readonly mean: number;
  readonly standardDeviation: number | null;
  readonly values: readonly number[];
}

/** One line of the table: a controller over all seeds. */
export interface ComparisonRow {
  readonly controller: string;
  readonly seeds: readonly number[];
  /** Training tokens: equal for all, unless the budget is FLOPs or seconds. */
  readonly tokens: Spread;
  readonly validationNats: Spread;
  readonly validationPerplexity: Spread;
  readonly validationBitsPerByte: Spread;
  readonly testNats: Spread;
  readonly testPerplexity: Spread;
  readonly testBitsPerByte: Spread;
  readonly testAccuracy: Spread;
  readonly independentLayers: Spread;
  readonly uniqueParameters: Spread;
  readonly trainableParameters: Spread;
  /** Share of the unique parameters of the untied stack that this one does without, 0..1. */
  readonly reduction: Spread;
  readonly peakBackendBytes: Spread;
  readonly peakResidentBytes: Spread;
  readonly tokensPerSecond: Spread;
  /** Final tie map per seed. */
  readonly tieMaps: readonly TieMap[];
}

export interface FailedTrial {
  readonly controller: string;
  readonly seed: number;
  readonly message: string;
}

export interface Comparison {
  readonly dataset: string;
  readonly tokenizer: string;
  readonly vocabularySize: number;
  readonly backend: string;
  readonly seeds: readonly number[];
  readonly rows: readonly ComparisonRow[];
  readonly trials: readonly TrialResult[];
  readonly failed: readonly FailedTrial[];
  /** Intervals, differences from the control, and whether there is a winner. */
  readonly statistics: ComparisonStatistics;
  /** A few sentences: what these numbers show, and what they do not. */
  readonly verdict: string;
  readonly config: RunConfig;
}
