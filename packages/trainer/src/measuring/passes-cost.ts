import type { Batch, BatchShape, Ledger, MeasuringCost } from '@ligature/core';

/** What is run on every batch: a forward pass, or a forward and a backward one. */
export type Pass = 'forward' | 'step';

/**
 * What so many passes over each of some batches take, by the ledger: products with weights and between activations.
 * Tokens are those that training steps of as many operations would have seen, so that both say the same share of a budget.
 *
 * @param ledger of one batch of a shape
 */
export function passesCost(
  ledger: (shape: BatchShape) => Ledger,
  batches: readonly Batch[],
  passes: number,
  pass: Pass,
): MeasuringCost {
  let [tokens, flops] = [0, 0];
  for (const { fields, weight } of batches) {
    const shape = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.shape]));
    const counts = ledger(shape).flops;
    tokens += passes * weight * shareOfStep(counts, pass);
    flops += passes * counts[pass];
  }
  return { tokens: Math.round(tokens), flops };
}

/** A model that counts no operations reads its targets all the same: a forward pass is then a third of a step. */
const shareOfStep = ({ forward, step }: Ledger['flops'], pass: Pass): number =>
  pass === 'step' ? 1 : step > 0 ? forward / step : 1 / 3;
