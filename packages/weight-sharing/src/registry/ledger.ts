/**
 * The honest counts of a layout. Closed forms only: nothing is measured here.
 *
 * Operations: a product of a batch with a weight costs as much again for the gradient of the batch, and once more
 * for the gradient of the weight. A product of two activations has two activation gradients. So an untied step
 * costs three forward passes, and a use whose weight takes no gradient saves one third of its weight products. Layers
 * before the first one that trains need no gradient of their batch, and keep no activations for it.
 */
import type { Ledger, ModelCost } from '@ligature/core';
import { sizeOf } from './block-parameters.js';
import type { Wiring } from './wiring.js';

const FLOAT_BYTES = 4;

/**
 * @param cost of one batch
 * @param slotSize floats that are held in optimizer slots
 */
export function ledgerOf(wiring: Wiring, cost: ModelCost, slotSize: number): Ledger {
  const { layout } = wiring;
  const { layers } = wiring.stack;
  const { unique, trainable, logged, total } = countParameters(wiring);
  return {
    layers,
    independentLayers: layout.independentLayers(),
    distinctStorages: distinctStorages(wiring),
    uniqueParameters: unique,
    trainableParameters: trainable,
    loggedTrainableParameters: logged,
    totalParameters: total,
    bytes: {
      weights: FLOAT_BYTES * unique,
      // Every position that trains has gradients of its own, aliases (official profile) included.
      gradients: FLOAT_BYTES * logged,
      moments: FLOAT_BYTES * slotSize,
      activations: activationBytes(wiring, cost),
    },
    flops: countOperations(wiring, cost),
  };
}

/** Weight storages that exist, per component. */
export function distinctStorages({ layout }: Wiring): Record<string, number> {
  const count = (component: string): number =>
    new Set(Array.from({ length: layout.layers }, (_, layer) => layout.storage(component, layer))).size;
  return Object.fromEntries(layout.components.map((component) => [component, count(component)]));
}

interface ParameterCounts {
  unique: number;
  trainable: number;
  logged: number;
  total: number;
}

function countParameters(wiring: Wiring): ParameterCounts {
  const counts: ParameterCounts = { unique: 0, trainable: 0, logged: 0, total: 0 };
  for (const spec of wiring.parameters.globals) {
    const size = sizeOf(spec);
    const trained = wiring.frozen.has(spec.name) ? 0 : size;
    counts.unique += size;
    counts.total += size;
    counts.trainable += trained;
    counts.logged += trained;
  }
  for (const spec of wiring.parameters.layered) {
    const size = sizeOf(spec);
    const storages = new Set<string>();
    const trained = new Set<string>();
    for (let layer = 0; layer < wiring.stack.layers; layer += 1) {
      const storage = wiring.storage(spec, layer);
      storages.add(storage);
      counts.total += size;
      if (!wiring.trains(spec, layer)) continue;
      trained.add(storage);
      counts.logged += size;
    }
    counts.unique += size * storages.size;
    counts.trainable += size * trained.size;
  }
  return counts;
}

function countOperations(wiring: Wiring, cost: ModelCost): Ledger['flops'] {
  const { globals, layered } = wiring.parameters;
  const { layers } = wiring.stack;
  const of = (spec: { readonly name: string }): number =>
    Object.hasOwn(cost.weightFlops, spec.name) ? (cost.weightFlops[spec.name] as number) : 0;
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
  const globalFlops = sum(globals.map(of));
  const layerFlops = sum(layered.map(of));
  const forward = layers * (layerFlops + cost.layerActivationFlops) + globalFlops;

  const reached = layersReached(wiring);
  const ofBatches = reached * (layerFlops + 2 * cost.layerActivationFlops);
  const ofGlobals = trainsAnything(wiring) ? globalFlops : 0;
  const ofWeights =
    sum(globals.filter(({ name }) => !wiring.frozen.has(name)).map(of)) +
    sum(layered.map((spec) => of(spec) * usesWithGradient(wiring, spec)));
  const backward = ofBatches + ofGlobals + ofWeights;
  return { forward, backward, step: forward + backward };
}

function activationBytes(wiring: Wiring, cost: ModelCost): number {
  if (!trainsAnything(wiring)) return 0;
  return layersReached(wiring) * cost.layerActivationBytes + cost.globalActivationBytes;
}

function usesWithGradient(wiring: Wiring, spec: Wiring['parameters']['layered'][number]): number {
  let count = 0;
  for (let layer = 0; layer < wiring.stack.layers; layer += 1) {
    if (wiring.leaf(spec, layer) !== undefined) count += 1;
  }
  return count;
}

const trainsAnything = (wiring: Wiring): boolean =>
  layersReached(wiring) > 0 || wiring.parameters.globals.some(({ name }) => !wiring.frozen.has(name));

/**
 * Layers that the gradient of the batch passes through: from the last one down to the first that trains. Nothing says
 * whether a global weight is used before the stack (an embedding) or after it (a head), and GPT-2's is used in both
 * places: any that trains counts as before it. Where only a head trains the count is therefore an upper bound.
 */
function layersReached(wiring: Wiring): number {
  const { layers } = wiring.stack;
  const { globals, layered } = wiring.parameters;
  if (globals.some(({ name }) => !wiring.frozen.has(name))) return layers;
  for (let layer = 0; layer < layers; layer += 1) {
    if (layered.some((spec) => wiring.leaf(spec, layer) !== undefined)) return layers - layer;
  }
  return 0;
}
