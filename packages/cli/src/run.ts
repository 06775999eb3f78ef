/** The whole command as a function: arguments in, exit status out. */
import { CommanderError } from 'commander';
import { reportError, STATUS, usageError } from './errors.js';
import { processIo, type Io } from './io.js';
import { createProgram, experimentFlagNames, type NamedFlags } from './program.js';
import { guarded } from './terminal/guard.js';

/**
 * Runs `ligature` with these arguments.
 *
 * @param argv without the program's own name: `['train', '--steps', '10']`
 * @returns 0 done, 1 failed, 2 bad input, 129 its terminal went away, 130 stopped by Ctrl-C, 143 asked to end
 */
export async function run(argv: readonly string[], given: Io = processIo()): Promise<number> {
  const io = guarded(given);
  let status: number = STATUS.ok;
  let named: NamedFlags = {};
  try {
    named = await namedFlags(argv, io);
    const program = createProgram(io, (given) => (status = given), argv, named);
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync(argv, { from: 'user' });
    return status;
  } catch (error) {
    // Help and version end a parse by throwing.
    if (error instanceof CommanderError && error.exitCode === 0) return STATUS.ok;
    const json = argv.includes('--json');
    return reportError(explained(error, argv, named), io, {
      json,
      verbose: argv.includes('--verbose') || Boolean(io.env['DEBUG']),
    });
  }
}

/** An option that is not known may be one of another model. */
function explained(error: unknown, [command]: readonly string[], { model }: NamedFlags): unknown {
  if (!(error instanceof CommanderError) || error.code !== 'commander.unknownOption' || !model) return error;
  const flags = model.flags.map(({ flags: text }) => text.split(' ')[0]).join(', ') || 'none';
  return usageError(error, `See \`ligature ${command} --help\`; the model "${model.name}" has ${flags}`);
}

/** Commands without a configuration of an experiment: their flags are always the same. */
const FIXED = ['evaluate', 'generate', 'report', 'dashboard', 'plugins', 'doctor', 'help'];

/** A study of a plug-in and an architecture have flags that only they know. */
async function namedFlags(argv: readonly string[], io: Io): Promise<NamedFlags> {
  const [command = ''] = argv;
  if (command === '' || command.startsWith('-') || FIXED.includes(command)) return {};
  // Only a study of a plug-in may grow by a flag of its own.
  if (command === 'resume' && !argv.some((word) => word.startsWith('--plugins'))) return {};
  const { flagsOfPlugins } = await import('./commands/plugin-flags.js');
  return flagsOfPlugins(argv, io, new Set(experimentFlagNames()));
}
