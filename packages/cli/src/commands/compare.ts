/** `ligature compare`: every controller on the same text, seeds and budget, each trial in a process of its own. */
import { rmSync } from 'node:fs';
import { InputError, type RunConfig } from '@ligature/core';
import {
  compareTrials,
  controllerLabel,
  loadPlugins,
  planTrials,
  readPlan,
  resumeComparison,
  type CompareOptions,
  type Comparison,
  type TrialPlan,
  type TrialResult,
} from '@ligature/experiments';
import { describeBudget, formatQuantity, formatTieMap, quantities } from '@ligature/report';
import type { RunFlags } from '../config/flags.js';
import { STATUS } from '../errors.js';
import { cacheFolder } from '../io.js';
import { createProgressView, type ProgressView } from '../progress/view.js';
import { datasetLabel, makeFolder, removeIfEmpty, shown } from '../run/folder.js';
import { interruptible } from '../run/interrupt.js';
import { tieMapCells } from '../terminal/cells.js';
import { columnsOf, paintFor, wrap } from '../terminal/paint.js';
import { executeInProcess } from '../trials/execute.js';
import { writeComparison } from './compare-files.js';
import { comparisonText } from './compare-text.js';
import type { Context, ExperimentFlags } from './context.js';
import { prepare, printConfig } from './prepare.js';
import { pluginNames } from './run-options.js';
import { createHost } from '../builtins.js';
import { preflight } from '../run/preflight.js';

export async function compare(flags: RunFlags & ExperimentFlags, context: Context): Promise<number> {
  const { io } = context;
  const { controller, ...others } = flags;
  // One controller to compare is a comparison of one.
  const asked =
    controller !== undefined && flags.controllers === undefined
      ? { ...others, controllers: controller }
      : flags;
  const { config } = await prepare(asked, context, (checked) => checked.compare.controllers);
  const plans = planTrials(config);
  if (flags.printConfig) {
    printConfig(config, context);
    return STATUS.ok;
  }
  const folder = makeFolder(config, flags.name ?? `compare-${datasetLabel(config)}`, io);
  return report(folder, context, await runAll({ config, plans, folder, plugins: config.plugins }, context));
}

/** `ligature resume` of a comparison: finished trials are taken as they are, the others go on or are run. */
export async function goOn(
  folder: string,
  flags: Record<string, unknown>,
  context: Context,
): Promise<number> {
  for (const flag of ['backend', 'threads']) {
    if (flags[flag] === undefined) continue;
    throw new InputError('flag-misplaced', {
      asked: `Go on with a comparison with --${flag}`,
      found: 'its trials would no longer be computed alike',
      todo: `Leave out --${flag}`,
    });
  }
  const { cwd } = context.io;
  const config = readPlan(folder);
  const plugins = pluginNames(flags);
  const host = createHost();
  await loadPlugins(host, { plugins }, cwd);
  await preflight(config, config.compare.controllers, host, cwd);
  const work = { config, plans: planTrials(config), folder, plugins, resumed: true };
  return report(folder, context, await runAll(work, context));
}

async function report(
  folder: string,
  { io, json }: Context,
  { comparison, status }: { comparison: Comparison; status: number },
): Promise<number> {
  const files = await writeComparison(comparison, folder);
  if (json) io.stdout.write(`${JSON.stringify(comparison, null, 2)}\n`);
  else
    io.stdout.write(
      comparisonText(
        comparison,
        io,
        files.map((file) => shown(file, io)),
      ),
    );
  return status;
}

interface Work {
  readonly config: RunConfig;
  readonly plans: readonly TrialPlan[];
  readonly folder: string;
  readonly plugins: readonly string[];
  readonly resumed?: boolean;
}

async function runAll(
  { config, plans, folder, plugins, resumed = false }: Work,
  { io, json, quiet }: Context,
): Promise<{ comparison: Comparison; status: number }> {
  const view = createProgressView(io, { quiet, plain: json });
  const interrupt = interruptible(io, view);
  // Bad input is bad for the whole comparison: the first one ends it.
  const refused = new AbortController();
  let badInput: InputError | undefined;
  introduce(config, plans, view, io);
  const several = new Set(plans.map(({ seed }) => seed)).size > 1;
  const positionOf = (plan: TrialPlan): string =>
    `[${plans.findIndex(({ folderName }) => folderName === plan.folderName) + 1}/${plans.length}]`;
  const execute = async (plan: TrialPlan, trialFolder: string, begun: boolean): Promise<TrialResult> => {
    const position = positionOf(plan);
    view.begin(`${position} ${plan.label}${several ? `, seed ${plan.seed}` : ''}`);
    const result = await (io.executeTrial ?? executeInProcess)(plan, trialFolder, {
      cwd: io.cwd,
      cacheFolder: cacheFolder(io),
      begun,
      plugins,
      signal: interrupt.signal,
      event: (event) => view.event(event),
      stage: (message) => view.stage(message),
      notice: (message) => view.notice(message),
      evaluation: (progress) => view.evaluation(progress),
      printed: (line) => view.note(line),
    });
    view.note(finished(position, result, io));
    return result;
  };
  try {
    const options: CompareOptions = {
      execute,
      folder,
      signal: AbortSignal.any([interrupt.signal, refused.signal]),
      onFailure: (plan, error) => {
        if (error instanceof InputError) {
          badInput ??= error;
          refused.abort();
        } else
          view.note(
            `failed: ${plan.label}, seed ${plan.seed}: ${error instanceof Error ? error.message : error}`,
          );
      },
      onFinished: (plan, result) => view.note(`${finished(positionOf(plan), result, io)} (finished before)`),
    };
    const comparison = resumed ? await resumeComparison(options) : await compareTrials(config, options);
    if (badInput !== undefined && comparison.trials.length === 0 && !resumed) {
      // Made for this comparison a moment ago, and there is nothing to compare in it.
      rmSync(folder, { recursive: true, force: true });
      throw badInput;
    }
    if (badInput !== undefined) view.note(`failed: ${badInput.message}`);
    const status = interrupt.status();
    if (status !== STATUS.ok) {
      view.note(`To go on: ligature resume ${shown(folder, io)}`);
      return { comparison, status };
    }
    if (badInput !== undefined) return { comparison, status: STATUS.input };
    return { comparison, status: comparison.failed.length > 0 ? STATUS.failed : STATUS.ok };
  } catch (error) {
    removeIfEmpty(folder);
    throw error;
  } finally {
    view.end();
    interrupt.dispose();
  }
}

function introduce(
  config: RunConfig,
  plans: readonly TrialPlan[],
  view: ProgressView,
  io: Context['io'],
): void {
  const { controllers } = config.compare;
  const seeds = plans.length / controllers.length;
  const text =
    `Comparing ${controllers.map(controllerLabel).join(', ')} on ${config.dataset.name}: ` +
    `${describeBudget(config)}; ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}, ${plans.length} ${plans.length === 1 ? 'trial' : 'trials'}.`;
  view.note(wrap(text, columnsOf(io.stderr) - 1));
}

/** One line for a trial that is over. */
function finished(position: string, result: TrialResult, io: Context['io']): string {
  const paint = paintFor(io.stderr, io.env);
  const { controller, seed, test, tokensPerSecond, trainingSeconds, ledger, tieMap } = result;
  if (result.outcome === 'stopped')
    return `${position} ${controller}, seed ${seed}: stopped after ${result.steps} steps`;
  const text = [
    `${position} ${controller}, seed ${seed}: test ${formatQuantity(test['nats'], quantities.nats)} nats`,
    `${ledger.independentLayers}/${ledger.layers} own`,
    `${formatQuantity(tokensPerSecond, quantities.rate)} tok/s`,
    formatQuantity(trainingSeconds, quantities.seconds),
  ].join(', ');
  if (paint.level === 0) return `${text}, tie map ${formatTieMap(tieMap)}`;
  const room = Math.min(columnsOf(io.stderr) - 2 - text.length, 2 * tieMap.length);
  // Less than half a column for each layer would leave layers out.
  return room < tieMap.length / 2 ? text : `${text} ${tieMapCells(tieMap, room, paint)}`;
}
