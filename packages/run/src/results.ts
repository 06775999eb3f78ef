/** What a run leaves behind: plain data, the content of `result.json`. */
import type { Ledger, Metrics, RunConfig, TieMap } from '@ligature/core';

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
