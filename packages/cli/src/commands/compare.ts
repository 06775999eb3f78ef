/** `ligature compare`: every controller on the same text, seeds and budget, each trial in a process of its own. */
import type { RunConfig } from '@ligature/core';
import { controllerLabel } from '@ligature/run';
import {
  compareTrials,
  planTrials,
  readStudy,
  resumeComparison,
  type Comparison,
  type TrialPlan,
} from '@ligature/studies';
import { describeBudget } from '@ligature/report';
import type { RunFlags } from '../config/flags.js';
import { STATUS } from '../errors.js';
import { datasetLabel, makeFolder, shown } from '../run/folder.js';
import { runPlans, type RanPlans } from '../trials/run-plans.js';
import { settleTrials } from '../trials/settle.js';
import { writeComparison } from './compare-files.js';
import { comparisonText } from './compare-text.js';
import type { Context, ExperimentFlags } from './context.js';
import { prepare, prepareAgain, printConfig } from './prepare.js';

export async function compare(flags: RunFlags & ExperimentFlags, context: Context): Promise<number> {
  const { io } = context;
  const { controller, ...others } = flags;
  // One controller to compare is a comparison of one.
  const asked =
    controller !== undefined && flags.controllers === undefined
      ? { ...others, controllers: controller }
      : flags;
  const prepared = await prepare(asked, context, (checked) => checked.compare.controllers);
  planTrials(prepared.config);
  if (flags.printConfig) {
    printConfig(prepared.config, context);
    return STATUS.ok;
  }
  const { config, plans } = settleTrials(prepared.config, planTrials, prepared.host);
  const folder = makeFolder(config, flags.name ?? `compare-${datasetLabel(config)}`, io);
  const ran = await runPlans(
    {
      plans,
      folder,
      plugins: config.plugins,
      introduction: introduction(config, plans),
      run: (options) => compareTrials(config, options),
    },
    context,
  );
  return report(folder, context, ran);
}

/** `ligature resume` of a comparison: finished trials are taken as they are, the others go on or are run. */
export async function resumeCompare(
  folder: string,
  plugins: readonly string[],
  context: Context,
): Promise<number> {
  const { config } = readStudy(folder);
  await prepareAgain(config, plugins, context, config.compare.controllers);
  const plans = planTrials(config);
  const ran = await runPlans(
    {
      plans,
      folder,
      plugins,
      resumed: true,
      introduction: introduction(config, plans),
      run: resumeComparison,
    },
    context,
  );
  return report(folder, context, ran);
}

async function report(
  folder: string,
  { io, json }: Context,
  { summary, status }: RanPlans<Comparison>,
): Promise<number> {
  const files = await writeComparison(summary, folder);
  if (json) io.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
  else
    io.stdout.write(
      comparisonText(
        summary,
        io,
        files.map((file) => shown(file, io)),
      ),
    );
  return status;
}

function introduction(config: RunConfig, plans: readonly TrialPlan[]): string {
  const { controllers } = config.compare;
  const seeds = plans.length / controllers.length;
  return (
    `Comparing ${controllers.map(controllerLabel).join(', ')} on ${config.dataset.name}: ` +
    `${describeBudget(config)}; ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}, ${plans.length} ${plans.length === 1 ? 'trial' : 'trials'}.`
  );
}
