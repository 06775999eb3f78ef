/** What pairs of blocks would lose by being one, for controllers that merge. It changes nothing and draws nothing. */
import {
  LigatureError,
  smallest,
  type Batch,
  type MeasurementOrder,
  type ParameterView,
  type TieCosts,
} from '@ligature/core';
import type { WeightRegistry } from '@ligature/weight-sharing';
import * as tf from '@tensorflow/tfjs-core';
import { breathe } from '../breathe.js';
import { sixDecimals } from './six-decimals.js';
import type { Scorer } from './scorer.js';
import { substitutedView, tiedNames, type Substitution } from './substituted-view.js';

export type TieCostOrder = Extract<MeasurementOrder, { readonly measure: 'tie-cost' }>;

/** Forward passes over each batch: one for the loss now, and one (`best`: two) for each pair. */
export const passesOf = ({ pairs, substitute }: Pick<TieCostOrder, 'pairs' | 'substitute'>): number =>
  1 + pairs.length * (substitute === 'best' ? 2 : 1);

/**
 * For each pair the mean loss with one block in the place of both, minus the mean loss now; one batch after the other, each
 * the same for all pairs.
 *
 * @param batches at least one
 * @throws LigatureError (`measurement-not-finite`)
 */
export async function measureTieCosts(
  scorer: Scorer,
  registry: WeightRegistry,
  { pairs, substitute, component, tieMap }: TieCostOrder,
  batches: readonly Batch[],
): Promise<TieCosts> {
  const view = registry.view();
  const names = tiedNames(registry, component);
  const weight = batches.reduce((sum, batch) => sum + batch.weight, 0);
  const meanLoss = async (of: ParameterView): Promise<number> => {
    let sum = 0;
    for (const batch of batches) {
      sum += await scorer.lossSum(of, batch);
      await breathe();
    }
    return sum / weight;
  };
  const lossWith = async (substitution: Substitution): Promise<number> => {
    const substituted = substitutedView(view, tieMap, names, substitution);
    try {
      return await meanLoss(substituted.view);
    } finally {
      tf.dispose([...substituted.made]);
    }
  };

  const loss = finite(await meanLoss(view), 'the loss as it is');
  const costs: number[] = [];
  for (const { first, second } of pairs) {
    const what = `the loss with one block for those of layers ${first} and ${second}`;
    const ways = substitute === 'best' ? (['first', 'second'] as const) : ([substitute] as const);
    const losses: number[] = [];
    for (const by of ways) losses.push(finite(await lossWith({ first, second, by }), what));
    costs.push(sixDecimals(smallest(losses) - loss));
  }
  return {
    kind: 'tie-cost',
    substitute,
    batches: batches.length,
    loss: sixDecimals(loss),
    pairs: pairs.map((pair, at) => ({ ...pair, cost: costs[at]! })),
  };
}

/** @throws LigatureError (`measurement-not-finite`) */
function finite(value: number, what: string): number {
  if (Number.isFinite(value)) return value;
  throw new LigatureError('measurement-not-finite', {
    asked: 'Measure what a tie of two blocks costs',
    found: `${what} is ${value}`,
    todo: 'Check whether the training diverged',
  });
}
