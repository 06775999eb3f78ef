/** What is learnt: the task, its data, the batches that training takes. */
import { TOKENS, type Json, type RunConfig, type RunModule } from '@ligature/core';
import { openTask, prepareData } from '../data.js';
import type { ComposeEnvironment } from '../compose-environment.js';
import { cutSplit } from '../cut-split.js';
import { RUN_TOKENS } from '../tokens.js';

/** @param saved what the task of the run saved, for a run that goes on */
export const data =
  (config: RunConfig, env: ComposeEnvironment, saved?: Json): RunModule =>
  async (container) => {
    const task = container.provide(TOKENS.task, await openTask(config, env));
    const { prepared, files } = await prepareData(task, config, env, saved);
    container.provide(TOKENS.prepared, prepared);
    if (files) container.provide(RUN_TOKENS.splitFiles, files);
  };

/** Needs the model, whose context says how long a sequence may be. */
export const batches =
  (config: RunConfig): RunModule =>
  (container) => {
    const prepared = container.get(TOKENS.prepared);
    const { context } = container.get(TOKENS.model);
    const stream = container.get(TOKENS.streams).stream('data-order');
    const source = prepared.batches({ batch: config.training.batch, context }, stream);
    container.saves('batches', container.provide(TOKENS.trainingBatches, source));
    container.provide(RUN_TOKENS.splits, {
      validation: cutSplit('validation', prepared, config, context),
      test: cutSplit('test', prepared, config, context),
    });
  };
