/** `ligature train`: one run, in this process. */
import { InputError } from '@ligature/core';
import { controllerLabel, runTrial } from '@ligature/run';
import type { RunFlags } from '../config/flags.js';
import { STATUS } from '../errors.js';
import { datasetLabel, makeFolder, removeIfEmpty } from '../folders/folder.js';
import type { Context, ExperimentFlags } from './context.js';
import { oneRun } from './one-run.js';
import { prepare, printConfig } from './prepare.js';

export async function train(flags: RunFlags & ExperimentFlags, context: Context): Promise<number> {
  const { io } = context;
  refuseComparison(flags);
  const { config, host } = await prepare(flags, context, ({ controller }) => [controller]);
  if (flags.printConfig) {
    printConfig(config, context);
    return STATUS.ok;
  }
  const label = `${controllerLabel(config.controller)}, seed ${config.seed}`;
  const name = flags.name ?? `${datasetLabel(config)}-${config.controller.name}-seed-${config.seed}`;
  const folder = await makeFolder(config, name, io);
  try {
    const status = await oneRun({ label, folder, host, plugins: config.plugins }, context, (env) =>
      runTrial(config, folder, env),
    );
    if (status !== STATUS.ok) removeIfEmpty(folder);
    return status;
  } catch (error) {
    removeIfEmpty(folder);
    throw error;
  }
}

/** Flags of a comparison would change nothing here; printed as a configuration they do. */
function refuseComparison({
  controllers,
  control,
  seeds,
  parallel,
  printConfig,
}: RunFlags & ExperimentFlags): void {
  if (printConfig) return;
  for (const [flag, value, single] of [
    ['--controllers', controllers, '--controller'],
    ['--control', control, '--controller'],
    ['--seeds', seeds, '--seed'],
    ['--parallel', parallel, '--threads'],
  ] as const) {
    if (value === undefined) continue;
    throw new InputError('flag-misplaced', {
      asked: `Train one run with ${flag} ${value}`,
      found: '`ligature train` makes one run, with one controller and one seed',
      todo: `Use \`ligature compare\` with the same flags, or ${single} in place of ${flag}`,
    });
  }
}
