/** The loop, once everything that it takes is there. */
import { TOKENS, type RunConfig, type RunModule } from '@ligature/core';
import { summaryOf, Trainer, TRAINER_TOKENS, trainerOptions, type Checkpoints } from '@ligature/trainer';
import type { ComposeEnvironment } from '../compose-environment.js';
import { RUN_TOKENS } from '../tokens.js';

export const training =
  (config: RunConfig, env: ComposeEnvironment): RunModule =>
  (container) => {
    const { weight } = container.get(TOKENS.trainingBatches);
    const sets = container.get(RUN_TOKENS.finalSets);
    const options = trainerOptions(config, weight, env.signal);
    const finalPasses = options.finalSplits.flatMap((split) => {
      const set = sets[split];
      return set ? [{ split, batches: set.batches.length, weight: set.scope.weight }] : [];
    });
    const best = config.evaluation.final.of === 'best' ? container.get(RUN_TOKENS.metrics)[0] : undefined;
    container.provide(TRAINER_TOKENS.options, {
      ...options,
      finalPasses,
      ...(best && { best }),
      task: summaryOf(container.get(TOKENS.task), container.get(RUN_TOKENS.metrics)),
    });
  };

/** Builds the trainer. @param checkpoints how the run is saved; left out: it is not */
export const trainer =
  (checkpoints?: Checkpoints): RunModule =>
  (container) => {
    if (checkpoints) container.provide(TRAINER_TOKENS.checkpoints, checkpoints);
    container.saves('trainer', container.provide(TRAINER_TOKENS.trainer, container.build(Trainer)));
  };
