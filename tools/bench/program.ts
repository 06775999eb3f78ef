/** The commands of the bench, and what becomes of their errors. */
import { InputError } from '@ligature/core';
import { Command, CommanderError } from 'commander';
import { encodeCommand } from './commands/encode.js';
import { generateCommand } from './commands/generate.js';
import { matmulCommand } from './commands/matmul.js';
import { memoryCommand } from './commands/memory.js';
import { profileCommand } from './commands/profile.js';
import { stepCommand } from './commands/step.js';
import { switchingCommand } from './commands/switching.js';

/**
 * @param argv without the program's own name
 * @returns the exit status: 2 for what the caller can mend
 */
export async function bench(argv: readonly string[]): Promise<number> {
  const program = new Command('bench')
    .description('Measures Ligature against its peers on fixed workloads')
    .exitOverride()
    .showHelpAfterError('(bench --help, or bench <command> --help, shows what there is)');
  for (const add of [
    stepCommand,
    matmulCommand,
    profileCommand,
    switchingCommand,
    memoryCommand,
    generateCommand,
    encodeCommand,
  ])
    add(program);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // it has printed its message
    if (error instanceof InputError) {
      process.stderr.write(`${error.message}\n`);
      return 2;
    }
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return 1;
  }
}
