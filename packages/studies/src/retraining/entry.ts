/** A run's final map from scratch, beside random maps with as many blocks and the run's model going on. */
import { defineStudy } from '@ligature/core';
import { z } from 'zod';
import { describeBudget, mapText, plural } from '../presentation/words.js';
import { assertSeeds, seedsOf } from '../seeds.js';
import { retrainingCommand } from './command.js';
import { drawOtherMaps } from './draw.js';
import { planRetraining, retrainingSettingsSchema, type RetrainingSettings } from './plan.js';
import { presentRetraining } from './present.js';
import { keepStart, readRetrainingSource, runName } from './source.js';
import { summarizeRetraining } from './summarize.js';

/** What a command line says; what the run says is found out by `prepare`. */
const askedSchema = z.strictObject({
  run: z.string(),
  randomMaps: z.int().min(0).max(1000).default(3),
  long: z.boolean().default(true),
});

/** Seeds where none are asked for: as few as allow for a test with more than one degree of freedom. */
const SEEDS = 3;

export const retraining = defineStudy({
  meta: {
    summary: "a run's final map from scratch, beside random ones and the run going on",
    options: retrainingSettingsSchema,
  },
  command: retrainingCommand,
  asked: askedSchema,
  async prepare({ settings: asked }, tools) {
    const found = tools.findRun(asked.run);
    const source = await readRetrainingSource(found);
    const { tieMap, seed } = source.run;
    const config = tools.override({
      ...source.config,
      compare: { ...source.config.compare, control: null, seeds: SEEDS, parallel: 1 },
    });
    assertSeeds('Retrain', seedsOf(config));
    const kept: RetrainingSettings = {
      run: { ...source.run, folder: asked.run, tieMap: [...tieMap] },
      randomMaps: drawOtherMaps(tieMap, asked.randomMaps, seed).map((map) => [...map]),
      long: asked.long,
    };
    return {
      config,
      settings: kept,
      folderName: `retrain-${runName(found)}`,
      begin: (store) => keepStart(found, source.checkpoint, store),
    };
  },
  create: (settings) => ({
    plan: (config) => planRetraining(config, settings).map(({ planned }) => planned),
    introduction(config, trials) {
      const { run, randomMaps, long } = settings;
      const arms = [
        'it from scratch',
        ...(randomMaps.length > 0 ? [`${plural(randomMaps.length, 'random map')} with as many blocks`] : []),
        'the run going on with it frozen',
        ...(long ? ['it from scratch for both budgets'] : []),
      ];
      return (
        `Retraining ${mapText(run.tieMap)}, found by ${run.controller} at seed ${run.seed} (${run.steps} of ` +
        `${run.budget} steps): ${arms.join(', ')}. ${describeBudget(config)}; ` +
        `${plural(seedsOf(config).length, 'seed')}, ${plural(trials.length, 'trial')}.`
      );
    },
    summarize: (outcome) => summarizeRetraining(settings, planRetraining(outcome.config, settings), outcome),
    present: presentRetraining,
  }),
});
