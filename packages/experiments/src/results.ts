/** What runs and comparisons leave behind: plain data, the content of `result.json` and `comparison.json`. */
import type { Ledger, Metrics, RunConfig, TieMap } from '@ligature/core';
import type { ComparisonStatistics } from './statistics/comparison-statistics.js';

/** The tie map in force from a training step on; the picture of a run is drawn from these. */
export interface TieMapChange {
  readonly step: number;
  readonly window: number;
  readonly tieMap: TieMap;
}

export interface LossPoint {
  readonly step: number;
  /** Training loss in nats before the update of that step. */
  readonly loss: number;
}

export interface DiagnosticNote {
  readonly code: string;
  readonly window: number;
  readonly message: string;
}

/** Peaks of one process; each trial of a comparison has a process of its own. */
export interface MemoryPeak {
  /** Most bytes that the tfjs backend held in tensors after a step. */
  readonly backendBytes: number;
  /** Most resident bytes of the process. */
  readonly residentBytes: number;
}

/** What the text of a run amounts to. */
export interface TextSummary {
  readonly vocabularySize: number;
  readonly trainingTokens: number;
  readonly validationTokens: number;
  readonly testTokens: number;
  /** Whether the splits are the publisher's own. */
  readonly splits: 'official' | 'derived';
}

/** One finished run. Ratios and rates are derived from what was measured, never stored without their parts. */
export interface TrialResult {
  readonly controller: string;
  readonly seed: number;
  readonly steps: number;
  readonly tokens: number;
  /** Every evaluator's numbers on the full split: `nats`, `perplexity`, `bitsPerByte`, `accuracy`, … */
  readonly validation: Metrics;
  readonly test: Metrics;
  readonly ledger: Ledger;
  readonly tieMap: TieMap;
  readonly tieMaps: readonly TieMapChange[];
  readonly losses: readonly LossPoint[];
  readonly diagnostics: readonly DiagnosticNote[];
  readonly memory: MemoryPeak;
  /** Tokens per second of training steps: median over steps, warm-up left out. */
  readonly tokensPerSecond: number;
  /** Wall-clock seconds of the training, evaluations left out. */
  readonly trainingSeconds: number;
  /** Floating-point operations of the training steps, by the ledger of the tie map of each; older results lack it. */
  readonly trainingFlops?: number;
  readonly text: TextSummary;
  /** What the evaluators found besides, by `evaluator.metric`. */
  readonly summary: Metrics;
  readonly backend: { readonly name: string; readonly version: string; readonly detail: string };
  /** `completed`, or `stopped` when the user ended it early. */
  readonly outcome: 'completed' | 'stopped';
  /** The folder of the run, as it was given. */
  readonly folder: string;
  readonly config: RunConfig;
}

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
