/** The whole command as a function: arguments in, exit status out. */
import { CommanderError } from 'commander';
import { reportError, STATUS } from './errors.js';
import { processIo, type Io } from './io.js';
import { createProgram, experimentFlagNames, type NamedFlags } from './program.js';

/**
 * Runs `ligature` with these arguments.
 *
 * @param argv without the program's own name: `['train', '--steps', '10']`
 * @returns 0 done, 1 failed, 2 bad input, 130 stopped by Ctrl-C, 143 asked to end
 */
export async function run(argv: readonly string[], io: Io = processIo()): Promise<number> {
  let status: number = STATUS.ok;
  try {
    const program = createProgram(io, (given) => (status = given), argv, await namedFlags(argv, io));
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync(argv, { from: 'user' });
    return status;
  } catch (error) {
    // Help and version end a parse by throwing.
    if (error instanceof CommanderError && error.exitCode === 0) return STATUS.ok;
    const json = argv.includes('--json');
    return reportError(error, io, { json, verbose: argv.includes('--verbose') || Boolean(io.env['DEBUG']) });
  }
}

/** Commands without a configuration of an experiment: their flags are always the same. */
const FIXED = ['resume', 'evaluate', 'generate', 'report', 'dashboard', 'plugins', 'doctor', 'help'];

/** A study of a plug-in and an architecture have flags that only they know. */
async function namedFlags(argv: readonly string[], io: Io): Promise<NamedFlags> {
  const [command = ''] = argv;
  if (command === '' || command.startsWith('-') || FIXED.includes(command)) return {};
  const { flagsOfPlugins } = await import('./commands/plugin-flags.js');
  return flagsOfPlugins(argv, io, new Set(experimentFlagNames()));
}
