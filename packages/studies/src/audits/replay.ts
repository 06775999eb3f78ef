/**
 * A controller that decides without a model that trains: the real controller, tying process, bus and registry, over
 * blocks of a single weight. What is counted after each sweep depends on decisions alone.
 */
import {
  createEventBus,
  createRandomStreams,
  type Controller,
  type ModelCost,
  type RandomStreams,
  type RunConfig,
  type Stack,
} from '@ligature/core';
import { CheckedController, TyingProcess, WeightRegistry } from '@ligature/weight-sharing';
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
    const settings = { controller: { name: 'replay' }, tying: TYING };
    const checked = new CheckedController(controller, streams, settings);
    const process = new TyingProcess(bus, checked, registry, () => registry.ledger(FREE));
    const detach = process.attach();
    bus.events$.subscribe((event) => applied.observe(event));
    const windows = sweeps * (layers - 1);
    for (let window = 0; window < windows; window += 1) {
      await bus.publish({ type: 'window.opened', window, step: window, progress: window / windows });
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

const TYING = {
  order: 'ascending',
  decide: 'blocks',
  until: 1,
  timeoutSeconds: null,
  onMisbehaviour: 'stop',
} as const;

/** One weight per block: something for the registry to own, share and drop. */
function weightless(layers: number): Stack {
  return {
    name: 'weightless',
    layers,
    parameters: [
      {
        name: 'weight',
        component: 'block',
        shape: [1],
        sharing: 'block',
        initializer: { kind: 'constant', value: 0 },
      },
    ],
    blockParameterName: (layer, name) => `${layer}.${name}`,
  };
}

/** Nothing is computed. */
const FREE: ModelCost = {
  weightFlops: {},
  layerActivationFlops: 0,
  layerActivationBytes: 0,
  globalActivationBytes: 0,
};
