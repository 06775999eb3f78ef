/** The trials of several runs that are retrained together: the arms of each, on seeds of its own. */
import { largest, type RunConfig } from '@ligature/core';
import { z } from 'zod';
import { armsOf, retrainedFields, type RetrainingTrial } from '../plan.js';
import { START } from '../source.js';

export const retrainedSourcesSettingsSchema = z.strictObject({
  /** Runs of one controller, whose seeds differ. */
  sources: z.array(z.strictObject({ ...retrainedFields, seeds: z.array(z.int().min(0)).min(1) })).min(2),
  /** Whether the found maps are also trained from scratch for as many tokens as `continued` has seen in all. */
  long: z.boolean().default(true),
});
export type RetrainedSourcesSettings = z.output<typeof retrainedSourcesSettingsSchema>;

export interface SourceTrial extends RetrainingTrial {
  /** Seed of the run whose map it is about. */
  readonly source: number;
}

/** The key of the trial store under which the checkpoint of a source is kept. */
export const startOf = (source: number): string => `${START}-${source}`;

/**
 * Seeds for each source, counted up from one above those of all runs. Two sources with one seed would share initial
 * weights and order of data, and would be no two independent ones; on a run's own seed its map was chosen.
 */
export function ownSeeds(sources: readonly number[], each: number): number[][] {
  const first = largest(sources) + 1;
  return sources.map((_, index) => Array.from({ length: each }, (__, nth) => first + index * each + nth));
}

/** The first seed of every source, then the second: an early stop leaves whole seeds of all of them behind. */
export function planRetrainedSources(
  config: RunConfig,
  { sources, long }: RetrainedSourcesSettings,
): SourceTrial[] {
  const rounds = largest(sources.map(({ seeds }) => seeds.length));
  return Array.from({ length: rounds }, (_, nth) => nth).flatMap((nth) =>
    sources.flatMap(({ run, randomMaps, seeds }) => {
      const seed = seeds[nth];
      if (seed === undefined) return [];
      const place = { seed, start: startOf(run.seed), prefix: `source ${run.seed} ` };
      const arms = armsOf(config, { run, randomMaps, long }, place);
      return arms.map((arm) => ({ ...arm, source: run.seed }));
    }),
  );
}
