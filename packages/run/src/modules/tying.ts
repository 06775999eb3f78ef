/** Who decides, who owns the weights, and the process between them. */
import {
  createRandomStream,
  TOKENS,
  type Batch,
  type Choice,
  type ControllerContext,
  type RunConfig,
  type RunContainer,
  type RunModule,
} from '@ligature/core';
import { Measuring } from '@ligature/trainer';
import { TyingProcess, WeightRegistry } from '@ligature/weight-sharing';
import { createChosen } from '../create-chosen.js';
import type { ComposeEnvironment } from '../compose-environment.js';

export const controller =
  (config: RunConfig, env: ComposeEnvironment): RunModule =>
  async (container) => {
    const context: ControllerContext = {
      layers: container.get(TOKENS.objective).layers,
      seed: config.seed,
      random: container.get(TOKENS.streams).stream('policy/initialization'),
      get: container.get,
    };
    const make = (chosen: Choice) => createChosen(env.host, config, 'controllers', chosen, context);
    container.provide(TOKENS.createController, (name, options) =>
      make({ name, options: options as Choice['options'] }),
    );
    const made = await make(config.controller);
    container.provide(TOKENS.controller, made, () => made.dispose?.());
    container.saves('controller', made);
  };

/** The registry with the weights that its streams give; `weights` replaces them where they come from elsewhere. */
export const registry =
  (config: RunConfig): RunModule =>
  (container) => {
    const objective = container.get(TOKENS.objective);
    const { gradient, stepSize, untie, moments, follow, profile, components } = config.tying;
    const made = new WeightRegistry(objective, container.get(TOKENS.streams), {
      gradient,
      stepSize,
      untie,
      moments,
      follow,
      profile,
      freeze: config.training.freeze,
      ...(components && { components }),
    });
    container.provide(TOKENS.registry, made, () => made.dispose());
    made.initialize(container.get(TOKENS.controller).initial?.(objective.layers));
    const { shape } = container.get(TOKENS.trainingBatches);
    container.provide(TOKENS.ledger, () => made.ledger(objective.cost(shape)));
  };

export const tying: RunModule = (container) => {
  provideMeasuring(container);
  const process = container.build(TyingProcess);
  container.onDispose(process.attach());
  container.saves('tying', process);
  container.provide(TOKENS.tyingIsOver, () => process.isOver);
};

function provideMeasuring(container: RunContainer): void {
  if (!container.get(TOKENS.controller).wants) return;
  const { seed, training } = container.get(TOKENS.config);
  // A stream outside of the run's, never saved: the same batches in a run that was resumed, and no order disturbed.
  const stream = createRandomStream(seed, 'similarity');
  const shape = { batch: training.batch, context: container.get(TOKENS.model).context };
  const source = container.get(TOKENS.prepared).batches(shape, stream);
  const objective = container.get(TOKENS.objective);
  const owner = container.get(TOKENS.registry) as WeightRegistry;
  const drawn: Batch[] = [];
  const measuring = new Measuring({
    objective,
    registry: owner,
    ledger: (batch) => owner.ledger(objective.cost(batch)),
    batches(count) {
      while (drawn.length < count) drawn.push(source.next());
      return drawn.slice(0, count);
    },
  });
  container.provide(
    TOKENS.measure,
    (order) => measuring.measure(order),
    () => measuring.dispose(),
  );
}
