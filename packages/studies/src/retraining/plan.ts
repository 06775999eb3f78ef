/** The trials of a retraining: the found map from scratch, random ones, and the run's model going on, on every seed. */
import type { PlannedTrial, RunConfig, TieMap } from '@ligature/core';
import { z } from 'zod';
import { trialId } from '../conduct/trial-id.js';
import { assertSeeds, seedsOf } from '../seeds.js';
import { START } from './source.js';
import type { RetrainingArm } from './types.js';

const tieMapSchema = z.array(z.int().min(0)).min(1);

const runSchema = z.strictObject({
  folder: z.string(),
  controller: z.string(),
  seed: z.int().min(0),
  steps: z.int().min(0),
  budget: z.int().min(1),
  tieMap: tieMapSchema,
  blocks: z.int().min(1),
  loss: z.number().nullable(),
});

/** A run whose map is trained again, and fixed maps with as many blocks. */
export const retrainedFields = { run: runSchema, randomMaps: z.array(tieMapSchema) };

/** What a retraining began with besides the configuration of its trials; kept in its plan. */
export const retrainingSettingsSchema = z.strictObject({
  ...retrainedFields,
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
export function planRetraining(config: RunConfig, settings: RetrainingSettings): RetrainingTrial[] {
  const seeds = seedsOf(config);
  assertSeeds('Retrain', seeds);
  return seeds.flatMap((seed) => armsOf(config, settings, { seed, start: START, prefix: '' }));
}

interface ArmsOf {
  readonly seed: number;
  /** Key of the checkpoint that `continued` goes on from. */
  readonly start: string;
  /** Before every label. */
  readonly prefix: string;
}

/** All that is trained on one seed. */
export function armsOf(
  config: RunConfig,
  { run, randomMaps, long }: RetrainingSettings,
  { seed, start, prefix }: ArmsOf,
): RetrainingTrial[] {
  const trial = (arm: RetrainingArm, tieMap: TieMap, more: Partial<RunConfig> = {}): RetrainingTrial => {
    const controller = { name: 'map', options: { map: [...tieMap] } };
    const label = `${prefix}${arm === 'random' ? `random ${tieMap.join('-')}` : arm}`;
    const own = { ...config, controller, seed, ...more };
    const planned: PlannedTrial = { id: trialId(label, seed), label, seed, config: own };
    return { arm, tieMap, steps: own.training.steps, planned };
  };
  const both = run.steps + run.budget;
  const weights = { from: { name: 'stored', options: { key: start } } };
  const training = { ...config.training, steps: both };
  return [
    trial('found', run.tieMap),
    ...randomMaps.map((map) => trial('random', map)),
    { ...trial('continued', run.tieMap, { weights }), steps: both },
    ...(long ? [trial('found-long', run.tieMap, { training })] : []),
  ];
}
