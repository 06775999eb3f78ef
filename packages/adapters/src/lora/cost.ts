import type { ModelCost } from '@ligature/core';
import type { Pair } from './pairs.js';

const FLOAT_BYTES = 4;

/**
 * A target's product, and the gradient by the matrix in it, are counted with A: A and B take theirs from that gradient,
 * also where the target itself is frozen. So is the product A B, whose two gradients cost as much each.
 */
export function withPairs(cost: ModelCost, pairs: Iterable<Pair>): ModelCost {
  const weightFlops: Record<string, number> = { ...cost.weightFlops };
  let { layerActivationBytes } = cost;
  for (const { target, a } of pairs) {
    const [rows, columns] = target.shape as [number, number];
    const rank = a.shape[1]!;
    weightFlops[a.name] = (weightFlops[target.name] ?? 0) + 2 * rows * rank * columns;
    delete weightFlops[target.name];
    layerActivationBytes += FLOAT_BYTES * rows * columns; // the sum, kept for the gradient by the product's other side
  }
  return { ...cost, weightFlops, layerActivationBytes };
}
