/** The seeds of a study. */
import { InputError, type RunConfig } from '@ligature/core';

/** A list, or a number of them counted up from the run's seed. */
export function seedsOf(config: RunConfig): number[] {
  const { seeds } = config.compare;
  return typeof seeds === 'number' ? Array.from({ length: seeds }, (_, index) => config.seed + index) : seeds;
}

/** @param verb `Compare`, for the message @throws InputError (`seed-twice`) */
export function assertSeeds(verb: string, seeds: readonly number[]): void {
  const twice = seeds.find((seed, index) => seeds.indexOf(seed) !== index);
  if (twice === undefined) return;
  throw new InputError('seed-twice', {
    asked: `${verb} with the seeds ${seeds.join(', ')}`,
    found: `${twice} is listed twice, and equal seeds give equal runs`,
    todo: 'List each seed once',
  });
}
