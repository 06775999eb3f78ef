/** The trials of a landscape: every map and every controller, on every seed. */
import { InputError, stackLayers, type PlannedTrial, type RunConfig, type TieMap } from '@ligature/core';
import { z } from 'zod';
import { planTrials } from '../comparison/plan.js';
import { seedsOf } from '../seeds.js';
import { countMaps, landscapeMaps } from './maps.js';
import type { LandscapeSpace } from './types.js';

/** What a landscape is asked for besides the configuration of its trials; kept in its plan. */
export const landscapeSettingsSchema = z.strictObject({
  blocks: z
    .array(z.int().min(1))
    .min(1)
    .nullable()
    .default(null)
    .describe('only maps with so many blocks; null: any number'),
  maxMaps: z
    .int()
    .min(2)
    .nullable()
    .default(null)
    .describe('maps to draw where there are more; null: all of them'),
  controllers: z
    .array(z.strictObject({ name: z.string().min(1), options: z.record(z.string(), z.unknown()) }))
    .default([])
    .describe('trained beside the maps on the same seeds and budget, to have their regret measured'),
  keepModels: z
    .boolean()
    .default(false)
    .describe('whether models of finished trials stay, which take far more room than their results'),
  yes: z.boolean().default(false).describe('train however many there are'),
});
export type LandscapeSettings = z.output<typeof landscapeSettingsSchema>;

/** More trials than this are probably a mistake: it is days, whatever the machine. */
export const MOST_TRIALS = 1500;

export interface LandscapePlan {
  readonly trials: readonly PlannedTrial[];
  /** By their labels. */
  readonly maps: ReadonlyMap<string, TieMap>;
  readonly space: LandscapeSpace;
}

/** How many trials a landscape takes; cheap also where it would be absurdly many. */
export function countLandscapeTrials(config: RunConfig, settings: LandscapeSettings): bigint {
  const there = countMaps(stackLayers(config), settings.blocks);
  const { maxMaps, controllers } = settings;
  const maps = maxMaps !== null && there > BigInt(maxMaps) ? BigInt(maxMaps) : there;
  return (maps + BigInt(controllers.length)) * BigInt(seedsOf(config).length);
}

/** @throws InputError (`landscape-too-large`) above `MOST_TRIALS` */
export function assertFeasible(config: RunConfig, settings: LandscapeSettings): void {
  const trials = countLandscapeTrials(config, settings);
  if (trials <= BigInt(MOST_TRIALS)) return;
  const layers = stackLayers(config);
  const maps = countMaps(layers, settings.blocks);
  throw new InputError('landscape-too-large', {
    asked: `Train every tie map of ${layers} layers`,
    found: `there are ${maps.toLocaleString('en-US')} of them, which makes ${trials.toLocaleString('en-US')} trials`,
    todo:
      `Choose fewer layers with --layers (4 have 15 maps, 6 have 203) or fewer numbers of blocks with --blocks, draw a ` +
      `sample with --max-maps, or say --yes`,
  });
}

/**
 * Seed by seed, so that an early stop leaves whole seeds behind.
 *
 * @throws InputError (`landscape-layers`, `landscape-blocks`, `controller-twice`, `seed-twice`)
 */
export function planLandscape(config: RunConfig, settings: LandscapeSettings): LandscapePlan {
  const { blocks, maxMaps, controllers } = settings;
  const { maps, space } = landscapeMaps({ layers: stackLayers(config), blocks, maxMaps, seed: config.seed });
  const choices = [...maps.map((map) => ({ name: 'map', options: { map: [...map] } })), ...controllers];
  const { compare } = config;
  const trials = planTrials({
    ...config,
    compare: { ...compare, controllers: choices, control: null, datasets: null },
  });
  return {
    // The list of all maps would make every trial's configuration longer than its result.
    trials: trials.map((trial) => ({ ...trial, config: { ...trial.config, compare } })),
    maps: new Map(maps.map((map) => [map.join('-'), map])),
    space,
  };
}
