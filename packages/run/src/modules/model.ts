/** What learns: the model for the task's data, with the head that the task asks for and adapters around both. */
import {
  TOKENS,
  type Adapter,
  type Fitted,
  type Model,
  type Objective,
  type RunConfig,
  type RunModule,
  type Task,
} from '@ligature/core';
import { createObjective, headOf } from '@ligature/trainer';
import { createChosen } from '../create-chosen.js';
import type { ComposeEnvironment } from '../compose-environment.js';

export const model =
  (config: RunConfig, env: ComposeEnvironment): RunModule =>
  async (container) => {
    const made = await makeObjective(config, container.get(TOKENS.task), container.get(TOKENS.prepared), env);
    container.provide(TOKENS.model, made.model);
    container.provide(TOKENS.objective, made.objective);
    container.provide(
      TOKENS.optimizer,
      await createChosen(env.host, config, 'optimizers', config.optimizer, {}),
    );
  };

export interface ModelAndObjective {
  readonly model: Model;
  readonly objective: Objective;
}

/** Model and objective of a configuration, before any weight exists. */
export async function makeObjective(
  config: RunConfig,
  task: Task,
  { head, inputs }: Pick<Fitted, 'head' | 'inputs'>,
  env: Pick<ComposeEnvironment, 'host'>,
): Promise<ModelAndObjective> {
  const made = await createChosen(env.host, config, 'models', config.model, { inputs });
  const adapters: Adapter[] = [];
  for (const chosen of config.adapters) {
    adapters.push(await createChosen(env.host, config, 'adapters', chosen, {}));
  }
  return {
    model: made,
    objective: createObjective({ model: made, head: headOf(made, head), task, adapters }),
  };
}
