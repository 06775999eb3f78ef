/**
 * Builds one run: every part comes from a plug-in by the name in the configuration and is put into a container
 * of the run's own, which the trainer and the processes around it are injected from.
 */
import {
  createEventBus,
  createRandomStreams,
  createRunContainer,
  TOKENS,
  type BatchSource,
  type Choice,
  type Controller,
  type EventBus,
  type Evaluator,
  type Model,
  type PluginHost,
  type PluginKind,
  type PluginKinds,
  type RandomStreams,
  type RunConfig,
  type RunContainer,
} from '@ligature/core';
import { evaluationBatches, trainingBatches } from '@ligature/datasets';
import { RewardProcess } from '@ligature/evaluators';
import {
  createEvaluation,
  meanLoss,
  Trainer,
  TRAINER_TOKENS,
  trainerOptions,
  type Evaluate,
} from '@ligature/trainer';
import { TyingProcess, WeightRegistry } from '@ligature/weight-sharing';
import { memory } from '@tensorflow/tfjs-core';
import type { RunEnvironment } from './environment.js';
import type { PreparedText } from './text.js';

export interface ComposedRun {
  readonly bus: EventBus;
  readonly model: Model;
  readonly registry: WeightRegistry;
  readonly evaluators: readonly Evaluator[];
  readonly evaluate: Evaluate;
  readonly trainer: Trainer;
  readonly container: RunContainer;
}

/** Makes a plug-in's thing; under the official profile its official options stand below the written ones. */
export function createChosen<K extends PluginKind>(
  host: PluginHost,
  config: RunConfig,
  kind: K,
  { name, options }: Choice,
  context: PluginKinds[K]['context'],
): Promise<PluginKinds[K]['made']> {
  const official = config.tying.profile === 'official' ? host.entry(kind, name).meta.official : undefined;
  return host.create(kind, name, { ...official, ...options }, context);
}

/** The model of a configuration, before any weight exists. */
export function createModel(config: RunConfig, vocabularySize: number, env: RunEnvironment): Promise<Model> {
  const { name, options, ...shape } = config.model;
  return env.host.create('models', name, { ...shape, ...options }, { vocabularySize });
}

export async function composeRun(
  config: RunConfig,
  text: PreparedText,
  env: RunEnvironment,
): Promise<ComposedRun> {
  const container = createRunContainer();
  try {
    return await compose(config, text, env, container);
  } catch (error) {
    await disposeAfter(container);
    throw error;
  }
}

/** Disposes a run that has failed: its first error is the one to report, also when disposing fails in its turn. */
export async function disposeAfter(container: RunContainer): Promise<void> {
  await container.dispose().catch(() => undefined);
}

async function compose(
  config: RunConfig,
  text: PreparedText,
  env: RunEnvironment,
  container: RunContainer,
): Promise<ComposedRun> {
  const { host } = env;
  const { batch } = config.training;
  const { context } = config.model;
  const bus = container.provide(TOKENS.bus, createEventBus());
  container.onDispose(() => bus.dispose());
  const streams = container.provide(TOKENS.streams, createRandomStreams(config.seed));
  container.provide(TOKENS.config, config);
  container.provide(TOKENS.tokenizer, text.tokenizer);
  container.provide(TOKENS.now, env.now);
  container.provide(TOKENS.batchShape, { batch, context });

  const model = container.provide(
    TOKENS.model,
    await createModel(config, text.tokenizer.vocabularySize, env),
  );
  const batches = (stream: string): BatchSource =>
    trainingBatches(text.tokens, { batch, context }, streams.stream(stream));
  container.provide(TOKENS.trainingBatches, batches('data-order'));
  const evaluationShape = { batch: config.evaluation.batch, context };
  const sets = {
    validation: evaluationBatches(text.tokens, { split: 'validation', ...evaluationShape }),
    test: evaluationBatches(text.tokens, { split: 'test', ...evaluationShape }),
  };

  const controller = await createChosen(host, config, 'controllers', config.controller, {
    layers: model.layers,
    seed: config.seed,
    random: streams.stream('policy/initialization'),
  });
  container.provide(TOKENS.controller, controller, () => controller.dispose?.());
  const registry = createRegistry(config, model, streams, controller);
  container.provide(TOKENS.registry, registry, () => registry.dispose());

  const evaluators = await Promise.all(
    config.evaluation.evaluators.map((chosen) =>
      createChosen(host, config, 'evaluators', chosen, {
        layers: model.layers,
        backendBytes: () => memory().numBytes,
        now: env.now,
      }),
    ),
  );
  for (const evaluator of evaluators) {
    const detach = evaluator.attach?.(bus);
    if (detach) container.onDispose(detach);
  }

  const probeSource = batches('reward');
  await attachReward(config, env, container, controller, async () =>
    config.tying.probe === 'fresh-train'
      ? meanLoss(
          model,
          registry.view(),
          Array.from({ length: config.tying.probeBatches }, () => probeSource.next()),
        )
      : meanLoss(model, registry.view(), sets.validation.batches.slice(0, config.tying.probeBatches)),
  );
  container.onDispose(container.build(TyingProcess).attach());

  const full = createEvaluation(model, registry, sets, evaluators);
  const few = { split: 'validation', ...evaluationShape, maxBatches: config.evaluation.batches } as const;
  const quick = createEvaluation(
    model,
    registry,
    { validation: evaluationBatches(text.tokens, few) },
    evaluators,
  );
  const evaluate: Evaluate = (split, step) => (step < config.training.steps ? quick : full)(split, step);
  container.provide(TRAINER_TOKENS.evaluate, evaluate);
  container.provide(TRAINER_TOKENS.options, trainerOptions(config, env.signal));
  return { bus, model, registry, evaluators, evaluate: full, trainer: container.build(Trainer), container };
}

function createRegistry(
  config: RunConfig,
  model: Model,
  streams: RandomStreams,
  controller: Controller,
): WeightRegistry {
  const { gradient, untie, moments, follow, profile, components } = config.tying;
  const registry = new WeightRegistry(model, streams, {
    gradient,
    untie,
    moments,
    follow,
    profile,
    ...(components && { components }),
  });
  registry.initialize(controller.initial?.(model.layers));
  return registry;
}

/** Rewards cost evaluations, so they are measured only for controllers that learn from them. */
async function attachReward(
  config: RunConfig,
  env: RunEnvironment,
  container: RunContainer,
  controller: Controller,
  heldOutLoss: (window: number) => Promise<number>,
): Promise<void> {
  const reward = await createChosen(env.host, config, 'rewards', config.reward, {});
  if (!controller.learn) return;
  container.provide(TOKENS.reward, reward);
  container.provide(TOKENS.heldOutLoss, heldOutLoss);
  container.onDispose(container.build(RewardProcess).attach());
}
