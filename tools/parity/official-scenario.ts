/**
 * Replays windows of the official code: its actions and batches are given; storage, gradients, moments, rewards
 * and Q-updates are ours, through the same trainer, processes and controller that a run is made of.
 */
import { createQLearning, officialOptions } from '@ligature/controller-q-learning';
import {
  assembleRun,
  createEventBus,
  createRandomStreams,
  createRunContainer,
  runConfigSchema,
  TOKENS,
  type Batch,
  type BatchSource,
  type Controller,
  type EventBus,
  type RunConfig,
  type RunModule,
} from '@ligature/core';
import { createNegativePerplexity, RewardProcess } from '@ligature/evaluators';
import { createCausalLm } from '@ligature/tasks';
import { measureBatches, Trainer, TRAINER_TOKENS, trainerOptions } from '@ligature/trainer';
import { TyingProcess, WeightRegistry } from '@ligature/weight-sharing';
import { Deviations, EXACT, type Tolerance } from './deviation.js';
import { referenceAdamW, referenceBatch, referenceModel } from './model-scenario.js';
import { Q_OPTIMIZER, type OfficialReference, type Weights } from './reference-files.js';

const LOSSES: Tolerance = { absolute: 5e-4, relative: 0 };
/** A reward is minus the exponential of a loss: the same absolute error of the loss, relative here. */
const REWARDS: Tolerance = { absolute: 0, relative: 5e-4 };
const Q_VALUES: Tolerance = { absolute: 1e-3, relative: 0 };
/** The squared error of a Q-value that is off by 1e-3 and about ten away from its target. */
const Q_LOSSES: Tolerance = { absolute: 1e-3, relative: 1e-3 };

export async function checkOfficial(reference: OfficialReference, weights: Weights): Promise<Deviations> {
  const deviations = new Deviations();
  const run = await assembleRun([given(reference, weights), processes]);
  try {
    const registry = run.get(TOKENS.registry) as WeightRegistry;
    observe(run.get(TOKENS.bus), registry, reference, deviations);
    await run.build(Trainer).run();
    return deviations;
  } finally {
    await run.dispose();
  }
}

/** What a run gets from its configuration and its data, from the reference instead. */
function given(reference: OfficialReference, weights: Weights): RunModule {
  return (run) => {
    const { objective } = referenceModel(reference.config);
    const bus = createEventBus();
    run.provide(TOKENS.bus, bus, () => bus.dispose());
    const streams = run.provide(TOKENS.streams, createRandomStreams(0));
    const config = run.provide(TOKENS.config, configOf(reference));
    run.provide(TOKENS.now, () => 0);
    run.provide(TOKENS.task, createCausalLm());
    run.provide(TOKENS.objective, objective);
    run.provide(TOKENS.optimizer, referenceAdamW(reference.optimizer));
    run.provide(TOKENS.controller, scriptedController(reference, weights));
    run.provide(TOKENS.reward, createNegativePerplexity(null));
    const { shape, weight } = run.provide(TOKENS.trainingBatches, scriptedBatches(reference));
    const registry = new WeightRegistry(objective, streams, { profile: config.tying.profile });
    run.provide(TOKENS.registry, registry, () => registry.dispose());
    registry.initialize(undefined, new Map([...weights].filter(([name]) => !name.startsWith('q.'))));
    run.provide(TOKENS.ledger, () => registry.ledger(objective.cost(shape)));
    run.provide(TOKENS.probe, (window) =>
      measureBatches(objective, registry.view(), [referenceBatch(reference.windows[window]?.probe ?? [])]),
    );
    run.provide(TRAINER_TOKENS.options, { ...trainerOptions(config, weight), finalSplits: [] });
  };
}

const processes: RunModule = (run) => {
  run.onDispose(run.build(TyingProcess).attach());
  run.onDispose(run.build(RewardProcess).attach());
};

function configOf({ windows, steps_per_window: window, optimizer }: OfficialReference): RunConfig {
  return runConfigSchema.parse({
    controller: 'q-learning',
    tying: { profile: 'official', window, timeoutSeconds: null },
    training: {
      ...{ steps: windows.length * window, learningRate: optimizer.learning_rate, schedule: 'constant' },
      ...{ warmup: 0, clip: optimizer.max_grad_norm },
    },
    checkpoint: { every: null, everyMinutes: null },
  });
}

/** Decides as the reference did and learns as the q-learning controller does. */
function scriptedController(reference: OfficialReference, weights: Weights): Controller {
  const [, hidden] = reference.q_network.layers as [number, number, number];
  const [, learningRate, weightDecay] = Q_OPTIMIZER.exec(reference.q_network.optimizer) ?? [];
  const learner = createQLearning(
    {
      ...officialOptions,
      hidden,
      learningRate: Number(learningRate),
      weightDecay: Number(weightDecay),
      gamma: reference.q_network.gamma,
      rewardClip: reference.q_network.reward_clip,
    },
    {
      ...{ layers: reference.config.n_layer, seed: 0, random: createRandomStreams(0).stream('policy') },
      get: createRunContainer().get,
    },
  );
  const values = (name: string): ArrayLike<number> => (weights.get(name)?.data ?? []) as ArrayLike<number>;
  learner.loadWeights({
    'q.0.weight': values('q.0.weight'),
    'q.0.bias': values('q.0.bias'),
    'q.2.weight': values('q.2.weight'),
    'q.2.bias': values('q.2.bias'),
  } as unknown as Parameters<typeof learner.loadWeights>[0]);
  return {
    decide: ({ window }) => {
      const { layer, action } = reference.windows[window] ?? { layer: 0, action: 0 };
      return { kind: 'layer', layer, source: action };
    },
    learn: (transition) => learner.learn(transition),
    snapshot: () => learner.snapshot(),
    restore: (state) => learner.restore(state),
  };
}

function scriptedBatches({ windows }: OfficialReference): BatchSource {
  const batches: Batch[] = windows.flatMap(({ train }) => train.map(referenceBatch));
  const [first] = batches as [Batch];
  const shapes = Object.entries(first.fields).map(([name, { shape }]) => [name, shape] as const);
  let position = 0;
  return {
    shape: Object.fromEntries(shapes),
    weight: first.weight,
    next: () => batches[position++] as Batch,
    snapshot: () => position,
    restore: (state) => void (position = state as number),
  };
}

function observe(
  bus: EventBus,
  registry: WeightRegistry,
  { windows, config }: OfficialReference,
  deviations: Deviations,
): void {
  bus.handle({
    type: 'tying.applied',
    phase: 'record',
    name: 'parity',
    handle: ({ window, state, ledger }) => {
      const expected = windows[window];
      const at = `window ${window}`;
      const taken = new Set(registry.binding().leaves.map(({ name }) => name));
      const gradients = Array.from({ length: config.n_layer }, (_, layer) =>
        Number(taken.has(`transformer.h.${layer}.attn.c_attn.weight`)),
      );
      deviations.add('storages', `${at} state`, state, expected?.state ?? [], EXACT);
      deviations.add(
        'storages',
        `${at} gradients taken`,
        gradients,
        (expected?.weight_gradient_taken ?? []).map(Number),
        EXACT,
      );
      for (const [component, count] of Object.entries(ledger.distinctStorages)) {
        deviations.add(
          'storages',
          `${at} ${component}`,
          [count],
          [expected?.distinct_storages ?? Number.NaN],
          EXACT,
        );
      }
    },
  });
  bus.handle({
    type: 'window.closed',
    phase: 'record',
    name: 'parity',
    handle: ({ window, losses }) =>
      deviations.add('losses', `window ${window}`, losses, windows[window]?.losses ?? [], LOSSES),
  });
  bus.handle({
    type: 'reward.measured',
    phase: 'record',
    name: 'parity',
    handle: ({ window, raw }) =>
      deviations.add('rewards', `window ${window}`, [raw], [windows[window]?.reward ?? Number.NaN], REWARDS),
  });
  bus.handle({
    type: 'controller.learned',
    phase: 'record',
    name: 'parity',
    handle: ({ window, report }) => {
      const expected = windows[window];
      const pick = (name: string): number[] => [report[name] ?? Number.NaN];
      deviations.add(
        'Q-values',
        `window ${window} predicted`,
        pick('predicted'),
        [expected?.q_predicted ?? Number.NaN],
        Q_VALUES,
      );
      deviations.add(
        'Q-values',
        `window ${window} target`,
        pick('target'),
        [expected?.q_target ?? Number.NaN],
        Q_VALUES,
      );
      deviations.add(
        'Q-losses',
        `window ${window}`,
        pick('loss'),
        [expected?.q_loss ?? Number.NaN],
        Q_LOSSES,
      );
    },
  });
}
