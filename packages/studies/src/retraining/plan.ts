/** The trials of a retraining: the found map from scratch, random ones, and the run's model going on, on every seed. */
import { join } from 'node:path';
import { InputError, type RunConfig, type TieMap } from '@ligature/core';
import { z } from 'zod';
import { seedsOf, type TrialPlan } from '../plan.js';
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
  readonly plan: TrialPlan;
}

/**
 * Seed by seed, so that an early stop leaves whole seeds behind.
 *
 * @param folder of the study, which holds the checkpoint that `continued` starts from
 */
export function planRetraining(
  config: RunConfig,
  { run, randomMaps, long }: RetrainingSettings,
  folder: string,
): RetrainingTrial[] {
  const { budget } = run;
  const trial = (arm: RetrainingArm, seed: number, tieMap: TieMap, extra: Partial<TrialPlan> = {}) => {
    const controller = { name: 'map', options: { map: [...tieMap] } };
    const label = arm === 'random' ? `random ${tieMap.join('-')}` : arm;
    const plan: TrialPlan = {
      ...{ controller, label, seed },
      config: { ...config, controller, seed },
      folderName: `${label.replace(' ', '-')}-seed-${seed}`,
      ...extra,
    };
    return { arm, tieMap, steps: plan.config.training.steps, plan };
  };
  const both = run.steps + budget;
  return seedsOf(config).flatMap((seed): RetrainingTrial[] => {
    const controller = { name: 'map', options: { map: [...run.tieMap] } };
    const longer = { ...config, controller, seed, training: { ...config.training, steps: both } };
    return [
      trial('found', seed, run.tieMap),
      ...randomMaps.map((map) => trial('random', seed, map)),
      { ...trial('continued', seed, run.tieMap, { from: join(folder, START) }), steps: both },
      ...(long ? [trial('found-long', seed, run.tieMap, { config: longer })] : []),
    ];
  });
}

/** @throws InputError (`seed-twice`) */
export function assertSeeds(config: RunConfig): void {
  const seeds = seedsOf(config);
  const twice = seeds.find((seed, index) => seeds.indexOf(seed) !== index);
  if (twice === undefined) return;
  throw new InputError('seed-twice', {
    asked: `Retrain with the seeds ${seeds.join(', ')}`,
    found: `${twice} is listed twice, and equal seeds give equal runs`,
    todo: 'List each seed once',
  });
}
