/** The command line of `create-controller`. */
import { relative } from 'node:path';
import { InputError, LigatureError } from '@ligature/core';
import { Command, CommanderError } from 'commander';
import { createControllerPackage, type MadePackage } from './create.js';
import { parsePackageName } from './names.js';
import { VERSION } from './versions.js';

/** What the command needs from its surroundings. */
export interface Io {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  readonly cwd: string;
  /** Asks the person at the terminal; left out where there is none. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
}

interface Flags {
  readonly summary?: string;
  readonly author?: string;
  readonly dryRun?: true;
}

const HELP = `
Examples:
  npm create @ligature/controller@latest my-controller
  npm create @ligature/controller@latest @me/my-controller -- --author "Ada Lovelace" --dry-run

Between npm and the flags stands a --, or npm takes them for its own. Without a name it asks for one, on a terminal.`;

/**
 * Runs the command with these arguments.
 *
 * @returns 0 done, 1 failed, 2 bad input
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const program = new Command('create-controller')
    .description('Makes a complete package for a new Ligature controller, in a folder of its name.')
    .argument('[name]', 'name of the npm package, with or without a scope')
    .option('--summary <text>', 'what the controller does, in one line')
    .option('--author <name>', 'for package.json and the licence: "Name" or "Name <mail>"')
    .option('--dry-run', 'print what would be made, and write nothing')
    .version(VERSION, '-V, --version', 'print the version')
    .addHelpText('after', HELP)
    .configureOutput({ writeOut: (text) => void io.stdout.write(text), writeErr: () => undefined })
    .exitOverride()
    .action(async (name: string | undefined, flags: Flags) => {
      const wanted = name === undefined ? await questions(io, flags) : { name, ...flags };
      const made = createControllerPackage({ ...wanted, cwd: io.cwd });
      io.stdout.write(flags.dryRun ? wouldMake(made, io) : nextSteps(made, io));
    });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    // Help and version end a parse by throwing.
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    return report(error, io);
  }
}

async function questions({ ask }: Io, flags: Flags): Promise<Flags & { name: string }> {
  if (!ask) {
    throw new InputError('name-missing', {
      asked: 'Make a package for a controller',
      found: 'no name was given, and there is no terminal to ask for one',
      todo: 'Give one: npm create @ligature/controller@latest my-controller',
    });
  }
  const name = (await ask('Name of the package (my-controller): ')).trim() || 'my-controller';
  // Before more is asked.
  parsePackageName(name);
  return {
    ...flags,
    name,
    summary: flags.summary ?? (await ask('What it does, in one line (empty: as the template): ')),
    author: flags.author ?? (await ask('Author (empty: none): ')),
  };
}

function wouldMake({ files, folder }: MadePackage, { cwd }: Io): string {
  const here = relative(cwd, folder);
  return `Would make:\n${files.map((file) => `  ${here}/${file}\n`).join('')}`;
}

function nextSteps({ controller, files, folder }: MadePackage, { cwd }: Io): string {
  const here = relative(cwd, folder);
  return `Made ${here} (${files.length} files). Its decision rule is in ${here}/src/tie-and-take-back.ts.

Next:
  npm install --prefix ${here}
  npm test --prefix ${here}
  npm install --prefix . @ligature/cli
  npx ligature compare --plugins ./${here} --controllers none,${controller} --steps 400

After a change of the rule: npm run build --prefix ${here}
`;
}

function report(error: unknown, { stderr }: Io): number {
  const { asked, found, todo } = parts(error);
  stderr.write(`error: ${asked}\n  found: ${found}\n  to do: ${todo}\n`);
  return error instanceof InputError || error instanceof CommanderError ? 2 : 1;
}

function parts(error: unknown): LigatureError['parts'] {
  if (error instanceof LigatureError) return error.parts;
  if (error instanceof CommanderError) {
    const [found = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
    const todo = suggestion?.replace(/^\((.*)\)$/, '$1') ?? 'See `npm create @ligature/controller -- --help`';
    return { asked: 'Understand the command line', found, todo };
  }
  return {
    asked: 'Make the package',
    found: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    todo: 'This is a mistake in @ligature/create-controller; please report it',
  };
}
