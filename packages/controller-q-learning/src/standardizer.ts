/**
 * Rewards in units of their own spread. An exponentially weighted mean and variance in the incremental form of West 1979
 * (Communications of the ACM 22(9)); with a decay of 1 they are Welford's, the population's.
 *
 * How much a window earns falls as training goes on, whatever the map: the mean has to follow, or the early windows look
 * good for ever. A reward is measured against the windows up to itself and keeps its value from then on, so that what was
 * earned under a steep loss and under a flat one can be learnt from side by side.
 */
import type { Snapshot } from '@ligature/core';
import { asArray } from './snapshot.js';

export class Standardizer {
  /** [weight of all windows, mean, sum of squared deviations] */
  readonly #sums = new Float64Array(3);

  /** @param decay weight of the windows before for each new one, above 0, to 1 */
  constructor(private readonly decay: number) {}

  /** Counts a reward in and gives its distance from the mean in standard deviations; 0 as long as all were equal. */
  pass(reward: number): number {
    const [before, mean, squares] = this.#sums as unknown as [number, number, number];
    const weight = this.decay * before + 1;
    const away = reward - mean;
    const moved = mean + away / weight;
    const spread = this.decay * squares + away * (reward - moved);
    this.#sums.set([weight, moved, spread]);
    const deviation = Math.sqrt(spread / weight);
    return deviation > 0 ? (reward - moved) / deviation : 0;
  }

  snapshot(): Snapshot {
    return this.#sums.slice();
  }

  restore(state: Snapshot | undefined): void {
    const part = 'the statistics of the rewards';
    this.#sums.set(asArray(state, part, Float64Array, 3));
  }
}
