/**
 * Replays windows of the official code: its actions and batches are given; storage, gradients, moments, rewards
 * and Q-updates are ours, through the same trainer, processes and controller that a run is made of.
 */
import { createQLearning, officialOptions } from '@ligature/controller-q-learning';
import {
  createEventBus,
  createRandomStreams,
  type Batch,
  type BatchSource,
  type Controller,
  type EventBus,
} from '@ligature/core';
import { plugin as evaluators, RewardProcess } from '@ligature/evaluators';
import { meanLoss, Trainer } from '@ligature/trainer';
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
  const { windows, config, optimizer } = reference;
  const streams = createRandomStreams(0);
  const model = referenceModel(config);
  const registry = new WeightRegistry(model, streams, { profile: 'official' });
  registry.initialize(undefined, new Map([...weights].filter(([name]) => !name.startsWith('q.'))));
  const bus = createEventBus();
  const controller = scriptedController(reference, weights);
  try {
    const shape = { batch: 1, context: model.context };
    const config = {
      controller: { name: 'q-learning' },
      tying: { timeoutSeconds: null, onMisbehaviour: 'stop' },
    } as const;
    new TyingProcess(bus, controller, registry, streams, shape, config).attach();
    const reward = await evaluators.rewards['negative-perplexity'].create({ clip: null }, {});
    new RewardProcess(bus, reward, (window) =>
      meanLoss(model, registry.view(), [referenceBatch(windows[window]?.probe ?? [])]),
    ).attach();
    observe(bus, registry, reference, deviations);
    const first = referenceBatch(windows[0]?.train[0] ?? []);
    const trainer = new Trainer(
      bus,
      model,
      registry,
      scriptedBatches(reference),
      { batch: first.batch, context: first.context },
      {
        ...referenceAdamW(optimizer),
        steps: windows.length * reference.steps_per_window,
        window: reference.steps_per_window,
        accumulation: 1,
        learningRate: optimizer.learning_rate,
        schedule: 'constant',
        warmup: 0,
        minimumLearningRate: 1,
        clip: optimizer.max_grad_norm,
        evaluateEvery: null,
        finalSplits: [],
        checkpointEvery: null,
        checkpointEveryMinutes: null,
        onDivergence: 'stop',
        seed: 0,
        controller: 'q-learning',
      },
      streams,
      () => 0,
    );
    await trainer.run();
    return deviations;
  } finally {
    bus.dispose();
    registry.dispose();
  }
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
    { layers: reference.config.n_layer, seed: 0, random: createRandomStreams(0).stream('policy') },
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
  let position = 0;
  return {
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
