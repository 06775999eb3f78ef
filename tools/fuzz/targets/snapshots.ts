/**
 * States of everything that is restored from a checkpoint. What accepts a state has to go on with it: decide, learn,
 * give batches, draw numbers, without an untyped error and without leaving its range.
 */
import {
  createRandomStream,
  createRandomStreams,
  createRunContainer,
  PluginHost,
  TOKENS as RUN,
  type Ledger,
  type Snapshot,
} from '@ligature/core';
import type { Controller, Observation, RandomStream, Reward, Transition } from '@ligature/core';
import { plugin as annealing } from '@ligature/controller-annealing';
import { plugin as bandit } from '@ligature/controller-bandit';
import { plugin as gradientConflict } from '@ligature/controller-gradient-conflict';
import { plugin as halving } from '@ligature/controller-halving';
import { plugin as heuristics } from '@ligature/controller-heuristics';
import { plugin as linearThompson } from '@ligature/controller-linear-thompson';
import { plugin as lossProbed } from '@ligature/controller-loss-probed';
import { plugin as qLearning } from '@ligature/controller-q-learning';
import { plugin as random } from '@ligature/controller-random';
import { plugin as evaluators } from '@ligature/evaluators';
import { createBatchSource } from '@ligature/tasks';
import * as fc from 'fast-check';
import { jsonValue } from '../generate/json.js';
import { defineTarget, Violation } from '../target.js';

const LAYERS = 4;
const host = [
  ...[heuristics, qLearning, random, bandit, annealing, halving],
  ...[linearThompson, lossProbed, gradientConflict, evaluators],
].reduce((all, one) => all.register(one), new PluginHost());
const stream = (name = 'test'): RandomStream => createRandomStream(7, name);

const container = createRunContainer();
// For what is charged by size.
container.provide(RUN.ledger, () => ({ uniqueParameters: 1000 }) as Ledger);
const { get } = container;

const SMALL = { hidden: 3 };
const CONTROLLERS: readonly (readonly [string, object])[] = [
  ['q-learning', SMALL],
  ['q-learning', { ...SMALL, replay: { capacity: 5, batch: 3 }, targetNetwork: { every: 2 }, doubleQ: true }],
  ['q-learning', { ...SMALL, decide: 'all', replay: { capacity: 4, batch: 2 } }],
  ['q-learning', { ...SMALL, replay: null, targetNetwork: null, doubleQ: false, head: 'official' }],
  ['random', {}],
  ['random', { mode: 'fixed' }],
  ['random-adjacent-merging', { blocks: 2 }],
  ['loss-probed', { blocks: 2 }],
  ['gradient-conflict', { blocks: 2 }],
  ['bandit', {}],
  ['bandit', { policy: 'thompson', arms: 'hierarchical', discount: 1, window: 3 }],
  ['annealing', {}],
  ['halving', { candidates: 3, warmup: 0, visits: 1 }],
  ['linear-thompson', { hold: 2, from: 0, candidates: 9 }],
  ['none', {}],
  ['map', { map: [0, 0, 2, 2] }],
];

const makeController = (name: string, options: object): Promise<Controller> =>
  host.create('controllers', name, options, { layers: LAYERS, seed: 1, random: stream('policy'), get });

const observation = (window: number): Observation => ({
  ...{ window, sweep: Math.floor(window / 3), step: 2 * window, layers: LAYERS, layer: (window % 3) + 1 },
  ...{ tieMap: [0, 0, 2, 0], state: [0, 0, 2, 0], recentLosses: [2, 1.5] },
  ...{ progress: window / 20, component: null, tieMaps: { attention: [0, 0, 2, 0] } },
});

/** Some windows of decisions and learning. */
async function goOn(controller: Controller, windows: number): Promise<void> {
  const map = controller.initial?.(LAYERS);
  if (map) assertMap(map);
  for (let window = 0; window < windows; window += 1) {
    const seen = observation(window);
    const decision = (await controller.decide?.(seen, stream())) ?? { kind: 'keep' as const };
    if (decision.kind === 'layer' && !isSource(decision.source, decision.layer)) {
      throw new Violation(`it decided for source ${decision.source} of layer ${decision.layer}`);
    }
    if (decision.kind === 'map') assertMap(decision.tieMap);
    const transition: Transition = {
      ...{ observation: seen, decision, reward: 0.5, next: observation(window + 1) },
      ...{ terminated: false, truncated: false },
    };
    await controller.learn?.(transition);
  }
}

const isSource = (source: number, layer: number): boolean =>
  Number.isInteger(source) && source >= 0 && source <= layer;
function assertMap(map: readonly number[]): void {
  if (map.length === LAYERS && map.every(isSource)) return;
  throw new Violation(`its map is [${map.slice(0, 9).join(', ')}]`);
}

async function controllerStates([name, options]: readonly [string, object]): Promise<Snapshot[]> {
  const controller = await makeController(name, options);
  const fresh = controller.snapshot();
  await goOn(controller, 7);
  return [fresh, controller.snapshot()];
}
const controllerSeeds = await Promise.all(CONTROLLERS.map(controllerStates));

export const controllerState = defineTarget({
  name: 'controller-state',
  reads: 'the saved state of every controller',
  input: fc
    .nat(CONTROLLERS.length - 1)
    .chain((index) => fc.tuple(fc.constant(index), jsonValue(controllerSeeds[index] as Snapshot[]))),
  async prepare([index, state]) {
    const controller = await makeController(...(CONTROLLERS[index] as (typeof CONTROLLERS)[number]));
    return async () => {
      controller.restore(state as Snapshot);
      await goOn(controller, 7);
      return controller.snapshot();
    };
  },
});

const accuracy = { name: 'accuracy', unit: '', better: 'higher' } as const;
const measure = (reward: Reward) =>
  reward.measure({
    ...{ window: 1, losses: [2] },
    heldOutLoss: () => Promise.resolve(1.5),
    heldOutMetric: () => Promise.resolve({ metric: accuracy, value: 0.5 }),
  });

export const rewardState = defineTarget({
  name: 'reward-state',
  reads: 'the saved state of every reward',
  input: fc.tuple(
    fc.constantFrom(...host.names('rewards')),
    jsonValue([{ baseline: null }, { baseline: 1.5 }]),
  ),
  async prepare([name, state]) {
    const reward = await host.create('rewards', name, {}, { get });
    return async () => {
      reward.restore(state as Snapshot);
      const { reward: value } = await measure(reward);
      if (!Number.isFinite(value)) throw new Violation(`its reward is ${value}`);
      return reward.snapshot();
    };
  },
});

const TOKENS = Int32Array.from({ length: 60 }, (_, index) => index % 7);
const makeBatches = () => createBatchSource(TOKENS, { batch: 2, context: 8 }, stream('batches'));
function batchStates(): Snapshot[] {
  const source = makeBatches();
  const fresh = source.snapshot();
  for (let batch = 0; batch < 4; batch += 1) source.next();
  return [fresh, source.snapshot()];
}

export const batchState = defineTarget({
  name: 'batch-state',
  reads: 'the saved place in the training data',
  input: jsonValue(batchStates()),
  prepare(state) {
    const source = makeBatches();
    return () => {
      source.restore(state as Snapshot);
      for (let batch = 0; batch < 8; batch += 1) {
        const ids = Object.values(source.next().fields).flatMap(({ data }) => [...data]);
        if (ids.length !== 2 * 2 * 8 || ids.some((id) => !(id >= 0 && id < 7)))
          throw new Violation('a batch holds no ids');
      }
      return source.snapshot();
    };
  },
});

function streamStates(): Snapshot[] {
  const streams = createRandomStreams(3);
  for (const name of ['dropout', 'batches', 'policy']) streams.stream(name).uniform();
  return [streams.snapshot()];
}

export const streamState = defineTarget({
  name: 'stream-state',
  reads: 'the saved state of the random streams',
  input: jsonValue(streamStates()),
  prepare(state) {
    const streams = createRandomStreams(3);
    return () => {
      streams.restore(state as Snapshot);
      for (const name of ['dropout', 'batches', 'policy', 'new']) {
        const one = streams.stream(name);
        const drawn = [one.uniform(), one.integer(0, 9) / 9, Math.abs(one.normal()) / 100];
        if (!drawn.every((value) => value >= 0 && value < 1))
          throw new Violation(`${name} gave ${drawn.join()}`);
        if (new Set([one.uniform(), one.uniform(), one.uniform()]).size === 1)
          throw new Violation(`${name} stands still`);
      }
      return streams.snapshot();
    };
  },
});
