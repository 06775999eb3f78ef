import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import type { Batch, BatchSource, EvaluationSet, TensorBatch } from './batch.js';
import type { Dataset, SplitName, StageProgress, Tokenizer } from './dataset.js';
import type { BatchScores, Metric } from './metrics.js';
import type { HeadSpec, ModelInputs, Projection } from './model.js';
import type { RandomStream } from './random.js';
import type { Json } from './snapshot.js';

/**
 * What is learnt, from data to metrics: it owns preparation, batches, loss, scores and metrics, and knows no
 * architecture.
 */
export interface Task {
  readonly name: string;
  /** What targets are, in the plural: `tokens`, `images`, `rows`. Throughput and budgets are counted in them. */
  readonly unit: string;
  /** Of the loss: `nats per token`. */
  readonly lossUnit: string;
  /** Names of the rows of `score`; the first one is the loss of each target. */
  readonly scores: readonly string[];
  /** What its scores are folded into; the first one is what runs are chosen and compared by. */
  readonly metrics: readonly Metric[];
  /** Reads the data. Called once before a run, with `saved` when it goes on. @throws InputError */
  prepare(context: PrepareContext): Promise<Prepared>;
  /** What a saved run needs of its task to be used, without any data. @param saved `Fitted.saved` of that run */
  open(saved: Json, context: OpenContext): Promise<Fitted>;
  /** Mean loss over the targets that count. */
  loss(projection: Projection, batch: TensorBatch): Scalar;
  /** [scores, targets] float32; 0 in every row where a target does not count. */
  score(projection: Projection, batch: TensorBatch): Tensor2D;
}

export interface OpenContext {
  /** Makes the tokenizer of the configuration again from its `toJSON()`. */
  tokenizer(saved: Json): Promise<Tokenizer>;
}

/** Named bytes that may be gone the next time. */
export interface ByteCache {
  read(name: string): Promise<Uint8Array | undefined>;
  /** @returns false when it could not be kept: a cache is a convenience, not a need */
  write(name: string, bytes: Uint8Array): Promise<boolean>;
  /** Entries that are too long to be held at once; left out where there is no place for such, as in browsers. */
  readonly files?: FileCache;
}

/** Named files that are written from front to back and read by position. */
export interface FileCache {
  /** @returns nothing where there is none or it is damaged */
  open(name: string): Promise<CachedFile | undefined>;
  /** Begins a file that nobody sees before it is kept. @throws InputError (`out-unwritable`) */
  create(name: string): Promise<CachedFileWriter>;
}

export interface CachedFile {
  /** Bytes. */
  readonly length: number;
  /** Fills all of `target` with the bytes from `position` on, without waiting for others. @throws ContractError beyond its end */
  read(target: Uint8Array, position: number): void;
}

export interface CachedFileWriter {
  /** Bytes behind those before. @throws InputError (`out-unwritable`) where the disk is full */
  append(bytes: Uint8Array): Promise<void>;
  /** The whole file under its name, with a digest by which damage is noticed. @throws InputError (`out-unwritable`) */
  keep(): Promise<CachedFile>;
  /** Leaves nothing behind. */
  discard(): Promise<void>;
}

export interface PrepareContext {
  /** The dataset of the configuration; `undefined` for a task that says it uses none. */
  readonly dataset: Dataset | undefined;
  /**
   * The tokenizer of the configuration; one that learns its vocabulary learns it from `trainingText`, once for all runs
   * on this machine.
   *
   * @param saved `toJSON()` of the run's own: that one is made again
   */
  tokenizer(trainingText: string, saved?: Json): Promise<Tokenizer>;
  /** For what can be made again, such as token ids; `undefined`: nothing is kept. */
  readonly cache: ByteCache | undefined;
  /** Relative paths in options are resolved against this folder. */
  readonly folder: string;
  /** `Fitted.saved` of the run that goes on. */
  readonly saved?: Json;
  /**
   * Encodes many texts side by side and gives their ids in order, equal to those of `tokenizer.encode`; left out: there is one
   * core, or no way to others.
   */
  readonly encodeAll?:
    ((tokenizer: Tokenizer, texts: AsyncIterable<string>) => AsyncIterable<Int32Array>) | undefined;
  /**
   * Says one line before a longer piece of work; to be waited for, so that it is shown before the work begins.
   *
   * @param progress of work that says the same line again and again, and how far it is
   */
  stage(message: string, progress?: StageProgress): Promise<void>;
}

/** What the data says to the model. */
export interface Fitted {
  readonly head: HeadSpec;
  readonly inputs: ModelInputs;
  /** All that `open` needs: a tokenizer, the names of classes. Every checkpoint holds it. */
  readonly saved: Json;
  readonly tokenizer?: Tokenizer;
}

/** Data that is ready. */
export interface Prepared extends Fitted {
  /** For people and results: sizes of vocabulary and splits. */
  readonly facts: Readonly<Record<string, number | string>>;
  /** Facts that the shape of batches decides, beside the others: how many texts are cut to the model's context. */
  shapeFacts?(shape: BatchOptions): Prepared['facts'];
  /** Digest of each split as the model sees it: a run that goes on is refused other data. */
  readonly digests: Readonly<Record<SplitName, string>>;
  /** @throws InputError (`text-too-short`, …) when there is no full batch */
  batches(shape: BatchOptions, stream: RandomStream): BatchSource;
  /** The whole split, or some of its batches: the scope is then that of these. The same for the same question, always. */
  evaluation(split: SplitName, options: BatchOptions & BatchSelection): EvaluationSet;
  /**
   * Reference points that need no training, the weakest first: results are shown beside them. Made at once; what has to
   * be counted is counted when the first batch is scored.
   *
   * @param shape of the evaluation sets that they are asked to score
   */
  floors?(shape: BatchOptions): readonly Floor[];
}

/** Which batches of a split: left out, all. */
export interface BatchSelection {
  /** Not more than so many. */
  readonly maxBatches?: number;
  /**
   * Those at these places of the whole split, from 0, in ascending order. Only a task whose scopes have bytes is asked for
   * these: which text is behind them is for it alone to say.
   */
  readonly places?: readonly number[];
}

/**
 * What a rule that is counted and not learnt reaches on the same targets: how often each class occurs, say. A model that
 * is no better has learnt nothing that counting does not give.
 */
export interface Floor {
  /** In front of the word *floor*: `unigram`, `majority class`. */
  readonly name: string;
  /** What it is, and what it was counted on, in half a sentence: `how often each token occurs in …`. */
  readonly description: string;
  /**
   * Everything its scores depend on besides the batches, digested: what was measured is kept under it. Left out: it is
   * measured anew by every run.
   */
  readonly key?: string;
  /** The scores of a batch of an evaluation set: a column for each name in `Task.scores`, as the model's would be. */
  score(batch: Batch): BatchScores;
}

export interface BatchOptions {
  /** Rows of a batch. */
  readonly batch: number;
  /** Longest sequence that the model reads; `undefined`: any. */
  readonly context: number | undefined;
}
