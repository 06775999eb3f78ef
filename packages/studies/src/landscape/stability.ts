/** Whether another seed would rank the maps alike. */
import { mean } from 'simple-statistics';
import { kendallTauB } from '../statistics/kendall.js';
import type { RankingStability, SeedAgreement } from './types.js';

interface Ranked {
  readonly blocks: number;
  /** In the order of the seeds. */
  readonly values: readonly number[];
}

export function rankingStability(maps: readonly Ranked[], seeds: readonly number[]): RankingStability {
  const asMany = (one: number, other: number): boolean => maps[one]?.blocks === maps[other]?.blocks;
  const of = (place: number): number[] => maps.map(({ values }) => values[place] as number);
  const pairs = seeds.flatMap((one, i) =>
    seeds.slice(i + 1).map((other, offset): SeedAgreement => ({
      seeds: [one, other],
      tau: kendallTauB(of(i), of(i + 1 + offset)),
      tauWithinBlocks: kendallTauB(of(i), of(i + 1 + offset), asMany),
    })),
  );
  return {
    pairs,
    meanTau: meanOf(pairs.map(({ tau }) => tau)),
    meanTauWithinBlocks: meanOf(pairs.map(({ tauWithinBlocks }) => tauWithinBlocks)),
  };
}

function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length > 0 ? mean(known) : null;
}
