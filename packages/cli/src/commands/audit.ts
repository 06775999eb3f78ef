/** `ligature audit NAME`: checks one claim about the official code, and says what came out, whichever way. */
import { selectBackend } from '@ligature/backends';
import { InputError, unknownName, type PluginHost, type RunConfig } from '@ligature/core';
import { loadPlugins } from '@ligature/run';
import {
  AUDIT_NAMES,
  auditDefaults,
  auditRandomRatio,
  planAudit,
  readAudit,
  resumeAudit,
  runAudit,
  type AuditName,
  type AuditReport,
  type TrainedAudit,
} from '@ligature/studies';
import { auditJson, describeBudget } from '@ligature/report';
import { createHost } from '../builtins.js';
import { buildConfig, readDraft } from '../config/build.js';
import { configWithDefaults } from '../config/defaults.js';
import { STATUS } from '../errors.js';
import { makeFolder, removeIfEmpty, shown } from '../run/folder.js';
import { preflight } from '../run/preflight.js';
import { runPlans, type PlansToRun } from '../trials/run-plans.js';
import { AUDITS } from './audit-list.js';
import { writeAudit } from './audit-files.js';
import type { AuditFlags } from './audit-flags.js';
import { auditListText, auditText } from './audit-text.js';
import { randomRatioSettings } from './audit-random-ratio.js';
import type { Context } from './context.js';
import { prepareAgain, printConfig } from './prepare.js';

export async function audit(name: string | undefined, flags: AuditFlags, context: Context): Promise<number> {
  const { io, json } = context;
  if (name === undefined || flags.list) {
    io.stdout.write(json ? `${JSON.stringify(AUDITS, null, 2)}\n` : auditListText(io));
    return STATUS.ok;
  }
  if (!isAudit(name)) throw unknownName('audit', name, AUDIT_NAMES, 'see `ligature audit --list`');
  return name === 'random-ratio' ? randomRatio(flags, context) : trained(name, flags, context);
}

const isAudit = (name: string): name is AuditName => (AUDIT_NAMES as readonly string[]).includes(name);

async function randomRatio(flags: AuditFlags, context: Context): Promise<number> {
  const { io } = context;
  const settings = randomRatioSettings(flags);
  const host = await countingHost();
  const out = await buildConfig({ flags: flags.out === undefined ? {} : { out: flags.out }, cwd: io.cwd });
  const folder = makeFolder(out, flags.name ?? 'audit-random-ratio', io);
  try {
    const report = await auditRandomRatio(settings, host);
    const command =
      `ligature audit random-ratio --layers ${settings.layers.join(',')} --seeds ${settings.seeds} ` +
      `--seed ${settings.seed} --sweeps ${settings.sweeps}`;
    return await show(report, folder, command, context, STATUS.ok);
  } catch (error) {
    removeIfEmpty(folder);
    throw error;
  }
}

/** Replays keep single weights in this process; nothing is computed, so the plainest backend does. */
async function countingHost(): Promise<PluginHost> {
  const host = createHost();
  await selectBackend({ name: 'cpu', options: {} }, host, { context: {} });
  return host;
}

async function trained(name: TrainedAudit, flags: AuditFlags, context: Context): Promise<number> {
  const { io } = context;
  refuseFixed(name, flags);
  const config = await auditConfig(name, flags, io.cwd);
  const plans = planAudit(name, config);
  const host = createHost();
  await loadPlugins(host, config, io.cwd);
  for (const plan of plans) host.options('rewards', plan.config.reward.name, plan.config.reward.options);
  await preflight(
    config,
    plans.map(({ controller }) => controller),
    host,
    io.cwd,
  );
  if (flags.printConfig) {
    printConfig(config, context);
    return STATUS.ok;
  }
  const folder = makeFolder(config, flags.name ?? `audit-${name}`, io);
  return train(name, { config, folder, plugins: config.plugins }, context, (options) =>
    runAudit(name, config, options),
  );
}

/** `ligature resume` of an audit. */
export async function resumeAuditStudy(
  folder: string,
  plugins: readonly string[],
  context: Context,
): Promise<number> {
  const { audit: name, config } = readAudit(folder);
  const controllers = planAudit(name, config).map(({ controller }) => controller);
  await prepareAgain(config, plugins, context, controllers);
  return train(name, { config, folder, plugins, resumed: true }, context, resumeAudit);
}

async function train(
  name: TrainedAudit,
  {
    config,
    ...place
  }: { config: RunConfig } & Pick<PlansToRun<AuditReport>, 'folder' | 'plugins' | 'resumed'>,
  context: Context,
  run: PlansToRun<AuditReport>['run'],
): Promise<number> {
  const plans = planAudit(name, config);
  // Kept apart from the trials, which have processes of their own.
  if (name === 'storages') await countingHost();
  const { summary, status } = await runPlans(
    {
      ...place,
      plans,
      introduction:
        `Audit ${name} on ${config.dataset.name}: ${describeBudget(config)}; ` +
        `${plans.length} ${plans.length === 1 ? 'trial' : 'trials'}.`,
      run,
    },
    context,
  );
  const command = `ligature audit ${name} --config config.json`;
  return show(summary, place.folder, command, context, status);
}

async function show(
  report: AuditReport,
  folder: string,
  command: string,
  { io, json }: Context,
  status: number,
): Promise<number> {
  const files = (await writeAudit(report, folder, command)).map((file) => shown(file, io));
  io.stdout.write(json ? auditJson(report) : auditText(report, io, files));
  return status;
}

/** Defaults of the audit below file and flags; the number of steps may follow from what those give. */
async function auditConfig(name: TrainedAudit, flags: AuditFlags, cwd: string): Promise<RunConfig> {
  const draft = await readDraft({ flags, file: flags.config, cwd });
  const chosen = configWithDefaults(draft, auditDefaults(name));
  return configWithDefaults(draft, auditDefaults(name, chosen));
}

/** What an audit varies by itself cannot be chosen. */
function refuseFixed(name: TrainedAudit, flags: AuditFlags): void {
  const fixed: readonly (keyof AuditFlags)[] = [
    'controllers',
    'control',
    'sweeps',
    ...(name === 'memory' ? (['controller'] as const) : []),
  ];
  for (const flag of fixed) {
    if (flags[flag] === undefined) continue;
    throw new InputError('flag-misplaced', {
      asked: `Audit ${name} with --${flag}`,
      found: 'it has no meaning here',
      todo: `Leave out --${flag}; \`ligature audit --list\` says what each audit varies`,
    });
  }
}
