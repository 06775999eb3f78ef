/**
 * Builds one run: every part comes from a plug-in by the name in the configuration and is put into a container
 * of the run's own, which the trainer and the processes around it are injected from.
 */
import {
  ContractError,
  createRandomStream,
  createRandomStreams,
  createRunContainer,
  LigatureError,
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
  type Recorder,
  type RunConfig,
  type RunContainer,
  type Snapshotable,
  type TieMap,
} from '@ligature/core';
import { evaluationBatches, trainingBatches } from '@ligature/datasets';
import { RewardProcess } from '@ligature/evaluators';
import {
  createEvaluation,
  meanLoss,
  measureSimilarity,
  Trainer,
  TRAINER_TOKENS,
  trainerOptions,
  type Checkpoints,
  type Evaluate,
  type EvaluationProgress,
} from '@ligature/trainer';
import { TyingProcess, WeightRegistry } from '@ligature/weight-sharing';
import { memory } from '@tensorflow/tfjs-core';
import type { RunParts } from './checkpointing.js';
import { tell, type HeardEnvironment, type RunEnvironment } from './environment.js';
import type { PreparedText } from './text.js';

export interface ComposedRun {
  readonly bus: EventBus;
  readonly model: Model;
  readonly registry: WeightRegistry;
  readonly evaluators: readonly Evaluator[];
  /** All that moves, by name; `trainer` joins when it is built. */
  readonly parts: RunParts;
  readonly container: RunContainer;
}

/** Builds the loop, once it is known how the run is saved. */
export function buildTrainer({ container, parts }: ComposedRun, checkpoints: Checkpoints): Trainer {
  container.provide(TRAINER_TOKENS.checkpoints, checkpoints);
  const trainer = container.build(Trainer);
  parts['trainer'] = trainer;
  return trainer;
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
  env: HeardEnvironment,
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
  env: HeardEnvironment,
  container: RunContainer,
): Promise<ComposedRun> {
  const { host } = env;
  const { batch } = config.training;
  const { context } = config.model;
  const bus = container.provide(TOKENS.bus, env.bus);
  const streams = container.provide(TOKENS.streams, createRandomStreams(config.seed));
  container.provide(TOKENS.config, config);
  container.provide(TOKENS.now, env.now);
  container.provide(TOKENS.batchShape, { batch, context });

  const model = container.provide(
    TOKENS.model,
    await createModel(config, text.tokenizer.vocabularySize, env),
  );
  const batches = (stream: string): BatchSource =>
    trainingBatches(text.tokens, { batch, context }, streams.stream(stream));
  const trainingSource = container.provide(TOKENS.trainingBatches, batches('data-order'));
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
  const reward = await attachReward(config, env, container, controller, async () =>
    config.tying.probe === 'fresh-train'
      ? meanLoss(
          model,
          registry.view(),
          Array.from({ length: config.tying.probeBatches }, () => probeSource.next()),
        )
      : meanLoss(model, registry.view(), sets.validation.batches.slice(0, config.tying.probeBatches)),
  );
  if (controller.wants) {
    // A stream outside of the run's, drawn from once: the same batch in a run that was resumed, and no order disturbed.
    const stream = createRandomStream(config.seed, 'similarity');
    const probe = trainingBatches(text.tokens, { batch, context }, stream).next();
    container.provide(TOKENS.similarity, (kind) => measureSimilarity(registry, kind, probe));
  }
  const tying = container.build(TyingProcess);
  container.onDispose(tying.attach());

  const follow = (progress: EvaluationProgress): void =>
    tell(bus, { type: 'evaluation.progressed', ...progress });
  const full = createEvaluation(model, registry, sets, evaluators, follow);
  const few = { split: 'validation', ...evaluationShape, maxBatches: config.evaluation.batches } as const;
  const quick = createEvaluation(
    model,
    registry,
    { validation: evaluationBatches(text.tokens, few) },
    evaluators,
    follow,
  );
  const evaluate: Evaluate = (split, step, final) => (final ? full : quick)(split, step);
  container.provide(TRAINER_TOKENS.evaluate, evaluate);
  container.provide(TRAINER_TOKENS.options, trainerOptions(config, env.signal));
  const parts: RunParts = {
    streams,
    batches: trainingSource,
    probe: probeSource,
    controller,
    tying,
    ...(reward && { reward }),
    ...(Object.assign({}, ...evaluators.map((evaluator) => movingPart('evaluator', evaluator))) as RunParts),
  };
  return { bus, model, registry, evaluators, parts, container };
}

/** An evaluator or recorder that says it has a state, under a name of its own; nothing of one that has none. */
export function movingPart(kind: 'evaluator' | 'recorder', part: Evaluator | Recorder): RunParts {
  if (!part.snapshot || !part.restore) return {};
  const snapshot = part.snapshot.bind(part);
  const restore = part.restore.bind(part);
  return { [`${kind}/${part.name}`]: { snapshot, restore } };
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
  registry.initialize(initialMapOf(config, controller, model.layers));
  return registry;
}

/** @throws ContractError (`controller-threw`) naming the controller when its `initial` fails */
function initialMapOf(config: RunConfig, controller: Controller, layers: number): TieMap | undefined {
  try {
    return controller.initial?.(layers);
  } catch (cause) {
    // Those of our own say what is wrong with the options already.
    if (cause instanceof LigatureError) throw cause;
    throw new ContractError(
      'controller-threw',
      {
        asked: `Ask the controller "${config.controller.name}" for the tie map before the first step`,
        found: cause instanceof Error ? cause.message : String(cause),
        todo: 'Mend the controller: `initial` returns one entry for each layer',
      },
      { cause },
    );
  }
}

/** Rewards cost evaluations, so they are measured only for controllers that learn from them. */
async function attachReward(
  config: RunConfig,
  env: RunEnvironment,
  container: RunContainer,
  controller: Controller,
  heldOutLoss: (window: number) => Promise<number>,
): Promise<Snapshotable | undefined> {
  const reward = await createChosen(env.host, config, 'rewards', config.reward, {});
  if (!controller.learn) return undefined;
  container.provide(TOKENS.reward, reward);
  container.provide(TOKENS.heldOutLoss, heldOutLoss);
  const process = container.build(RewardProcess);
  container.onDispose(process.attach());
  return process;
}
