/**
 * The trials of forked halving. A rung of a map is a trial: the first begins with the weights of the run, each further one with
 * those of the rung below, moments and map included, so that the rungs of a map are one training that is looked at on its way.
 */
import type { EndedTrials, MetricSpec, PlannedTrial, RunConfig, TieMap } from '@ligature/core';
import { z } from 'zod';
import { trialId } from '../conduct/trial-id.js';
import { mapText } from '../presentation/words.js';
import { START } from '../retraining/source.js';
import { survivors, type Scored } from './halve.js';

const tieMapSchema = z.array(z.int().min(0)).min(1);

/** What a study began with besides the configuration of its trials; kept in its plan. */
export const forkedHalvingSettingsSchema = z.strictObject({
  run: z
    .strictObject({
      folder: z.string().describe('its folder, as it was given'),
      controller: z.string().describe('who decided in it'),
      seed: z.int().min(0).describe('its seed; rungs count theirs up from it'),
      steps: z.int().min(0).describe('training steps at the checkpoint that is forked'),
      layers: z.int().min(1).describe('layers of its model, all independent'),
    })
    .describe('the run that is forked'),
  maps: z.array(tieMapSchema).min(2).describe('the maps: distinct, contiguous, all with equally many blocks'),
  rungs: z.array(z.int().min(1)).min(1).describe('steps after the fork at which the rungs end, ascending'),
  all: z.boolean().default(false).describe('train every map to the end, not the better half alone'),
});
export type ForkedHalvingSettings = z.output<typeof forkedHalvingSettingsSchema>;

/**
 * Rungs have seeds of their own, counted up from the run's: all maps of a rung see the same batches, and no rung those of the one
 * before.
 */
export function rungTrial(
  config: RunConfig,
  { rungs }: Pick<ForkedHalvingSettings, 'rungs'>,
  rung: number,
  map: TieMap,
): PlannedTrial {
  const seed = config.seed + rung;
  const label = `rung ${rung + 1}: ${mapText(map)}`;
  const key = rung === 0 ? START : rungTrial(config, { rungs }, rung - 1, map).id;
  return {
    ...{ id: trialId(`rung-${rung + 1} ${mapText(map)}`, seed), label, seed },
    config: {
      ...config,
      seed,
      controller: { name: 'map', options: { map: [...map], enforced: true } },
      weights: { from: { name: 'stored', options: { key } } },
      training: { ...config.training, steps: rungs[rung]! - (rungs[rung - 1] ?? 0) },
    },
  };
}

export const firstRung = (config: RunConfig, settings: ForkedHalvingSettings): PlannedTrial[] =>
  settings.maps.map((map) => rungTrial(config, settings, 0, map));

/** The trials of the rungs that follow from what is over: those of the first rung that is not over are the last. */
export function furtherRungs(settings: ForkedHalvingSettings, ended: EndedTrials): PlannedTrial[] {
  let trials: PlannedTrial[] = [];
  let maps: readonly TieMap[] = settings.maps;
  for (let rung = 0; rung + 1 < settings.rungs.length; rung += 1) {
    const scored = scoresOf(settings, ended, rung, maps);
    if (scored === undefined) break;
    maps = survivors(scored, settings.all ? maps.length : Math.ceil(maps.length / 2));
    trials = trials.concat(maps.map((map) => rungTrial(ended.config, settings, rung + 1, map)));
  }
  return trials;
}

/** What the maps of a rung came to; `undefined` while one of them is neither finished nor failed. */
function scoresOf(
  settings: ForkedHalvingSettings,
  { config, finished, failed }: EndedTrials,
  rung: number,
  maps: readonly TieMap[],
): Scored[] | undefined {
  const scored: Scored[] = [];
  for (const map of maps) {
    const { id, label, seed } = rungTrial(config, settings, rung, map);
    const own = finished.find(({ trial }) => trial.id === id);
    if (own) {
      const metric = own.result.metrics[0] as MetricSpec;
      scored.push({ map, metric, value: own.result.validation[metric.name] ?? Number.NaN });
    } else if (!failed.some((one) => one.controller === label && one.seed === seed)) return undefined;
  }
  return scored;
}
