/**
 * Builds one run: every part comes from a plug-in by the name in the configuration and is put into a container of the
 * run's own, which the trainer and the processes around it are injected from. Needs nothing of Node: this module is an
 * entry of its own, `@ligature/run/compose`.
 */
import { assembleRun, type Json, type RunConfig, type RunContainer } from '@ligature/core';
import type { ComposeEnvironment } from './compose-environment.js';
import { basics } from './modules/basics.js';
import { batches, data } from './modules/data.js';
import { evaluations, evaluators, finalSets, floors, rewards } from './modules/measuring.js';
import { model } from './modules/model.js';
import { training } from './modules/training.js';
import { controller, registry, tying } from './modules/tying.js';
import { weights } from './modules/weights.js';

export type { ComposeEnvironment } from './compose-environment.js';
export { trainer } from './modules/training.js';
export { RUN_TOKENS } from './tokens.js';

/**
 * Everything of a run but its trainer, which needs to know how the run is saved.
 *
 * @param config settled
 * @param saved what its task saved, for a run that goes on: its weights come from its checkpoint
 */
export function composeRun(config: RunConfig, env: ComposeEnvironment, saved?: Json): Promise<RunContainer> {
  return assembleRun([
    basics(config, env),
    data(config, env, saved),
    model(config, env),
    batches(config),
    controller(config, env),
    registry(config),
    ...(saved === undefined ? [weights(config, env)] : []),
    evaluators(config, env),
    tying,
    rewards(config, env),
    finalSets(config),
    evaluations(config, env),
    floors(config, env),
    training(config, env),
  ]);
}
