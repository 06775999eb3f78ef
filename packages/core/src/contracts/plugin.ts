import type { z } from 'zod';
import type { Backend, BackendContext } from './backend.js';
import type { Controller, ControllerContext } from './controller.js';
import type { Evaluator, EvaluatorContext, Recorder, RecorderContext, Reward } from './evaluation.js';
import type { Executor, ExecutorContext } from './executor.js';
import type { Model, ModelContext } from './model.js';
import type { Study, StudyContext, StudyEntryParts } from './study.js';
import type { Dataset, DatasetContext, Tokenizer, TokenizerContext } from './text.js';

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

/** What each kind of entry makes, and what its `create` is given. */
export interface PluginKinds {
  controllers: { made: Controller; context: ControllerContext };
  evaluators: { made: Evaluator; context: EvaluatorContext };
  rewards: { made: Reward; context: Record<string, never> };
  tokenizers: { made: Tokenizer; context: TokenizerContext };
  datasets: { made: Dataset; context: DatasetContext };
  models: { made: Model; context: ModelContext };
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
