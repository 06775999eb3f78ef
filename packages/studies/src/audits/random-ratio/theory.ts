/**
 * Independent layers after a sweep of uniformly random actions. Layer i draws one of i + 1 sources, one of them itself,
 * whatever the others draw: a sum of independent trials with chances 1, 1/2, …, 1/L. The number of permutations of L
 * with that many cycles has the same law (unsigned Stirling numbers of the first kind over L!).
 */
import { expectedRandomBlocks } from '@ligature/core';

/** `law[k]`: the probability of k independent layers, k = 0..layers. */
export function randomBlocksLaw(layers: number): number[] {
  let law = [1];
  for (let sources = 1; sources <= layers; sources += 1) {
    const own = 1 / sources;
    law = Array.from({ length: sources + 1 }, (_, k) => (law[k] ?? 0) * (1 - own) + (law[k - 1] ?? 0) * own);
  }
  return law;
}

export interface RandomBlocks {
  /** The harmonic number H_L. */
  readonly mean: number;
  readonly standardDeviation: number;
}

export function randomBlocks(layers: number): RandomBlocks {
  let variance = 0;
  for (let sources = 1; sources <= layers; sources += 1) variance += (1 / sources) * (1 - 1 / sources);
  return { mean: expectedRandomBlocks(layers), standardDeviation: Math.sqrt(variance) };
}

/** The probability that random actions leave at least so many independent layers. */
export function atLeastRandomBlocks(layers: number, count: number): number {
  return randomBlocksLaw(layers)
    .slice(Math.max(0, count))
    .reduce((sum, probability) => sum + probability, 0);
}
