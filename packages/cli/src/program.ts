/**
 * The command line: names, flags and help. What a command does is imported when it is called, so that help and
 * mistakes answer at once.
 */
import { Command, Option } from 'commander';
import type { Context } from './commands/context.js';
import {
  AUDIT_HELP,
  COMPARE_HELP,
  DASHBOARD_HELP,
  EVALUATE_HELP,
  GENERATE_HELP,
  LANDSCAPE_HELP,
  MAIN_HELP,
  PLUGINS_HELP,
  REPORT_HELP,
  RESUME_HELP,
  RETRAIN_HELP,
  SWEEP_HELP,
  TRAIN_HELP,
} from './help.js';
import type { Io } from './io.js';
import { recordedCommand } from './run/command-line.js';
import { colorLevel, columnsOf, paintFor } from './terminal/paint.js';
import { VERSION } from './version.js';

type Flags = Record<string, unknown>;

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

/**
 * @param finish called with the exit status of the command that ran
 * @param argv what was typed, for the manifests of runs
 */
export function createProgram(
  io: Io,
  finish: (status: number) => void,
  argv: readonly string[] = [],
): Command {
  const program = new Command('ligature');
  const paint = paintFor(io.stdout, io.env);
  program
    .description('Trains transformers whose layers tie and untie themselves, and compares who decides best.')
    .version(VERSION, '-V, --version', 'print the version')
    .addHelpText('after', MAIN_HELP)
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp({ styleTitle: (text) => paint.bold(text) })
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
      };
      finish(await (await load())(flags, context, ...rest));
    };

  experimentFlags(program.command('train'), 'train')
    .description('train one model with one controller')
    .addHelpText('after', TRAIN_HELP)
    .action(on(async () => (await import('./commands/train.js')).train));

  experimentFlags(program.command('compare'), 'compare')
    .description('train the same model with several controllers and compare them')
    .addHelpText('after', COMPARE_HELP)
    .action(on(async () => (await import('./commands/compare.js')).compare));

  experimentFlags(sweepFlags(program.command('sweep')), 'sweep')
    .description('train many configurations, by grid or at random, and rank them')
    .addHelpText('after', SWEEP_HELP)
    .action(on(async () => (await import('./commands/sweep.js')).sweep));

  experimentFlags(landscapeFlags(program.command('landscape')), 'landscape')
    .description('train every tie map of a small stack, and rank them')
    .addHelpText('after', LANDSCAPE_HELP)
    .action(on(async () => (await import('./commands/landscape.js')).landscape));

  outputFlags(program.command('retrain'))
    .description("train a run's final tie map from scratch, beside random ones")
    .argument('<run>', 'folder of the run, finished or stopped')
    .option('--seeds <list>', "a number of seeds from the run's on, or seeds between commas (3)")
    .option('--random-maps <n>', 'other maps with as many blocks (3)')
    .option('--no-long', 'do not train the map from scratch for both budgets')
    .option('--parallel <n>', 'trials side by side, or auto: as many as fit')
    .option('--plugins <list>', 'packages or paths of plug-ins that the run was made with', collect)
    .option('--backend <name>', 'another backend than the one on which it began')
    .option('--threads <n>', 'threads of a backend that can be told')
    .option('--out <folder>', 'the folder of runs')
    .option('--name <name>', 'name of the folder of the retraining')
    .addHelpText('after', RETRAIN_HELP)
    .action(async (run: string, flags: Flags) => {
      const { retrain } = await import('./commands/retrain.js');
      await on(async () => (given, context) => retrain(run, given, context))(flags);
    });

  experimentFlags(program.command('audit'), 'audit')
    .description('check a claim about the official code, and say what came out')
    .argument('[name]', 'storages, random-ratio, rewards, gradients or memory')
    .option('--list', 'what the audits are')
    .option('--sweeps <n>', 'sweeps over the layers (random-ratio)')
    .addHelpText('after', AUDIT_HELP)
    .action(async (name: string | undefined, flags: Flags) => {
      const { audit } = await import('./commands/audit.js');
      await on(async () => (given, context) => audit(name, given, context))(flags);
    });

  outputFlags(program.command('resume'))
    .description('go on with a run or a study that was stopped or killed')
    .argument('<run>', 'folder of the run, comparison, sweep, landscape, retraining or audit')
    .option('--plugins <list>', 'packages or paths of plug-ins that the run was made with', collect)
    .option('--backend <name>', 'another backend than the one on which it began')
    .option('--samples <n>', 'configurations in all, to extend a random sweep')
    .option('--seeds <list>', 'seeds in all, to extend a sweep')
    .option('--threads <n>', 'threads of a backend that can be told')
    .addHelpText('after', RESUME_HELP)
    .action(async (run: string, flags: Flags) => {
      const { resume } = await import('./commands/resume.js');
      await on(async () => (given, context) => resume(run, given, context))(flags);
    });

  outputFlags(program.command('evaluate'))
    .description('measure the model of a run on a split of its text')
    .argument('<run>', 'folder of the run')
    .option('--plugins <list>', 'packages or paths of plug-ins that the run was made with', collect)
    .option('--split <name>', 'train, validation or test', 'test')
    .option('--batches <n>', 'at most so many batches')
    .option('--backend <name>', "another backend than the run's, with options if need be")
    .option('--threads <n>', 'threads of a backend that can be told')
    .addHelpText('after', EVALUATE_HELP)
    .action(async (run: string, flags: Flags) => {
      const { evaluate } = await import('./commands/evaluate.js');
      await on(async () => (given, context) => evaluate(run, given, context))(flags);
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
    .argument('<folder>', 'folder of the run, comparison, sweep, landscape or retraining')
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
    .description('list controllers, datasets, tokenizers, … or the options of one')
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

function sweepFlags(command: Command): Command {
  for (const [flags, description, parse] of [
    ['--vary <path=values>', 'a field and its values: 5,10,20 or 0.1..0.9; repeatable', collect],
    ['--search <kind>', 'grid or random; left out: grid where values can be counted'],
    ['--samples <n>', 'configurations of a random search (20)'],
    ['--objective <metric>', 'what to rank by (validation.nats)'],
    ['--minimize <metric>', 'the same, less is better'],
    ['--maximize <metric>', 'the same, more is better'],
    ['--axes <fields>', 'the one or two fields of the picture, between commas'],
  ] as const) {
    const option = new Option(flags, description).helpGroup('Sweep:');
    command.addOption(parse ? option.argParser(parse) : option);
  }
  return command;
}

function landscapeFlags(command: Command): Command {
  for (const [flags, description] of [
    ['--blocks <list>', 'only maps with so many blocks: 2 or 2,4 or 2-4'],
    ['--max-maps <n>', 'a uniform sample of so many maps where there are more'],
    ['--keep-models', 'keep the checkpoints of finished trials'],
    ['--yes', 'train however many trials there are'],
  ] as const) {
    command.addOption(new Option(flags, description).helpGroup('Landscape:'));
  }
  return command;
}

type Experiment = 'train' | 'compare' | 'sweep' | 'landscape' | 'audit';

const SEEDS = 'a number of seeds, or seeds between commas';
const PARALLEL = 'trials side by side, or auto: as many as fit';
const DECIDES = 'who decides which layers are tied';

/**
 * What these flags mean to a command. Those that mean nothing to it are known all the same, so that it can say which
 * one to use instead, but its help leaves them out.
 */
const OF_TRIALS: Readonly<Record<Experiment, Readonly<Record<string, string>>>> = {
  train: { controller: DECIDES },
  compare: {
    controllers: 'the controllers to compare, between commas',
    controller: 'a single one, with nothing beside it',
    control: 'the one that the others are set against (none)',
    seeds: SEEDS,
    parallel: PARALLEL,
  },
  sweep: { controller: DECIDES, seeds: SEEDS, parallel: PARALLEL },
  landscape: {
    controllers: 'controllers to train beside the maps, between commas',
    seeds: SEEDS,
    parallel: PARALLEL,
  },
  audit: {
    controller: `${DECIDES} (storages, rewards, gradients)`,
    seeds: SEEDS,
    parallel: `${PARALLEL} (all but random-ratio)`,
  },
};

function experimentFlags(command: Command, experiment: Experiment): Command {
  const add = (group: string, flags: string, description: string, parse?: typeof collect): void => {
    const option = new Option(flags, description).helpGroup(group);
    command.addOption(parse ? option.argParser(parse) : option);
  };
  for (const flags of [
    '--controller <name>',
    '--controllers <list>',
    '--control <name>',
    '--seeds <list>',
    '--parallel <n>',
  ]) {
    const option = new Option(flags).helpGroup('Experiment:');
    const meaning = OF_TRIALS[experiment][option.attributeName()];
    option.description = meaning ?? '';
    command.addOption(option.hideHelp(meaning === undefined));
  }
  add('Experiment:', '--seed <n>', 'seed of every random stream');
  add('Experiment:', '--steps <n>', 'training steps');
  add('Experiment:', '--budget <kind:n>', 'in place of steps: tokens:N, flops:N or seconds:N');
  add('Experiment:', '--batch <n>', 'sequences per step');
  add('Experiment:', '--window <n>', 'steps under one tie map');
  add('Text and model:', '--dataset <name>', 'a dataset by name, or the path of a text file or folder');
  add('Text and model:', '--tokenizer <name>', 'a tokenizer by name, or the path of a tokenizer.json');
  add('Text and model:', '--layers <n>', 'layers of the stack');
  add('Text and model:', '--width <n>', 'size of the residual stream, divisible by the heads');
  add('Text and model:', '--heads <n>', 'attention heads');
  add('Text and model:', '--context <n>', 'tokens per sequence');
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
