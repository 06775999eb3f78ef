/** What flows into a step and into an evaluation: named arrays, and how much they count. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { SplitName } from './dataset.js';
import type { Snapshotable } from './snapshot.js';

/** One named array of a batch, row-major. */
export interface Field {
  readonly shape: readonly number[];
  readonly dtype: 'int32' | 'float32';
  readonly data: Int32Array | Float32Array;
}

/**
 * Named arrays: what the model reads (`inputs`, a mask, an image) and what the task compares with (`labels`). Which
 * names there are is between the task, which makes them, and the model, which says what it reads.
 */
export interface Batch {
  readonly fields: Readonly<Record<string, Field>>;
  /**
   * Targets that count: positions whose label is not ignored, rows, images. Losses are means over them, so everything
   * that adds up batches (accumulation, evaluation, throughput) weighs each batch by it.
   */
  readonly weight: number;
}

/** The fields of a batch on the backend. */
export type TensorBatch = Readonly<Record<string, Tensor>>;

/** Shapes of the fields of a batch, by name: what counts of operations and bytes are made from. */
export type BatchShape = Readonly<Record<string, readonly number[]>>;

/** An endless, seeded, resumable sequence of training batches. */
export interface BatchSource extends Snapshotable {
  /** Shapes of a full batch: the ledger counts operations by them. */
  readonly shape: BatchShape;
  /** Targets that a batch has, on average where they differ: a budget of targets becomes steps by it. */
  readonly weight: number;
  next(): Batch;
}

/** What an evaluation pass covers. */
export interface EvaluationScope {
  readonly split: SplitName;
  /** Targets that count, over all batches. */
  readonly weight: number;
  /** UTF-8 bytes of the text behind the targets, where there is a text. */
  readonly bytes?: number;
}

/** A fixed list of batches. The last one may be smaller. */
export interface EvaluationSet {
  readonly scope: EvaluationScope;
  readonly batches: readonly Batch[];
  /**
   * How many batches, one after the other, belong together: parts of one text, say, that only all of them can judge. Whoever
   * takes some of the batches takes whole groups. Left out: each batch stands for itself.
   */
  readonly groups?: readonly number[];
}
