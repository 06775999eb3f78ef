/**
 * The counts of a ledger, by walking over every position and every product of a stack one after the other. Knows no
 * layout, no wiring and no closed form: who reads which weight, and who trains, is what the test says.
 */
import type { Ledger, ModelCost, ParameterSpec, Stack } from '@ligature/core';

/** What a test says of one position. */
export interface Position {
  /** Any name that positions with one weight have in common. */
  readonly storage: string;
  /** Has a gradient, slots and updates of its own. */
  readonly trains: boolean;
  /** Its use adds to somebody's gradient. */
  readonly differentiated: boolean;
}

export type Walk = (spec: ParameterSpec, layer: number | null) => Position;

export type Counts = Pick<
  Ledger,
  'uniqueParameters' | 'trainableParameters' | 'loggedTrainableParameters' | 'totalParameters' | 'flops'
> & { readonly bytes: Omit<Ledger['bytes'], 'moments'> };

export function naiveCounts(stack: Stack, cost: ModelCost, walk: Walk): Counts {
  const stored = new Map<string, number>();
  const trained = new Map<string, number>();
  let total = 0;
  let logged = 0;
  const visit = (spec: ParameterSpec, layer: number | null): Position => {
    const position = walk(spec, layer);
    let size = 1;
    for (const length of spec.shape) size *= length;
    const key = `${spec.name} in ${position.storage}`;
    stored.set(key, size);
    total += size;
    if (position.trains) {
      trained.set(key, size);
      logged += size;
    }
    return position;
  };
  const sum = (sizes: Map<string, number>): number => [...sizes.values()].reduce((a, b) => a + b, 0);

  let forward = 0;
  let ofWeights = 0;
  let products = 0;
  /** Something before this place takes a gradient, so that a batch needs one here. */
  let needed = false;
  for (const spec of stack.parameters) {
    if (spec.sharing !== 'global') continue;
    const { differentiated } = visit(spec, null);
    const flops = cost.weightFlops[spec.name] ?? 0;
    forward += flops;
    products += flops;
    if (differentiated) ofWeights += flops;
    needed ||= differentiated;
  }
  let ofBatches = 0;
  let activations = 0;
  for (let layer = 0; layer < stack.layers; layer += 1) {
    const own = stack.parameters.filter((spec) => spec.sharing !== 'global');
    const positions = own.map((spec) => visit(spec, layer));
    needed ||= positions.some(({ differentiated }) => differentiated);
    own.forEach((spec, index) => {
      const flops = cost.weightFlops[spec.name] ?? 0;
      forward += flops;
      if (needed) ofBatches += flops;
      if (positions[index]?.differentiated) ofWeights += flops;
    });
    forward += cost.layerActivationFlops;
    if (needed) ofBatches += 2 * cost.layerActivationFlops;
    if (needed) activations += cost.layerActivationBytes;
  }
  if (needed) ofBatches += products;
  if (needed) activations += cost.globalActivationBytes;

  const backward = ofBatches + ofWeights;
  return {
    uniqueParameters: sum(stored),
    trainableParameters: sum(trained),
    loggedTrainableParameters: logged,
    totalParameters: total,
    bytes: { weights: 4 * sum(stored), gradients: 4 * logged, activations },
    flops: { forward, backward, step: forward + backward },
  };
}
