/**
 * The command line: names, flags and help. What a command does is imported when it is called, so that help and
 * mistakes answer at once.
 */
import { visible, type StudyCommand } from '@ligature/core';
import { commandGroups, studyCommands } from '@ligature/studies/commands';
import { Command, Option } from 'commander';
import type { Context } from './commands/context.js';
import {
  DASHBOARD_HELP,
  EVALUATE_HELP,
  GENERATE_HELP,
  MAIN_HELP,
  PLUGINS_HELP,
  REPORT_HELP,
  RESUME_HELP,
  STUDY_HELP,
  studyHelp,
  TRAIN_HELP,
} from './help.js';
import type { ModelFlag } from './config/model-flags.js';
import type { Io } from './io.js';
import { recordedCommand } from './command-lines/command-line.js';
import { colorLevel, columnsOf, paintFor } from './terminal/paint.js';
import { VERSION } from './version.js';

type Flags = Record<string, unknown>;

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

/**
 * @param finish called with the exit status of the command that ran
 * @param argv what was typed, for the manifests of runs
 * @param named what only the plug-ins know that the command line names
 */
export function createProgram(
  io: Io,
  finish: (status: number) => void,
  argv: readonly string[] = [],
  { studies = {}, model: chosen }: NamedFlags = {},
): Command {
  const model = chosen?.flags ?? [];
  const program = new Command('ligature');
  const paint = paintFor(io.stdout, io.env);
  program
    .description('Trains transformers whose layers tie and untie themselves, and compares who decides best.')
    .version(VERSION, '-V, --version', 'print the version')
    .addHelpText('after', MAIN_HELP)
    .helpCommand('help [command]', 'print the help of a command')
    // Flags behind a command are the command's, also where it has commands of its own.
    .enablePositionalOptions()
    .configureHelp({ styleTitle: (text) => paint.bold(text), styleDescriptionText: visible })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      // Mistakes are reported by `run`, in the same form as all others.
      writeErr: () => undefined,
      getOutHelpWidth: () => columnsOf(io.stdout),
      getOutHasColors: () => colorLevel(io.stdout, io.env) > 0,
    })
    .exitOverride();

  const on =
    <A extends unknown[]>(
      load: () => Promise<(flags: Flags, context: Context, ...rest: A) => Promise<number>>,
    ) =>
    async (flags: Flags, ...rest: A): Promise<void> => {
      const context = {
        io,
        json: flags['json'] === true,
        quiet: flags['quiet'] === true,
        verbose: flags['verbose'] === true,
        command: { version: VERSION, words: recordedCommand(argv) },
        modelOptions: model.map(({ name }) => name),
      };
      finish(await (await load())(flags, context, ...rest));
    };

  experimentFlags(program.command('train'), { controller: DECIDES }, model)
    .description('train one model with one controller')
    .addHelpText('after', TRAIN_HELP)
    .action(on(async () => (await import('./commands/train.js')).train));

  const runStudy =
    (name: string) =>
    async (...given: readonly unknown[]): Promise<void> => {
      // Commander hands over the arguments, the flags and the command, in this order.
      const [flags, argument] =
        typeof given[0] === 'string' || Array.isArray(given[0])
          ? [given[1] as Flags, given[0] as string | string[]]
          : [given[0] as Flags, undefined];
      const { study } = await import('./commands/study.js');
      await on(async () => (own, context) => study(name, own, context, argument))(flags);
    };
  for (const [name, command] of Object.entries(studyCommands)) {
    if (command.words === undefined || command.words.includes(' ')) continue;
    studyFlags(program.command(command.words), [command], model)
      .description(command.description)
      .addHelpText('after', studyHelp(command))
      .action(runStudy(name));
  }

  for (const [words, group] of Object.entries(commandGroups)) {
    const members = Object.entries(studyCommands).flatMap(([name, command]) =>
      command.words?.startsWith(`${words} `)
        ? [{ name, command, word: command.words.split(' ')[1] ?? '' }]
        : [],
    );
    const listed = Object.fromEntries(members.map(({ word, command }) => [word, command]));
    studyFlags(
      program.command(words),
      members.map(({ command }) => command),
      model,
    )
      .description(group.description)
      .argument('[name]', group.argument)
      .option('--list', 'what there are')
      .addHelpText('after', studyHelp({ ...group, configured: false }))
      .action(async (word: string | undefined, flags: Flags) => {
        if (word === undefined || flags['list'] === true) {
          const { listStudies } = await import('./commands/study-list.js');
          await on(() => Promise.resolve((_flags, context) => Promise.resolve(listStudies(listed, context))))(
            flags,
          );
          return;
        }
        const member = members.find((one) => one.word === word);
        if (member === undefined) {
          const { unknownName } = await import('@ligature/core');
          throw unknownName(words, word, Object.keys(listed), `see \`ligature ${words} --list\``);
        }
        await runStudy(member.name)(flags);
      });
  }

  const others = outputFlags(program.command('study'))
    .enablePositionalOptions()
    .description('a study by its name, also one of a plug-in')
    .option('--plugins <list>', 'packages or paths of plug-ins that have it', collect)
    .addHelpText('after', STUDY_HELP)
    .action(
      on(async () => async (_flags, context) => {
        const { listStudies } = await import('./commands/study-list.js');
        return listStudies({ ...studyCommands, ...studies }, context);
      }),
    );
  for (const [name, command] of Object.entries({ ...studyCommands, ...studies })) {
    studyFlags(others.command(name), [command], model)
      .description(command.description)
      .addHelpText('after', studyHelp(command))
      .action(runStudy(name));
  }

  const grows = Object.values({ ...studyCommands, ...studies }).flatMap(({ grows: more = [] }) => more);
  // Studies may grow by flags of the same name.
  [...new Map(grows.map((flag) => [new Option(flag.flags).attributeName(), flag])).values()]
    .reduce(
      (command, { flags, description }) => command.option(flags, description),
      outputFlags(program.command('resume')),
    )
    .description('go on with a run or a study that was stopped or killed')
    .argument('<run>', 'folder of the run or study')
    .option('--plugins <list>', 'packages or paths of plug-ins that the run was made with', collect)
    .option('--backend <name>', 'another backend than the one on which it began')
    .option('--threads <n>', 'threads of a backend that can be told')
    .option('--executor <name>', EXECUTOR)
    .addHelpText('after', RESUME_HELP)
    .action(async (run: string, flags: Flags) => {
      const { resume } = await import('./commands/resume.js');
      await on(async () => (given, context) => resume(run, given, context))(flags);
    });

  outputFlags(program.command('evaluate'))
    .description('measure the models of runs on a split of their data, and what rounding does to them')
    .argument('<runs...>', 'folders of runs, or of studies: all of their finished trials')
    .option('--plugins <list>', 'packages or paths of plug-ins that the run was made with', collect)
    .option('--split <name>', 'train, validation or test', 'test')
    .option('--batches <n>', 'only so many batches, evenly over the split')
    .option('--round <list>', 'measure with rounded weights besides: int8')
    .option('--csv <file>', 'write a line for each run and rounding')
    .option('--backend <name>', "another backend than the run's, with options if need be")
    .option('--threads <n>', 'threads of a backend that can be told')
    .addHelpText('after', EVALUATE_HELP)
    .action(async (runs: string[], flags: Flags) => {
      const { evaluate } = await import('./commands/evaluate.js');
      await on(async () => (given, context) => evaluate(runs, given, context))(flags);
    });

  outputFlags(program.command('generate'))
    .description('write text with the model of a run')
    .argument('<run>', 'folder of the run')
    .option('--plugins <list>', 'packages or paths of plug-ins that the run was made with', collect)
    .option('--prompt <text>', 'text to go on from')
    .option('--tokens <n>', 'tokens to write at most (100)')
    .option('--temperature <t>', '0: always the most likely token (0.8)')
    .option('--top-k <k>', 'draw among the k most likely tokens; 0: all (0)')
    .option('--top-p <p>', 'draw among the most likely tokens that make up p (1)')
    .option('--seed <n>', 'the same seed writes the same text (1)')
    .option('--backend <name>', "another backend than the run's, with options if need be")
    .option('--threads <n>', 'threads of a backend that can be told')
    .addHelpText('after', GENERATE_HELP)
    .action(async (run: string, flags: Flags) => {
      const { generate } = await import('./commands/generate.js');
      await on(async () => (given, context) => generate(run, given, context))(flags);
    });

  outputFlags(program.command('report'))
    .description('make one HTML file of a run, a comparison or another study')
    .argument('<folder>', 'folder of the run or study')
    .option('--plugins <list>', 'packages or paths of plug-ins that the study was made with', collect)
    .option('--out <file>', 'where to write it (report.html in the folder)')
    .option('--open', 'open it in the browser')
    .addHelpText('after', REPORT_HELP)
    .action(async (folder: string, flags: Flags) => {
      const { report } = await import('./commands/report.js');
      await on(async () => (given, context) => report(folder, given, context))(flags);
    });

  outputFlags(program.command('dashboard'))
    .description('serve a page with the runs of a folder, live while they train')
    .argument('[runs]', 'folder of runs, or of one comparison or run', 'runs')
    .option('--port <n>', 'port on 127.0.0.1; 0: one that is free (0)')
    .option('--open', 'open the page in the browser')
    .addHelpText('after', DASHBOARD_HELP)
    .action(async (runs: string, flags: Flags) => {
      const { dashboard } = await import('./commands/dashboard.js');
      await on(async () => (given, context) => dashboard(runs, given, context))(flags);
    });

  outputFlags(program.command('plugins'))
    .description('list tasks, models, controllers, … or the options of one')
    .argument('[name]', 'one of them')
    .option('--plugins <list>', 'packages or paths of further plug-ins, between commas', collect)
    .addHelpText('after', PLUGINS_HELP)
    .action(async (name: string | undefined, flags: Flags) => {
      const { plugins } = await import('./commands/plugins.js');
      await on(async () => (given, context) => plugins(name, given, context))(flags);
    });

  outputFlags(program.command('doctor'))
    .description('say which backends work here and how to get a better one')
    .action(
      on(async () => async (_flags, context) => (await import('./commands/doctor.js')).doctor(context)),
    );

  return program;
}

/** Flags that only plug-ins know, so those are loaded before the rest is read. */
export interface NamedFlags {
  /** Studies of the plug-ins that the command line names. */
  readonly studies?: Readonly<Record<string, StudyCommand>>;
  /** The model that it names, or the default one, and what its options are. */
  readonly model?: { readonly name: string; readonly flags: readonly ModelFlag[] };
}

/** Words of the flags that every experiment has. */
export const experimentFlagNames = (): string[] =>
  experimentFlags(new Command(), {}, []).options.flatMap(({ long }) => (long ? [long] : []));

const DECIDES = 'who decides which layers are tied';
const EXECUTOR = 'who carries the trials out: child-process, in-process or one of a plug-in';
const COMMON = [
  '--controller <name>',
  '--controllers <list>',
  '--control <name>',
  '--seeds <list>',
  '--parallel <n>',
];

/** Of several studies under one command: the union, of which each takes its own. */
function studyFlags(
  command: Command,
  studies: readonly StudyCommand[],
  model: readonly ModelFlag[],
): Command {
  const [first] = studies as readonly [StudyCommand];
  if (first.argument && studies.length === 1) {
    const { name, description, several } = first.argument;
    command.argument(several ? `<${name}...>` : `<${name}>`, description);
  }
  const taken = new Set<string>();
  for (const { flags: own, group } of studies) {
    for (const { flags, description, read } of own) {
      const option = new Option(flags, description);
      const common = COMMON.some((one) => new Option(one).attributeName() === option.attributeName());
      option.helpGroup(`${common ? 'Experiment' : (group ?? 'Study')}:`);
      if (taken.has(option.attributeName())) continue;
      taken.add(option.attributeName());
      command.addOption(read === 'pairs' ? option.argParser(collect) : option);
    }
  }
  const meanings = Object.assign({}, ...studies.map(({ common }) => common)) as Record<string, string>;
  if (studies.some(({ configured }) => configured)) experimentFlags(command, meanings, model, taken);
  else {
    command
      .option('--plugins <list>', 'packages or paths of plug-ins that it needs', collect)
      .option('--out <folder>', 'the folder of runs')
      .option('--name <name>', 'name of the folder of this study');
    outputFlags(command);
  }
  return command.addOption(new Option('--executor <name>', EXECUTOR).helpGroup('Experiment:'));
}

/**
 * @param meanings of flags that mean something to the command; those that mean nothing are known all the same, so that it
 *   can say which one to use instead, but its help leaves them out
 * @param taken flags that it has already
 */
function experimentFlags(
  command: Command,
  meanings: Readonly<Record<string, string>>,
  model: readonly ModelFlag[],
  taken: ReadonlySet<string> = new Set(),
): Command {
  const add = (group: string, flags: string, description: string, parse?: typeof collect): void => {
    const option = new Option(flags, description).helpGroup(group);
    if (taken.has(option.attributeName())) return;
    command.addOption(parse ? option.argParser(parse) : option);
  };
  for (const flags of COMMON) {
    const option = new Option(flags).helpGroup('Experiment:');
    if (taken.has(option.attributeName())) continue;
    const meaning = meanings[option.attributeName()];
    option.description = meaning ?? '';
    command.addOption(option.hideHelp(meaning === undefined));
  }
  add('Experiment:', '--seed <n>', 'seed of every random stream');
  add('Experiment:', '--steps <n>', 'training steps');
  add('Experiment:', '--budget <kind:n>', 'in place of steps: tokens:N, flops:N or seconds:N');
  add('Experiment:', '--batch <n>', 'examples per step: sequences, images, rows');
  add('Experiment:', '--window <n>', 'steps under one tie map');
  add('Data and task:', '--task <name>', 'what is learnt, e.g. causal-lm');
  add(
    'Data and task:',
    '--dataset <name>',
    'a dataset by name, the path of a text file or folder, or hf:owner/name',
  );
  add('Data and task:', '--tokenizer <name>', 'a tokenizer by name, or the path of a tokenizer.json');
  add('Experiment:', '--optimizer <name>', 'adamw, sgd, muon or one of a plug-in');
  add('Model:', '--model <name>', 'an architecture; its options are flags, too');
  for (const { flags, description } of model) add('Model:', flags, description);
  add('Configuration:', '--backend <name>', 'auto, or a tfjs backend by name (see `ligature doctor`)');
  add('Configuration:', '--threads <n>', 'threads of a backend that can be told');
  add(
    'Configuration:',
    '--plugins <list>',
    'packages or paths of plug-ins, between commas; repeatable',
    collect,
  );
  add('Configuration:', '--config <file>', 'a configuration file: .yaml, .json, .ts or .js');
  add(
    'Configuration:',
    '--set <path=value>',
    'any other field, e.g. training.learningRate=1e-3; repeatable',
    collect,
  );
  add('Configuration:', '--print-config', 'print the configuration with all defaults, and do nothing else');
  add('Output:', '--out <folder>', 'the folder of runs');
  add('Output:', '--record <list>', 'further files of a run, between commas: tensorboard, metrics-csv');
  add('Output:', '--name <name>', 'name of the folder of this run');
  return outputFlags(command);
}

function outputFlags(command: Command): Command {
  for (const [flags, description] of [
    ['--json', 'one JSON document on stdout, progress in plain lines on stderr'],
    ['--quiet', 'no progress'],
    ['--verbose', 'errors with their stack'],
  ] as const) {
    command.addOption(new Option(flags, description).helpGroup('Output:'));
  }
  return command;
}
