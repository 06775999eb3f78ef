/**
 * The honest counts of a layout. Closed forms only: nothing is measured here.
 *
 * Operations: a product of a batch with a weight costs as much again for the gradient of the batch, and once more
 * for the gradient of the weight. A product of two activations has two activation gradients. So an untied step
 * costs three forward passes, and a use whose weight takes no gradient saves one third of its weight products.
 */
import type { Ledger, Model } from '@ligature/core';
import type { Layout } from '../layout/layout.js';
import { sizeOf, type BlockParameters } from './block-parameters.js';

const FLOAT_BYTES = 4;

export interface LedgerInput {
  readonly model: Model;
  readonly parameters: BlockParameters;
  readonly layout: Layout;
  /** Whether a position that does not train reads its block without a gradient. */
  readonly detached: boolean;
  /** Floats that are held as optimizer moments. */
  readonly momentSize: number;
}

/** @param batch rows of a batch, @param context tokens of a row: for operations and activation bytes */
export function ledgerOf(input: LedgerInput, batch: number, context: number): Ledger {
  const { model, parameters, layout, detached } = input;
  const sizes = (specs: readonly Parameters<typeof sizeOf>[0][]): number =>
    specs.reduce((sum, spec) => sum + sizeOf(spec), 0);
  const globalSize = sizes(parameters.globals);
  const cost = model.cost(batch, context);

  const distinctStorages: Record<string, number> = {};
  let unique = globalSize;
  let trainable = globalSize;
  let logged = globalSize;
  let weightGradientFlops = cost.globalFlops;
  for (const component of layout.components) {
    const size = sizes(parameters.byComponent.get(component) ?? []);
    const storages = new Set<number>();
    const trained = new Set<number>();
    let positions = 0;
    for (let layer = 0; layer < layout.layers; layer += 1) {
      const storage = layout.storage(component, layer);
      storages.add(storage);
      if (!layout.trains(component, layer)) continue;
      trained.add(storage);
      positions += 1;
    }
    distinctStorages[component] = storages.size;
    unique += size * storages.size;
    trainable += size * trained.size;
    logged += size * positions;
    weightGradientFlops +=
      (cost.componentWeightFlops[component] ?? 0) * (detached ? positions : layout.layers);
  }

  const forward = layout.layers * (cost.layerWeightFlops + cost.layerActivationFlops) + cost.globalFlops;
  const backward =
    layout.layers * (cost.layerWeightFlops + 2 * cost.layerActivationFlops) +
    cost.globalFlops +
    weightGradientFlops;
  return {
    layers: layout.layers,
    independentLayers: layout.independentLayers(),
    distinctStorages,
    uniqueParameters: unique,
    trainableParameters: trainable,
    loggedTrainableParameters: logged,
    totalParameters: globalSize + layout.layers * sizes(parameters.blocks),
    bytes: {
      weights: FLOAT_BYTES * unique,
      // Every position that trains has gradients of its own, aliases (official profile) included.
      gradients: FLOAT_BYTES * logged,
      moments: FLOAT_BYTES * input.momentSize,
      activations: layout.layers * cost.layerActivationBytes + cost.globalActivationBytes,
    },
    flops: { forward, backward, step: forward + backward },
  };
}
