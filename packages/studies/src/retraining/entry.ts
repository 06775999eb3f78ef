/** Final maps of runs from scratch, beside random maps with as many blocks and the runs' models going on. */
import { defineStudy, InputError, type RunConfig, type Study } from '@ligature/core';
import { z } from 'zod';
import { describeBudget, mapText, plural } from '../presentation/words.js';
import { assertSeeds, seedsOf } from '../seeds.js';
import { retrainingCommand } from './command.js';
import { drawOtherMaps } from './draw.js';
import { planRetraining, retrainingSettingsSchema, type RetrainingSettings } from './plan.js';
import { presentRetraining } from './present.js';
import { keepStart, runName, type RetrainingSource } from './source.js';
import {
  ownSeeds,
  planRetrainedSources,
  retrainedSourcesSettingsSchema,
  startOf,
  type RetrainedSourcesSettings,
} from './sources/plan.js';
import { presentRetrainedSources } from './sources/present.js';
import { labelIn, readSources, runFolders } from './sources/read.js';
import { summarizeRetrainedSources } from './sources/summarize.js';
import type { RetrainedSources } from './sources/types.js';
import { summarizeRetraining } from './summarize.js';
import type { Retraining } from './types.js';

/** What a command line says; what the runs say is found out by `prepare`. */
const askedSchema = z.strictObject({
  runs: z.array(z.string()).min(1),
  controller: z.string().optional(),
  randomMaps: z.int().min(0).max(1000).default(3),
  long: z.boolean().default(true),
});
type Asked = z.output<typeof askedSchema>;

/** Seeds where none are asked for: as few as allow for a test with more than one degree of freedom. */
const SEEDS = 3;

const settingsSchema = z.union([retrainingSettingsSchema, retrainedSourcesSettingsSchema]);

export const retraining = defineStudy({
  meta: {
    summary: "runs' final maps from scratch, beside random ones and the runs going on",
    options: settingsSchema,
  },
  command: retrainingCommand,
  asked: askedSchema,
  async prepare({ settings: asked }: { settings: Asked }, tools) {
    const controller =
      asked.controller === undefined ? undefined : labelIn(tools.read.controller, asked.controller);
    const folders = runFolders(
      asked.runs.map((named) => ({ named, found: tools.findRun(named) })),
      controller,
    );
    const sources = await readSources(folders.map(({ found }) => found));
    const [first] = sources as [RetrainingSource];
    const config = tools.override({
      ...first.config,
      compare: { ...first.config.compare, control: null, seeds: SEEDS, parallel: 1 },
    });
    const kept = sources.map(({ run }, index) => ({
      run: { ...run, folder: folders[index]?.named ?? run.folder, tieMap: [...run.tieMap] },
      randomMaps: drawOtherMaps(run.tieMap, asked.randomMaps, run.seed).map((map) => [...map]),
    }));
    const { long } = asked;
    if (sources.length === 1) {
      assertSeeds('Retrain', seedsOf(config));
      const [found] = folders.map((one) => one.found) as [string];
      return {
        config,
        settings: { ...(kept[0] as (typeof kept)[number]), long } satisfies RetrainingSettings,
        folderName: `retrain-${runName(found)}`,
        begin: (store) => keepStart(found, first.checkpoint, store),
      };
    }
    const seeds = ownSeeds(
      sources.map(({ run }) => run.seed),
      seedsOfEach(config),
    );
    return {
      config,
      settings: {
        sources: kept.map((one, index) => ({ ...one, seeds: seeds[index] as number[] })),
        long,
      } satisfies RetrainedSourcesSettings,
      folderName: `retrain-${first.run.controller.replace(/[^A-Za-z0-9.-]+/g, '-')}-${sources.length}-sources`,
      async begin(store) {
        for (const { run, checkpoint } of sources) {
          await keepStart(run.folder, checkpoint, store, startOf(run.seed));
        }
      },
    };
  },
  create: (settings): Study => ('sources' in settings ? ofSources(settings) : ofOneRun(settings)),
});

/** @throws InputError (`seeds-shared`) */
function seedsOfEach({ compare: { seeds } }: RunConfig): number {
  if (typeof seeds === 'number') return seeds;
  throw new InputError('seeds-shared', {
    asked: `Retrain several runs on the seeds ${seeds.join(', ')}`,
    found: 'runs that share seeds are not independent of each other',
    todo: 'Give a number of seeds: each run gets so many of its own',
  });
}

function ofOneRun(settings: RetrainingSettings): Study<unknown, Retraining> {
  return {
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
  };
}

function ofSources(settings: RetrainedSourcesSettings): Study<unknown, RetrainedSources> {
  return {
    plan: (config) => planRetrainedSources(config, settings).map(({ planned }) => planned),
    introduction(config, trials) {
      const { sources } = settings;
      const { controller } = (sources[0] as (typeof sources)[number]).run;
      const seeds = sources.map(({ run }) => run.seed).join(', ');
      return (
        `Retraining the maps of ${sources.length} runs of ${controller} (seeds ${seeds}), each beside random maps with as many ` +
        `blocks and the run going on. ${describeBudget(config)}; ${plural(sources[0]?.seeds.length ?? 0, 'seed')} for each, ` +
        `${plural(trials.length, 'trial')}.`
      );
    },
    summarize: (outcome) =>
      summarizeRetrainedSources(settings, planRetrainedSources(outcome.config, settings), outcome),
    present: presentRetrainedSources,
  };
}
