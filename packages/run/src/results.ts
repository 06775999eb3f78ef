/** What a run leaves behind: plain data, the content of `result.json`. */
import type { Ledger, Metrics, MetricSpec, RunConfig, TieMap } from '@ligature/core';

/** The tie map in force from a training step on; the picture of a run is drawn from these. */
export interface TieMapChange {
  readonly step: number;
  readonly window: number;
  readonly tieMap: TieMap;
}

export interface LossPoint {
  readonly step: number;
  /** Training loss before the update of that step. */
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

/** One finished run. Ratios and rates are derived from what was measured, never stored without their parts. */
export interface TrialResult {
  readonly controller: string;
  readonly seed: number;
  readonly steps: number;
  readonly tokens: number;
  /** The metrics on the full split: `nats`, `perplexity`, `bitsPerByte`, `accuracy` of a language model. */
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
  /** What was learnt, what `tokens` are a number of, and what losses are measured in. */
  readonly task: string;
  readonly unit: string;
  readonly lossUnit: string;
  /** What validation and test hold; the first one is what runs are chosen and compared by. */
  readonly metrics: readonly MetricSpec[];
  /** Sizes of the data, for people: `vocabularySize`, `trainingTokens`, … */
  readonly data: Readonly<Record<string, number | string>>;
  /** What the evaluators found besides, by `evaluator.metric`. */
  readonly summary: Metrics;
  readonly backend: { readonly name: string; readonly version: string; readonly detail: string };
  /** `completed`, or `stopped` when the user ended it early. */
  readonly outcome: 'completed' | 'stopped';
  /** The folder of the run, as it was given. */
  readonly folder: string;
  readonly config: RunConfig;
}
