/** Every study as a command: from flags to a plan, its trials, what they show, and the files that say so. */
import { join } from 'node:path';
import {
  InputError,
  visible,
  type AnyEntry,
  type OrderedPlugin,
  type PluginHost,
  type RunConfig,
  type StudyCommand,
  type StudyDocument,
} from '@ligature/core';
import { loadPlugin } from '@ligature/core/node';
import { documentFiles } from '@ligature/report';
import { writeWhole } from '@ligature/core/node';
import { loadPlugins, pinnedConfig, type RunEnvironment } from '@ligature/run';
import { planned, plannedAnew, readStudy } from '@ligature/studies';
import { createHost } from '../builtins.js';
import { checkedConfig, readDraft, type ConfigDraft } from '../config/build.js';
import { configWithDefaults } from '../config/defaults.js';
import type { RunFlags } from '../config/flags.js';
import { flagName, modelOptionsIn } from '../config/model-flags.js';
import { settledConfig } from '../config/settle.js';
import { STATUS } from '../errors.js';
import { cacheFolder } from '../io.js';
import { datasetLabel, makeFolder, shown } from '../folders/folder.js';
import { conduct, type Conducted } from '../trials/conduct.js';
import { settleTrials } from '../trials/settle.js';
import type { Context } from './context.js';
import { documentText } from './document-text.js';
import { resumeFinishedStudy } from './finished.js';
import { printConfig } from './prepare.js';
import { pluginNames } from './run-options.js';
import { attributeOf, checkedSettings, readStudyFlags, type GivenFlags } from './study-flags.js';
import { checkTrials, studyTools } from './study-tools.js';

/**
 * @param name of the entry
 * @param argument that its command cannot do without, if there is one
 */
export async function study(
  name: string,
  flags: GivenFlags,
  context: Context,
  argument?: string | readonly string[],
): Promise<number> {
  const { io } = context;
  const host = createHost();
  // Those of the command line first: the study may be one of theirs.
  await loadPlugins(host, { plugins: pluginNames(flags) }, io.cwd);
  const entry = host.entry('studies', name);
  const { command } = entry;
  const read = readStudyFlags(command, flags);
  const draft = await draftOf(command, read, flags, context);
  assertPlan(command, flags, draft);
  await loadPlugins(host, withDefaults(entry, draft), io.cwd);
  const config = configOf(entry, draft, host);
  const said = command.argument ? { ...read.settings, [command.argument.setting]: argument } : read.settings;
  const settings = checkedSettings(entry.asked ?? entry.meta.options, said, command, flags) as never;
  const tools = studyTools(host, draft, context);
  const prepared = entry.prepare
    ? await entry.prepare({ config, settings }, tools)
    : { config, settings: settings as unknown };
  const made = await host.create('studies', name, prepared.settings, { host });
  await checkTrials(plannedAnew(made, prepared.config, host), tools.check);
  if (flags['printConfig'] === true) {
    printConfig(prepared.config, context);
    return STATUS.ok;
  }
  const pinned = await pinnedConfig(prepared.config, surroundings(host, context));
  const settled = settleTrials(pinned, (one) => planned(made, one), host);
  const folder = await makeFolder(
    settled.config,
    textOf(flags['name']) ?? prepared.folderName ?? folderName(command, name, datasetLabel(config)),
    io,
  );
  const ran = await conduct(
    {
      ...{ name, study: made, host, folder, ...settled, settings: prepared.settings },
      plugins: await orderedPlugins(host, settled.config.plugins, io.cwd),
      executor: textOf(flags['executor']),
      ...(prepared.begin && { begin: prepared.begin }),
    },
    context,
  );
  return report(folder, context, ran);
}

/** Of what is asked before the first trial begins. */
const surroundings = (host: PluginHost, { io, quiet }: Context): RunEnvironment => ({
  ...{ host, cwd: io.cwd, cacheFolder: cacheFolder(io), now: io.now },
  listen: (bus) =>
    bus.events$.subscribe((event) => {
      if (event.type === 'notice.raised' && !quiet) io.stderr.write(`note: ${visible(event.message)}\n`);
    }),
});

/** `ligature resume` of a study: what is finished stays, the rest goes on or is run; some grow. */
export async function resumeStudy(folder: string, flags: GivenFlags, context: Context): Promise<number> {
  const { io } = context;
  const plugins = pluginNames(flags);
  const { study: name, config: kept, settings: before } = readStudy(folder);
  const host = createHost();
  // A folder may come from anywhere: only what the command line names is loaded, never what its files name.
  await loadPlugins(host, { plugins }, io.cwd);
  const entry = host.entry('studies', name);
  const config = settledConfig(kept, host);
  refuseOtherBackend(name, flags);
  const more = growth(entry.command, flags);
  const tools = studyTools(host, { written: {}, assignments: [] }, context);
  const settingsBefore = host.options('studies', name, before) as never;
  const grown = Object.keys(more).length > 0;
  const finished = grown ? undefined : await resumeFinishedStudy(folder, host, context);
  if (finished !== undefined) return finished;
  const settings: unknown =
    grown && entry.grow ? await entry.grow(settingsBefore, more, config, tools) : (settingsBefore as unknown);
  const made = await host.create('studies', name, settings, { host });
  const trials = planned(made, config);
  await checkTrials(trials, tools.check);
  const ran = await conduct(
    {
      ...{ name, study: made, host, folder, config, trials, settings },
      plugins: await orderedPlugins(host, plugins, io.cwd),
      executor: textOf(flags['executor']),
      resumed: true,
      extended: grown,
    },
    context,
  );
  return report(folder, context, ran);
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** A study without a configuration of its own keeps where to write, and what its own flags set. */
async function draftOf(
  command: StudyCommand,
  { assignments, common }: ReturnType<typeof readStudyFlags>,
  flags: GivenFlags,
  { io: { cwd }, modelOptions }: Context,
): Promise<ConfigDraft> {
  const { out, plugins } = common as RunFlags;
  const kept: RunFlags = command.configured
    ? { ...(common as RunFlags), ...modelOptionsIn(common, modelOptions) }
    : { ...(out !== undefined && { out }), ...(plugins !== undefined && { plugins }) };
  const file = command.configured ? (planOf(command, flags) ?? textOf(flags['config'])) : undefined;
  const draft = await readDraft({ flags: kept, file, cwd });
  return { ...draft, assignments: [...draft.assignments, ...assignments] };
}

/** @throws InputError (`plan-missing`) for a file that plans nothing, (`plan-unused`) for a plan that the study would not read */
function assertPlan(
  { flags: own, words }: StudyCommand,
  flags: GivenFlags,
  { written, file }: ConfigDraft,
): void {
  const planned = own.filter(({ sets }) => 'plan' in sets);
  if (planned.length === 0 && Object.hasOwn(written, 'plan'))
    throw new InputError('plan-unused', {
      asked: `Run \`ligature ${words}\` with ${file ?? 'a configuration'}`,
      found: 'it has a section `plan`, whose contrasts this study does not have',
      todo: 'Leave out `plan:`, or plan a comparison (`ligature compare --plan`) or a sweep (`ligature sweep --plan`)',
    });
  const asked = planned.some((flag) => flags[attributeOf(flag.flags)] !== undefined);
  if (!asked || Object.hasOwn(written, 'plan')) return;
  throw new InputError('plan-missing', {
    asked: `Run the plan ${file ?? ''}`,
    found: 'the file has no section `plan`',
    todo: 'Add `plan:` with question and primary (of, against, margin), or use --config',
  });
}

/** What may be said beside a plan: how and where its trials are run, and how that is shown. */
const BESIDE_A_PLAN = [
  'parallel',
  'threads',
  'backend',
  'executor',
  'plugins',
  'out',
  'name',
  'printConfig',
  'json',
  'quiet',
  'verbose',
];

/** The file of a plan, if one is given. @throws InputError (`plan-overruled`) for a flag that would make another study of it */
function planOf({ flags: own }: StudyCommand, flags: GivenFlags): string | undefined {
  const flag = own.find(({ sets }) => 'plan' in sets);
  if (flag === undefined) return undefined;
  const word = attributeOf(flag.flags);
  const file = textOf(flags[word]);
  if (file === undefined) return undefined;
  const other = Object.keys(flags).find(
    (name) => flags[name] !== undefined && name !== word && !BESIDE_A_PLAN.includes(name),
  );
  if (other === undefined) return file;
  throw new InputError('plan-overruled', {
    asked: `Run the plan ${file} with ${flagName(other)}`,
    found: 'what a plan says was fixed before, and a flag would change it',
    todo: `Write it into ${file} and leave out ${flagName(other)}, or use --config for a study without a plan`,
  });
}

/** Defaults of the study below file and flags. @param chosen what those give, from which some defaults follow */
function withDefaults(entry: AnyEntry<'studies'>, draft: ConfigDraft, chosen?: RunConfig): RunConfig {
  if (!entry.command.configured)
    return checkedConfig({ ...draft, assignments: draft.assignments.filter(isOfFolder) });
  return entry.defaults ? configWithDefaults(draft, entry.defaults(chosen)) : checkedConfig(draft);
}

/** The same with all that the plug-ins know; they are there by now. */
function configOf(entry: AnyEntry<'studies'>, draft: ConfigDraft, host: PluginHost): RunConfig {
  const settled = (chosen?: RunConfig): RunConfig =>
    settledConfig(withDefaults(entry, draft, chosen), host, draft);
  // Which task was asked for comes first: by it a study knows whether to bring a text.
  return entry.command.configured && entry.defaults ? settled(settled(checkedConfig(draft))) : settled();
}

const isOfFolder = ({ path }: ConfigDraft['assignments'][number]): boolean =>
  path[0] === 'out' || path[0] === 'plugins';

/** `compare-moby-dick`, `audit-storages`. */
function folderName({ words, configured }: StudyCommand, name: string, dataset: string): string {
  const [first, second] = (words ?? name).split(' ');
  if (second !== undefined) return `${first}-${second}`;
  return configured ? `${first}-${dataset}` : (first as string);
}

/** With the versions that this study runs with, for those who carry trials out elsewhere. */
async function orderedPlugins(
  host: PluginHost,
  specifiers: readonly string[],
  cwd: string,
): Promise<OrderedPlugin[]> {
  const ordered = [];
  for (const specifier of specifiers) {
    ordered.push({ specifier, version: (await loadPlugin(host, specifier, cwd)).version });
  }
  return ordered;
}

/** Flags of `resume` that ask for no more than there is. */
const ALWAYS_RESUMED = ['plugins', 'backend', 'threads', 'executor', 'json', 'quiet', 'verbose'];

/** What the flags of `resume` ask for in addition. @throws InputError (`flag-misplaced`) */
function growth(
  { grows = [], ...command }: StudyCommand,
  flags: GivenFlags,
): Readonly<Record<string, unknown>> {
  const known = grows.map((flag) => attributeOf(flag.flags));
  for (const [flag, value] of Object.entries(flags)) {
    if (value === undefined || known.includes(flag) || ALWAYS_RESUMED.includes(flag)) continue;
    throw new InputError('flag-misplaced', {
      asked: `Go on with the study with ${flagName(flag)}`,
      found:
        known.length === 0 ? 'it does not grow' : `it grows by ${known.map(flagName).join(' and ')} alone`,
      todo: `Leave out ${flagName(flag)}`,
    });
  }
  const own = Object.fromEntries(known.map((flag) => [flag, flags[flag]]));
  return readStudyFlags({ ...command, flags: grows }, own).settings;
}

function refuseOtherBackend(name: string, flags: GivenFlags): void {
  for (const flag of ['backend', 'threads']) {
    if (flags[flag] === undefined) continue;
    throw new InputError('flag-misplaced', {
      asked: `Go on with a ${name} with --${flag}`,
      found: 'its trials would no longer be computed alike',
      todo: `Leave out --${flag}`,
    });
  }
}

async function report(
  folder: string,
  { io, json }: Context,
  { result, document, status }: Conducted,
): Promise<number> {
  const files = await writeFiles(document, folder);
  if (json) io.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  else
    io.stdout.write(
      documentText(
        document,
        io,
        files.map((file) => shown(join(folder, file), io)),
      ),
    );
  return status;
}

/** @returns what there is, the files for people first; those below a folder of their own by its name */
async function writeFiles(document: StudyDocument, folder: string): Promise<string[]> {
  const files = await documentFiles(document, folder);
  for (const [file, content] of files) await writeWhole(join(folder, file), content);
  const names = [...files.keys()].map((file) => file.split('/')[0] as string);
  return [...new Set([...names, `${document.name}.json`])];
}
