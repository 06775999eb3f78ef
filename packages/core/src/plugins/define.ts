/**
 * Helpers that keep the types of a plug-in's options: the schema of an entry decides what its `create` gets.
 * They return their argument unchanged.
 */
import type { z } from 'zod';
import type { RunConfig } from '../config/schema.js';
import type {
  AnyEntry,
  EntryMeta,
  EntryParts,
  Plugin,
  PluginEntry,
  PluginKind,
  PluginKinds,
  TaskMeta,
} from '../contracts/plugin.js';
import type {
  AskedStudy,
  PreparedStudy,
  Study,
  StudyCommand,
  StudyContext,
  StudyEntryParts,
  StudyTools,
} from '../contracts/study.js';

type Entry<K extends PluginKind, S extends z.ZodType> = PluginEntry<
  PluginKinds[K]['made'],
  PluginKinds[K]['context'],
  S
> &
  EntryParts<K>;

export const definePlugin = <P extends Plugin>(plugin: P): P => plugin;

export const defineController = <S extends z.ZodType>(
  entry: Entry<'controllers', S>,
): Entry<'controllers', S> => entry;
export const defineEvaluator = <S extends z.ZodType>(entry: Entry<'evaluators', S>): Entry<'evaluators', S> =>
  entry;
export const defineReward = <S extends z.ZodType>(entry: Entry<'rewards', S>): Entry<'rewards', S> => entry;
export const defineTokenizer = <S extends z.ZodType>(entry: Entry<'tokenizers', S>): Entry<'tokenizers', S> =>
  entry;
export const defineDataset = <S extends z.ZodType>(entry: Entry<'datasets', S>): Entry<'datasets', S> =>
  entry;
export const defineModel = <S extends z.ZodType>(entry: Entry<'models', S>): Entry<'models', S> => entry;
export const defineBackend = <S extends z.ZodType>(entry: Entry<'backends', S>): Entry<'backends', S> =>
  entry;
export const defineRecorder = <S extends z.ZodType>(entry: Entry<'recorders', S>): Entry<'recorders', S> =>
  entry;
export const defineTask = <S extends z.ZodType>(
  entry: Entry<'tasks', S> & { readonly meta: TaskMeta<S> },
): Entry<'tasks', S> & { readonly meta: TaskMeta<S> } => entry;
export const defineAdapter = <S extends z.ZodType>(entry: Entry<'adapters', S>): Entry<'adapters', S> =>
  entry;
export const defineOptimizer = <S extends z.ZodType>(entry: Entry<'optimizers', S>): Entry<'optimizers', S> =>
  entry;
export const defineWeights = <S extends z.ZodType>(entry: Entry<'weights', S>): Entry<'weights', S> => entry;
export const defineExecutor = <S extends z.ZodType>(entry: Entry<'executors', S>): Entry<'executors', S> =>
  entry;

/** The settings of a study are those of its schema, also where the entry prepares them or lets them grow. */
type TypedStudy<S extends z.ZodType, Work, Result, A extends z.ZodType> = {
  readonly meta: EntryMeta<S>;
  readonly command: StudyCommand;
  readonly asked?: A;
  defaults?: StudyEntryParts['defaults'];
  prepare?(asked: AskedStudy<z.output<A>>, tools: StudyTools): Promise<PreparedStudy> | PreparedStudy;
  grow?(
    settings: z.output<S>,
    more: Readonly<Record<string, unknown>>,
    config: RunConfig,
    tools: StudyTools,
  ): Promise<unknown>;
  create(settings: z.output<S>, context: StudyContext): Study<Work, Result>;
};

export const defineStudy = <S extends z.ZodType, Work, Result, A extends z.ZodType = S>(
  entry: TypedStudy<S, Work, Result, A>,
): AnyEntry<'studies'> => entry as unknown as AnyEntry<'studies'>;
