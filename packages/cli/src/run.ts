/** The whole command as a function: arguments in, exit status out. */
import type { StudyCommand } from '@ligature/core';
import { CommanderError } from 'commander';
import { reportError, STATUS } from './errors.js';
import { processIo, type Io } from './io.js';
import { createProgram } from './program.js';

/**
 * Runs `ligature` with these arguments.
 *
 * @param argv without the program's own name: `['train', '--steps', '10']`
 * @returns 0 done, 1 failed, 2 bad input, 130 stopped by Ctrl-C, 143 asked to end
 */
export async function run(argv: readonly string[], io: Io = processIo()): Promise<number> {
  let status: number = STATUS.ok;
  try {
    const program = createProgram(io, (given) => (status = given), argv, await namedStudies(argv, io));
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

/** A study of a plug-in has flags that only its plug-in knows, so that is loaded before the rest is read. */
async function namedStudies(
  argv: readonly string[],
  io: Io,
): Promise<Readonly<Record<string, StudyCommand>>> {
  if (argv[0] !== 'study') return {};
  const plugins = argv.flatMap((word, index) =>
    word === '--plugins'
      ? (argv[index + 1] ?? '').split(',')
      : word.startsWith('--plugins=')
        ? word.slice(10).split(',')
        : [],
  );
  if (plugins.length === 0) return {};
  const { loadStudies } = await import('./commands/study-list.js');
  return loadStudies(plugins.filter(Boolean), io);
}
