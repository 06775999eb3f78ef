import type { EvaluationScope } from './batch.js';

/** A number by which a run is judged, as data: whoever shows, ranks or rewards it needs no more than this. */
export interface MetricSpec {
  /** As in results and objectives: `nats`, `accuracy`. */
  readonly name: string;
  /** Behind the number, for people: `nats`, `bits/byte`, `%` of a share; empty for a bare number. */
  readonly unit: string;
  /** Which of two values is the better one. Signs of rewards and rankings follow from it, and from nothing else. */
  readonly better: 'lower' | 'higher';
  /** In tables and charts; left out: the name. */
  readonly label?: string;
}

/** What a task's `score` says of one batch, read back from the backend. */
export interface BatchScores {
  /** Targets that count. */
  readonly weight: number;
  /** By the names of `Task.scores`: one number for each target, 0 for those that do not count. */
  readonly columns: Readonly<Record<string, Float32Array>>;
}

/** Folds the scores of one pass, batch by batch. */
export interface MetricFold {
  add(scores: BatchScores): void;
  /** The value; `undefined` where this pass cannot say (bits per byte without a text). */
  finish(scope: EvaluationScope): number | undefined;
}

/** A metric and how it is measured: a fresh fold for each pass. */
export interface Metric extends MetricSpec {
  fold(): MetricFold;
}

/** Part of a split that was measured in the place of all of it: so many of its batches, evenly over it. */
export interface Subset {
  readonly batches: number;
  /** All that the split makes. */
  readonly of: number;
  /** Those of them that rewards have to themselves (`tying.probe: set-apart`); left out: none. */
  readonly apart?: number;
}

export type Metrics = Readonly<Record<string, number>>;
