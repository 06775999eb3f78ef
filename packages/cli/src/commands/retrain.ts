/** `ligature retrain RUN`: a run's final tie map from scratch, beside random ones and the run going on. */
import { resolve } from 'node:path';
import { InputError, type RunConfig } from '@ligature/core';
import { loadPlugins } from '@ligature/run';
import {
  assertSeeds,
  drawOtherMaps,
  planRetraining,
  readRetraining,
  readRetrainingSource,
  resumeRetraining,
  retrain as retrainMap,
  type Retraining,
  type RetrainingSettings,
  type RetrainingTrial,
} from '@ligature/studies';
import { describeBudget, formatTieMap } from '@ligature/report';
import { z } from 'zod';
import { createHost } from '../builtins.js';
import { parseNumber, parseSeeds } from '../config/flags.js';
import { findRun, makeFolder, shown } from '../run/folder.js';
import { preflight } from '../run/preflight.js';
import { runPlans, type RanPlans } from '../trials/run-plans.js';
import { settleTrials } from '../trials/settle.js';
import type { Context } from './context.js';
import { prepareAgain } from './prepare.js';
import { writeRetraining } from './retrain-files.js';
import { retrainText } from './retrain-text.js';
import { BACKEND_FLAGS, backendOverride, checkFlags, pluginNames } from './run-options.js';

const schema = z.object({
  ...BACKEND_FLAGS,
  randomMaps: z.int().min(0).max(1000).default(3),
  long: z.boolean().default(true),
  out: z.string().min(1).optional(),
  name: z.string().min(1).optional(),
});

/** Seeds where none are asked for: as few as allow for a test with more than one degree of freedom. */
const SEEDS = 3;

export async function retrain(
  run: string,
  flags: Record<string, unknown>,
  context: Context,
): Promise<number> {
  const { io } = context;
  const given = checkFlags(schema, flags, ['threads', 'randomMaps']);
  const plugins = pluginNames(flags);
  const source = await readRetrainingSource(findRun(run, io));
  const { tieMap, seed } = source.run;
  const settings: RetrainingSettings = {
    run: { ...source.run, folder: run, tieMap: [...tieMap] },
    randomMaps: drawOtherMaps(tieMap, given.randomMaps, seed).map((map) => [...map]),
    long: given.long,
  };
  const config = configOf(source.config, flags, given, plugins);
  assertSeeds(config);
  const host = createHost();
  await loadPlugins(host, { plugins }, io.cwd);
  await preflight(config, [{ name: 'map', options: { map: [...tieMap] } }], host, io.cwd);
  const plansOf = (one: RunConfig) => planRetraining(one, settings, 'study').map(({ plan }) => plan);
  const settled = settleTrials(config, plansOf, host).config;
  const base = resolve(io.cwd, run).split(/[\\/]/).filter(Boolean).at(-1) ?? 'run';
  const folder = makeFolder(settled, given.name ?? `retrain-${base}`, io);
  const trials = planRetraining(settled, settings, folder);
  const ran = await runPlans(
    {
      plans: trials.map(({ plan }) => plan),
      folder,
      plugins,
      introduction: introduction(settled, settings, trials),
      run: (options) => retrainMap(source, settled, settings, options),
    },
    context,
  );
  return report(folder, context, ran);
}

/** `ligature resume` of a retraining: what is finished stays, the rest goes on or is run. */
export async function resumeRetrainingStudy(
  folder: string,
  plugins: readonly string[],
  context: Context,
): Promise<number> {
  const { config, study } = readRetraining(folder);
  await prepareAgain(config, plugins, context, [{ name: 'map', options: { map: study.run.tieMap } }]);
  const trials = planRetraining(config, study, folder);
  const ran = await runPlans(
    {
      plans: trials.map(({ plan }) => plan),
      folder,
      plugins,
      resumed: true,
      introduction: introduction(config, study, trials),
      run: resumeRetraining,
    },
    context,
  );
  return report(folder, context, ran);
}

/** The run's configuration with the seeds to train, where to write, and what to compute on. */
function configOf(
  config: RunConfig,
  flags: Readonly<Record<string, unknown>>,
  given: z.output<typeof schema>,
  plugins: readonly string[],
): RunConfig {
  const { seeds, parallel } = flags;
  const { backend, threads } = backendOverride(given);
  return {
    ...config,
    ...(backend !== undefined && {
      backend: typeof backend === 'string' ? { name: backend, options: {} } : backend,
    }),
    ...(threads !== undefined && { threads }),
    ...(given.out !== undefined && { out: given.out }),
    plugins: [...plugins],
    compare: {
      ...config.compare,
      control: null,
      seeds: checkedSeeds(typeof seeds === 'string' ? parseSeeds(seeds, '--seeds') : SEEDS),
      parallel: typeof parallel === 'string' ? parallelOf(parallel) : 1,
    },
  };
}

function checkedSeeds(seeds: number | number[]): number | number[] {
  const all = typeof seeds === 'number' ? [seeds - 1] : seeds;
  if (all.length > 0 && all.every((seed) => Number.isSafeInteger(seed) && seed >= 0)) return seeds;
  throw new InputError('value-out-of-range', {
    asked: `Use --seeds ${String(seeds)}`,
    found: 'seeds are whole numbers from 0 on, and there is one at least',
    todo: 'Give a number of seeds, or seeds between commas',
  });
}

function parallelOf(text: string): number | 'auto' {
  if (text === 'auto') return text;
  const value = parseNumber(text, '--parallel');
  if (Number.isInteger(value) && value >= 1 && value <= 1024) return value;
  throw new InputError('value-out-of-range', {
    asked: `Use --parallel ${text}`,
    found: 'trials side by side are a whole number from 1 to 1024',
    todo: 'Give such a number, or auto',
  });
}

async function report(
  folder: string,
  { io, json }: Context,
  { summary, status }: RanPlans<Retraining>,
): Promise<number> {
  const files = (await writeRetraining(summary, folder)).map((file) => shown(file, io));
  io.stdout.write(json ? `${JSON.stringify(summary, null, 2)}\n` : retrainText(summary, io, files));
  return status;
}

function introduction(
  config: RunConfig,
  { run, randomMaps, long }: RetrainingSettings,
  trials: readonly RetrainingTrial[],
): string {
  const arms = [
    'it from scratch',
    ...(randomMaps.length > 0 ? [`${count(randomMaps.length, 'random map')} with as many blocks`] : []),
    'the run going on with it frozen',
    ...(long ? ['it from scratch for both budgets'] : []),
  ];
  return (
    `Retraining ${formatTieMap(run.tieMap)}, found by ${run.controller} at seed ${run.seed} (${run.steps} of ` +
    `${run.budget} steps): ${arms.join(', ')}. ${describeBudget(config)}; ` +
    `${count(trials.length / (arms.length - Number(randomMaps.length > 0) + randomMaps.length), 'seed')}, ${count(trials.length, 'trial')}.`
  );
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
