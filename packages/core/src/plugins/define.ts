/**
 * Helpers that keep the types of a plug-in's options: the schema of an entry decides what its `create` gets.
 * They return their argument unchanged.
 */
import type { z } from 'zod';
import type { Plugin, PluginEntry, PluginKind, PluginKinds, TaskMeta } from '../contracts/plugin.js';

type Entry<K extends PluginKind, S extends z.ZodType> = PluginEntry<
  PluginKinds[K]['made'],
  PluginKinds[K]['context'],
  S
>;

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
