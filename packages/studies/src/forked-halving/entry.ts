/** Tie maps with weights of their own, forked from one warm untied run, halved rung by rung. */
import { defineStudy, expectedRandomBlocks, independentLayers, InputError } from '@ligature/core';
import { z } from 'zod';
import { mapText, plural } from '../presentation/words.js';
import { keepStart, readRetrainingSource, runName } from '../retraining/source.js';
import { forkedHalvingCommand } from './command.js';
import { forkMaps } from './halve.js';
import { firstRung, forkedHalvingSettingsSchema, furtherRungs, type ForkedHalvingSettings } from './plan.js';
import { presentForkedHalving } from './present.js';
import { summarizeForkedHalving } from './summarize.js';

/** What a command line says; what the run says is found out by `prepare`. */
const askedSchema = z.strictObject({
  run: z.string(),
  blocks: z.int().min(1).optional(),
  maps: z.int().min(2).max(256).default(8),
  rungs: z
    .array(z.int().min(1))
    .min(1)
    .default([100, 200, 400])
    .refine((rungs) => rungs.every((rung, at) => at === 0 || rung > rungs[at - 1]!), 'must ascend'),
  all: z.boolean().default(false),
});

export const forkedHalving = defineStudy({
  meta: {
    summary: 'contiguous maps forked from one untied run, halved round by round',
    reference: 'Karnin, Koren & Somekh 2013, ICML; Jamieson & Talwalkar 2016, arXiv 1502.07943',
    options: forkedHalvingSettingsSchema,
  },
  command: forkedHalvingCommand,
  asked: askedSchema,
  async prepare({ settings: asked }, tools) {
    const found = tools.findRun(asked.run);
    const source = await readRetrainingSource(found);
    const { tieMap, seed, steps, controller } = source.run;
    const layers = tieMap.length;
    if (independentLayers(tieMap).length < layers) throw tied(asked.run, tieMap);
    const blocks = asked.blocks ?? Math.round(expectedRandomBlocks(layers));
    const maps = blocks > layers ? [] : forkMaps(layers, blocks, asked.maps, seed);
    if (maps.length < 2) throw tooFew(asked.run, layers, blocks, maps.length);
    const config = tools.override({
      ...source.config,
      seed,
      compare: { ...source.config.compare, control: null, seeds: 1, parallel: 1 },
      // One learning rate: the rungs of a map are one training, and none may end with an annealing of its own.
      training: { ...source.config.training, schedule: 'constant', warmup: 0 },
      evaluation: {
        ...source.config.evaluation,
        every: null,
        // Rungs go on from where the one before stopped.
        final: { ...source.config.evaluation.final, of: 'last' },
      },
      // The last one is written at the end of a run in any case.
      checkpoint: {
        every: null,
        everyMinutes: source.config.checkpoint.everyMinutes,
        keepLast: 1,
        keepBest: false,
      },
    });
    const settings: ForkedHalvingSettings = {
      run: { folder: asked.run, controller, seed, steps, layers },
      maps: maps.map((map) => [...map]),
      rungs: asked.rungs,
      all: asked.all,
    };
    return {
      config,
      settings,
      folderName: `forked-halving-${runName(found)}`,
      begin: (store) => keepStart(found, source.checkpoint, store),
    };
  },
  create: (settings) => ({
    plan: (config) => firstRung(config, settings),
    further: (ended) => furtherRungs(settings, ended),
    introduction() {
      const { run, maps, rungs, all } = settings;
      return (
        `Forking step ${run.steps} of ${run.controller}, seed ${run.seed}, into ${plural(maps.length, 'map')} with ` +
        `${plural(new Set(maps[0]).size, 'block')}; rungs of ${rungs.join(', ')} steps, ` +
        `${all ? 'all maps to the end' : 'the better half goes on after each'}.`
      );
    },
    summarize: (outcome) => summarizeForkedHalving(settings, outcome),
    present: presentForkedHalving,
  }),
});

function tied(run: string, tieMap: readonly number[]): InputError {
  return new InputError('run-tied', {
    asked: `Fork the run "${run}" into tie maps`,
    found: `its layers are tied already, ${mapText(tieMap)}, so that maps would not begin alike`,
    todo: 'Give an untied run: ligature train --controller none',
  });
}

function tooFew(run: string, layers: number, blocks: number, maps: number): InputError {
  return new InputError('settings-invalid', {
    asked: `Fork the run "${run}" into contiguous maps with ${plural(blocks, 'block')}`,
    found: `${maps === 0 ? 'there is no such map' : 'there is one such map only'} of ${plural(layers, 'layer')}`,
    todo: `Give --blocks from 2 to ${Math.max(2, layers - 1)}`,
  });
}
