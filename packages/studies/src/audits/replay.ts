/**
 * A controller that decides without a model that trains: the real controller, tying process, bus and registry, over
 * blocks of a single weight. What is counted after each sweep depends on decisions alone.
 */
import {
  createEventBus,
  createRandomStreams,
  sweepPosition,
  type Controller,
  type Model,
  type RandomStreams,
  type RunConfig,
} from '@ligature/core';
import { TyingProcess, WeightRegistry } from '@ligature/weight-sharing';
import { lastSweeps, type SweepCount } from './sweeps.js';

export interface Replay {
  readonly layers: number;
  readonly sweeps: number;
  readonly seed: number;
  readonly profile: RunConfig['tying']['profile'];
  readonly controller: (streams: RandomStreams) => Promise<Controller> | Controller;
}

/** What there is after each sweep. Needs a tfjs backend, on which the single weights lie. */
export async function replaySweeps(replay: Replay): Promise<SweepCount[]> {
  const { layers, sweeps, seed, profile } = replay;
  const streams = createRandomStreams(seed);
  const registry = new WeightRegistry(weightless(layers), streams, { profile });
  const bus = createEventBus();
  const controller = await replay.controller(streams);
  const applied = lastSweeps(layers);
  try {
    registry.initialize(controller.initial?.(layers));
    const process = new TyingProcess(bus, controller, registry, streams, SHAPE, SETTINGS);
    const detach = process.attach();
    bus.events$.subscribe((event) => applied.observe(event));
    for (let window = 0; window < sweeps * (layers - 1); window += 1) {
      await bus.publish({ type: 'window.opened', window, ...sweepPosition(window, layers), step: window });
    }
    await bus.idle();
    detach();
    return applied.counts();
  } finally {
    controller.dispose?.();
    bus.dispose();
    registry.dispose();
  }
}

const SHAPE = { batch: 1, context: 1 };
const SETTINGS = {
  controller: { name: 'replay' },
  tying: { timeoutSeconds: null, onMisbehaviour: 'stop' },
} as const;

/** One weight per block: something for the registry to own, share and drop. */
function weightless(layers: number): Model {
  const none = (): never => {
    throw new Error('a replay trains nothing');
  };
  return {
    name: 'weightless',
    layers,
    context: 1,
    vocabularySize: 1,
    parameters: [
      {
        name: 'weight',
        component: 'block',
        shape: [1],
        scope: 'block',
        initializer: { kind: 'constant', value: 0 },
      },
    ],
    blockParameterName: (layer, name) => `${layer}.${name}`,
    logits: none,
    loss: none,
    cost: () => ({
      layerWeightFlops: 0,
      componentWeightFlops: { attention: 0, mlp: 0, norms: 0 },
      layerActivationFlops: 0,
      globalFlops: 0,
      layerActivationBytes: 0,
      globalActivationBytes: 0,
    }),
  };
}
