import type { z } from 'zod';
import type { Token } from '../di/tokens.js';
import type { Backend, BackendContext } from './backend.js';
import type { Controller } from './controller.js';
import type { Dataset, DatasetContext, Tokenizer, TokenizerContext } from './dataset.js';
import type { Evaluator, Recorder, Reward } from './evaluation.js';
import type { Executor, ExecutorContext } from './executor.js';
import type { Model, ModelInputs } from './model.js';
import type { Adapter } from './objective.js';
import type { Optimizer } from './optimizer.js';
import type { RandomStream } from './random.js';
import type { Study, StudyContext, StudyEntryParts } from './study.js';
import type { Task } from './task.js';
import type { Weights } from './weights.js';

export interface EntryMeta<Schema extends z.ZodType = z.ZodType> {
  /** One line for `ligature plugins`. */
  readonly summary: string;
  /** Schema of the options, with defaults; validated before `create` is called. */
  readonly options: Schema;
  /** Paper, section or page that it implements. */
  readonly reference?: string;
  /** Options that replay the official code: defaults when a run's `tying.profile` is `official`. */
  readonly official?: Readonly<Record<string, unknown>>;
}

/** One thing a plug-in offers: what it is, and how to make one. */
export interface PluginEntry<Made, Context, Schema extends z.ZodType = z.ZodType> {
  readonly meta: EntryMeta<Schema>;
  create(options: z.output<Schema>, context: Context): Made | Promise<Made>;
}

/**
 * What is made for one run gets it from the run's container: `context.get(TOKENS.bus)` and whatever else was provided
 * before it was made.
 */
export interface RunContext {
  /** @throws ContractError (`not-provided`) naming the token when nothing was provided for it */
  readonly get: <T>(token: Token<T>) => T;
}

export interface ControllerContext extends RunContext {
  readonly layers: number;
  readonly seed: number;
  /** A stream for the controller's own initialization (`policy/initialization`). */
  readonly random: RandomStream;
}

export interface EvaluatorContext extends RunContext {
  readonly layers: number;
  /** Bytes that the backend holds in tensors now. */
  readonly backendBytes: () => number;
  /** Milliseconds since an arbitrary start, monotonic. */
  readonly now: () => number;
}

export interface RecorderContext extends RunContext {
  /** The folder of the run; a recorder writes nowhere else. */
  readonly folder: string;
}

export interface ModelContext {
  /** Facts of the data: `vocabularySize` for a text. */
  readonly inputs: ModelInputs;
}

export interface WeightsContext {
  /** Relative paths are resolved against this folder. */
  readonly folder: string;
  /** Folder of what a study keeps under a key; left out where there is no study. */
  readonly stored?: (key: string) => string;
}

/** What a task says of the choices that belong to it. */
export interface TaskMeta<Schema extends z.ZodType = z.ZodType> extends EntryMeta<Schema> {
  /** The dataset and the tokenizer that it takes where the configuration names none; left out: it uses none. */
  readonly data?: { readonly dataset?: string; readonly tokenizer?: string };
  /** The architecture that a command takes where none is named; left out: the one that it takes for any task. */
  readonly model?: string;
}

/** What each kind of entry makes, and what its `create` is given. */
export interface PluginKinds {
  controllers: { made: Controller; context: ControllerContext };
  evaluators: { made: Evaluator; context: EvaluatorContext };
  rewards: { made: Reward; context: RunContext };
  tokenizers: { made: Tokenizer; context: TokenizerContext };
  datasets: { made: Dataset; context: DatasetContext };
  models: { made: Model; context: ModelContext };
  tasks: { made: Task; context: Record<string, never>; parts: { readonly meta: TaskMeta } };
  adapters: { made: Adapter; context: Record<string, never> };
  optimizers: { made: Optimizer; context: Record<string, never> };
  weights: { made: Weights; context: WeightsContext };
  backends: { made: Backend; context: BackendContext };
  recorders: { made: Recorder; context: RecorderContext };
  studies: { made: Study; context: StudyContext; parts: StudyEntryParts };
  executors: { made: Executor; context: ExecutorContext };
}

export type PluginKind = keyof PluginKinds;

/** What an entry of a kind has besides `meta` and `create`. */
export type EntryParts<K extends PluginKind> = PluginKinds[K] extends { readonly parts: infer Parts }
  ? Parts
  : unknown;

/** An entry whose options type is no longer known statically; the schema still guards it at run time. */
export type AnyEntry<K extends PluginKind> = PluginEntry<
  PluginKinds[K]['made'],
  PluginKinds[K]['context'],
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- options are contravariant; the schema checks them
  any
> &
  EntryParts<K>;

/** A plug-in is data and functions: nothing happens until an entry's `create` is called. */
export type Plugin = {
  readonly name: string;
  readonly version: string;
} & { readonly [K in PluginKind]?: Readonly<Record<string, AnyEntry<K>>> };
