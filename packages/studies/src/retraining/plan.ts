/** The trials of a retraining: the found map from scratch, random ones, and the run's model going on, on every seed. */
import type { PlannedTrial, RunConfig, TieMap } from '@ligature/core';
import { z } from 'zod';
import { trialId } from '../conduct/trial-id.js';
import { assertSeeds, seedsOf } from '../seeds.js';
import { START } from './source.js';
import type { RetrainingArm } from './types.js';

const tieMapSchema = z.array(z.int().min(0)).min(1);

/** What a retraining began with besides the configuration of its trials; kept in its plan. */
export const retrainingSettingsSchema = z.strictObject({
  run: z.strictObject({
    folder: z.string(),
    controller: z.string(),
    seed: z.int().min(0),
    steps: z.int().min(0),
    budget: z.int().min(1),
    tieMap: tieMapSchema,
    blocks: z.int().min(1),
    loss: z.number().nullable(),
  }),
  /** Fixed maps with as many blocks. */
  randomMaps: z.array(tieMapSchema),
  /** Whether the found map is also trained from scratch for as many tokens as `continued` has seen in all. */
  long: z.boolean().default(true),
});
export type RetrainingSettings = z.output<typeof retrainingSettingsSchema>;

export interface RetrainingTrial {
  readonly arm: RetrainingArm;
  readonly tieMap: TieMap;
  /** Steps that the model has seen at its end. */
  readonly steps: number;
  readonly planned: PlannedTrial;
}

/** Seed by seed, so that an early stop leaves whole seeds behind. */
export function planRetraining(
  config: RunConfig,
  { run, randomMaps, long }: RetrainingSettings,
): RetrainingTrial[] {
  const { budget } = run;
  const trial = (arm: RetrainingArm, seed: number, tieMap: TieMap, extra: Partial<PlannedTrial> = {}) => {
    const controller = { name: 'map', options: { map: [...tieMap] } };
    const label = arm === 'random' ? `random ${tieMap.join('-')}` : arm;
    const planned: PlannedTrial = {
      ...{ id: trialId(label, seed), label, seed },
      config: { ...config, controller, seed },
      ...extra,
    };
    return { arm, tieMap, steps: planned.config.training.steps, planned };
  };
  const both = run.steps + budget;
  const seeds = seedsOf(config);
  assertSeeds('Retrain', seeds);
  return seeds.flatMap((seed): RetrainingTrial[] => {
    const controller = { name: 'map', options: { map: [...run.tieMap] } };
    const from = { name: 'stored', options: { key: START } };
    const goingOn = { ...config, controller, seed, weights: { from } };
    const longer = { ...config, controller, seed, training: { ...config.training, steps: both } };
    return [
      trial('found', seed, run.tieMap),
      ...randomMaps.map((map) => trial('random', seed, map)),
      { ...trial('continued', seed, run.tieMap, { config: goingOn }), steps: both },
      ...(long ? [trial('found-long', seed, run.tieMap, { config: longer })] : []),
    ];
  });
}
