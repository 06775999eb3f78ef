/** `ligature landscape`: every tie map of a small stack, fixed from the first step on, each trial in a process of its own. */
import { InputError, type RunConfig } from '@ligature/core';
import { loadPlugins } from '@ligature/run';
import {
  assertFeasible,
  landscapeSettingsSchema,
  planLandscape,
  readLandscape,
  resumeLandscape,
  trainLandscape,
  type Landscape,
  type LandscapePlan,
  type LandscapeSettings,
} from '@ligature/studies';
import { describeBudget } from '@ligature/report';
import { createHost } from '../builtins.js';
import { readDraft } from '../config/build.js';
import { parseControllers } from '../config/choice.js';
import { configWithDefaults } from '../config/defaults.js';
import { parseNumber, type RunFlags } from '../config/flags.js';
import { STATUS } from '../errors.js';
import { datasetLabel, makeFolder, shown } from '../run/folder.js';
import { preflight } from '../run/preflight.js';
import { runPlans, type RanPlans } from '../trials/run-plans.js';
import { settleTrials } from '../trials/settle.js';
import type { Context, ExperimentFlags } from './context.js';
import { writeLandscape } from './landscape-files.js';
import { landscapeText } from './landscape-text.js';
import { prepareAgain, printConfig } from './prepare.js';

export interface LandscapeFlags extends RunFlags, ExperimentFlags {
  readonly blocks?: string;
  readonly maxMaps?: string;
  readonly keepModels?: boolean;
  readonly yes?: boolean;
}

/** 15 maps: the smallest stack that has something to choose from at every number of blocks but the ends. */
const LAYERS = 4;

export async function landscape(flags: LandscapeFlags, context: Context): Promise<number> {
  const { io } = context;
  refuseSingle(flags);
  // Controllers of a landscape are trained beside its maps: those of a comparison are another field.
  const { controllers: _, ...common } = flags;
  const draft = await readDraft({ flags: common, file: flags.config, cwd: io.cwd });
  const checked = configWithDefaults(draft, { model: { layers: LAYERS } });
  const settings = settingsOf(flags);
  const host = createHost();
  await loadPlugins(host, checked, io.cwd);
  await preflight(checked, settings.controllers, host, io.cwd);
  if (!flags.yes) assertFeasible(checked, settings);
  if (flags.printConfig) {
    printConfig(checked, context);
    return STATUS.ok;
  }
  const { config } = settleTrials(checked, (one) => planLandscape(one, settings).plans, host);
  const plan = planLandscape(config, settings);
  const folder = makeFolder(config, flags.name ?? `landscape-${datasetLabel(config)}`, io);
  const ran = await runPlans(
    {
      plans: plan.plans,
      folder,
      plugins: config.plugins,
      introduction: introduction(config, settings, plan),
      run: (options) => trainLandscape(config, settings, options),
    },
    context,
  );
  return report(folder, context, ran);
}

/** `ligature resume` of a landscape: what is finished stays, the rest goes on or is run. */
export async function resumeLandscapeStudy(
  folder: string,
  plugins: readonly string[],
  context: Context,
): Promise<number> {
  const { config, study } = readLandscape(folder);
  await prepareAgain(config, plugins, context, study.controllers);
  const plan = planLandscape(config, study);
  const ran = await runPlans(
    {
      plans: plan.plans,
      folder,
      plugins,
      resumed: true,
      introduction: introduction(config, study, plan),
      run: resumeLandscape,
    },
    context,
  );
  return report(folder, context, ran);
}

async function report(
  folder: string,
  { io, json }: Context,
  { summary, status }: RanPlans<Landscape>,
): Promise<number> {
  const files = (await writeLandscape(summary, folder)).map((file) => shown(file, io));
  io.stdout.write(json ? `${JSON.stringify(summary, null, 2)}\n` : landscapeText(summary, io, files));
  return status;
}

function settingsOf({ controllers, blocks, maxMaps, keepModels }: LandscapeFlags): LandscapeSettings {
  const parsed = landscapeSettingsSchema.safeParse({
    controllers: controllers === undefined ? [] : parseControllers(controllers, '--controllers'),
    ...(blocks !== undefined && { blocks: numbers(blocks, '--blocks') }),
    ...(maxMaps !== undefined && { maxMaps: parseNumber(maxMaps, '--max-maps') }),
    keepModels: keepModels ?? false,
  });
  if (parsed.success) return parsed.data;
  const flag = parsed.error.issues[0]?.path[0] === 'maxMaps' ? '--max-maps' : '--blocks';
  throw new InputError('value-out-of-range', {
    asked: `Use ${flag} ${flag === '--max-maps' ? maxMaps : blocks}`,
    found: flag === '--max-maps' ? 'a ranking needs two maps at least' : 'blocks are counted from 1 on',
    todo: flag === '--max-maps' ? 'Give a whole number from 2 on' : 'Give whole numbers, such as 2,3 or 2-4',
  });
}

/** `2,4` and `2-4`: numbers between commas, with ranges. */
function numbers(text: string, flag: string): number[] {
  const list = text.split(',').flatMap((part) => {
    const [low = '', high = low] = part.trim().split('-');
    const [from, to] = [parseNumber(low, flag), parseNumber(high, flag)];
    if (!Number.isInteger(from) || !Number.isInteger(to) || to - from > 1000) return [Number.NaN];
    return Array.from({ length: Math.max(0, to - from) + 1 }, (_, index) => from + index);
  });
  return [...new Set(list)].sort((a, b) => a - b);
}

/** Flags that would change nothing here. */
function refuseSingle(flags: LandscapeFlags): void {
  for (const flag of ['controller', 'control'] as const) {
    if (flags[flag] === undefined) continue;
    throw new InputError('flag-misplaced', {
      asked: `Train a landscape with --${flag} ${flags[flag]}`,
      found: 'its trials are the tie maps of the stack, set against the best of them',
      todo: `Leave out --${flag}; --controllers trains controllers beside the maps`,
    });
  }
}

function introduction(
  config: RunConfig,
  { controllers }: LandscapeSettings,
  { space, plans }: LandscapePlan,
): string {
  const seeds = plans.length / (space.maps + controllers.length);
  const maps = space.maps === Number(space.all) ? `all ${space.all}` : `${space.maps} of the ${space.all}`;
  const beside = controllers.length > 0 ? ` and ${count(controllers.length, 'controller')}` : '';
  return (
    `Training ${maps} tie maps${beside} on ${config.dataset.name}: ${describeBudget(config)}; ` +
    `${count(seeds, 'seed')}, ${count(plans.length, 'trial')}.`
  );
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
