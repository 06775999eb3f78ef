/** `ligature sweep`: grid and random search over any fields of the configuration, each trial in a process of its own. */
import type { PluginHost, RunConfig } from '@ligature/core';
import { loadPlugins } from '@ligature/run';
import {
  planSweep,
  readSweepPlan,
  resumeSweep,
  runSweep,
  type Sweep,
  type SweepPlan,
} from '@ligature/studies';
import { describeBudget } from '@ligature/report';
import { createHost } from '../builtins.js';
import { checkedConfig, readDraft } from '../config/build.js';
import { parseNumber, parseSeeds } from '../config/flags.js';
import { STATUS } from '../errors.js';
import { datasetLabel, makeFolder, shown } from '../run/folder.js';
import { refuseMisplaced, sweepAssignments, type SweepFlags } from '../sweep/flags.js';
import { extendedPlan, settledPlan, sweepPlan } from '../sweep/plan.js';
import { runPlans, type RanPlans } from '../trials/run-plans.js';
import { settleTrials } from '../trials/settle.js';
import type { Context, ExperimentFlags } from './context.js';
import { prepareAgain, printConfig } from './prepare.js';
import { writeSweep } from './sweep-files.js';
import { sweepText } from './sweep-text.js';

export async function sweep(flags: SweepFlags & ExperimentFlags, context: Context): Promise<number> {
  const { io } = context;
  refuseMisplaced(flags);
  // Seeds of a sweep are its own: those of a comparison are another field.
  const { seeds: _, ...common } = flags;
  const read = await readDraft({ flags: common, file: flags.config, cwd: io.cwd });
  const draft = { ...read, assignments: [...read.assignments, ...sweepAssignments(flags)] };
  const config = checkedConfig(draft);
  const host = createHost();
  await loadPlugins(host, config, io.cwd);
  const plan = await sweepPlan(config, draft, host, io.cwd);
  if (flags.printConfig) {
    printConfig(config, context);
    return STATUS.ok;
  }
  const settled = settle(plan, config, host);
  const folder = makeFolder(config, flags.name ?? `sweep-${datasetLabel(config)}`, io);
  const ran = await runPlans(
    {
      plans: planSweep(settled.plan),
      folder,
      plugins: config.plugins,
      introduction: introduction(config, settled.plan),
      run: (options) => runSweep(settled.config, settled.plan, options),
    },
    context,
  );
  return report(folder, context, ran);
}

function settle(
  plan: SweepPlan,
  config: RunConfig,
  host: PluginHost,
): { config: RunConfig; plan: SweepPlan } {
  const settled = settleTrials(config, (one) => planSweep(settledPlan(plan, one)), host);
  return { config: settled.config, plan: settledPlan(plan, settled.config) };
}

/** `ligature resume` of a sweep: what is finished stays, the rest goes on or is run; it may grow by samples and seeds. */
export async function resumeSweepStudy(
  folder: string,
  plugins: readonly string[],
  context: Context,
  flags: Readonly<Record<string, unknown>> = {},
): Promise<number> {
  const { config, plan: before } = readSweepPlan(folder);
  const [first] = before.configurations;
  const host = await prepareAgain(
    first?.config ?? config,
    plugins,
    context,
    first ? [first.config.controller] : [],
  );
  const { samples, seeds } = flags;
  const more = {
    samples: typeof samples === 'string' ? parseNumber(samples, '--samples') : undefined,
    seeds: typeof seeds === 'string' ? parseSeeds(seeds, '--seeds') : undefined,
  };
  const extended = samples !== undefined || seeds !== undefined;
  const plan = extended ? await extendedPlan(before, config, more, host, context.io.cwd) : before;
  const ran = await runPlans(
    {
      plans: planSweep(plan),
      folder,
      plugins,
      resumed: true,
      introduction: introduction(config, plan),
      run: (options) => resumeSweep(options, extended ? plan : undefined),
    },
    context,
  );
  return report(folder, context, ran);
}

async function report(
  folder: string,
  { io, json }: Context,
  { summary, status }: RanPlans<Sweep>,
): Promise<number> {
  const files = (await writeSweep(summary, folder)).map((file) => shown(file, io));
  io.stdout.write(json ? `${JSON.stringify(summary, null, 2)}\n` : sweepText(summary, io, files));
  return status;
}

function introduction(config: RunConfig, plan: SweepPlan): string {
  const { search, fields, configurations, seeds, samples } = plan;
  const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
  const few =
    search === 'random' && configurations.length < samples
      ? ` (there are no more; ${samples} were asked for)`
      : '';
  return (
    `Sweeping over ${fields.map(({ name }) => name).join(', ')} on ${config.dataset.name}, ` +
    `${search === 'grid' ? 'every combination' : 'drawn at random'}: ${describeBudget(config)} where not varied; ` +
    `${count(configurations.length, 'configuration')}${few}, ${count(seeds.length, 'seed')}, ` +
    `${count(configurations.length * seeds.length, 'trial')}.`
  );
}
