/** What a comparison leaves behind: plain data, the content of `comparison.json`. */
import type { FailedTrial, RunConfig, TieMap, TrialResult } from '@ligature/core';
import type { Planned } from '../planned/found.js';
import type { Setting } from '../presentation/words.js';
import type { ComparisonStatistics } from '../statistics/comparison-statistics.js';
import type { Spread } from '../statistics/spread.js';

/** One line of the table: a controller over all seeds. */
export interface ComparisonRow {
  readonly controller: string;
  /** Of its finished trials. */
  readonly seeds: readonly number[];
  /** Seeds that were planned. */
  readonly planned: number;
  /** Seeds with a finite primary metric on both splits; fewer than planned: its means are not those of a whole row. */
  readonly measured: number;
  /** Training tokens: equal for all, unless the budget is FLOPs or seconds, or measuring was charged to one of tokens. */
  readonly tokens: Spread;
  /** By the name of the metric, for those that the task declares. */
  readonly validation: Readonly<Record<string, Spread>>;
  readonly test: Readonly<Record<string, Spread>>;
  readonly independentLayers: Spread;
  readonly uniqueParameters: Spread;
  readonly trainableParameters: Spread;
  /** Share of the unique parameters of the untied stack that this one does without, 0..1. */
  readonly reduction: Spread;
  /** What measuring for controllers and rewards took, and its share of all operations; older comparisons lack it. */
  readonly measuring?: { readonly tokens: Spread; readonly flops: Spread; readonly share: Spread };
  readonly peakBackendBytes: Spread;
  readonly peakResidentBytes: Spread;
  readonly tokensPerSecond: Spread;
  /** Final tie map per seed. */
  readonly tieMaps: readonly TieMap[];
}

/** A dataset of several. */
export interface ComparedPart {
  readonly label: string;
  readonly comparison: Comparison;
}

export interface Comparison extends Setting, Planned {
  readonly format: 2;
  readonly seeds: readonly number[];
  readonly rows: readonly ComparisonRow[];
  /** Of several datasets they are in `texts`. */
  readonly trials: readonly TrialResult[];
  /** The id of each of them. */
  readonly ids: readonly string[];
  readonly failed: readonly FailedTrial[];
  readonly unfinished: number;
  /** Of several datasets each by itself; empty where there is one. Rows and statistics are those of all of them, pooled. */
  readonly texts: readonly ComparedPart[];
  /** Intervals, differences from the control, and whether there is a winner: of the primary metric on the test split. */
  readonly statistics: ComparisonStatistics;
  /** A few sentences: what these numbers show, and what they do not. */
  readonly verdict: string;
  readonly config: RunConfig;
}
