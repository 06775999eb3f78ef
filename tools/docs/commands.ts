/**
 * Commands in the documentation against what there is: `ligature` is parsed by the command itself, npm scripts by
 * name, YAML by the schema of configurations.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runConfigSchema } from '@ligature/core';
import type { Command } from 'commander';
import { parse as parseYaml } from 'yaml';
import { createHost } from '../../packages/cli/src/builtins.js';
import { modelFlags } from '../../packages/cli/src/config/model-flags.js';
import { createProgram, experimentFlagNames } from '../../packages/cli/src/program.js';
import type { CodeBlock } from './markdown.js';
import { ROOT } from './pages.js';

export interface DocumentedCommand {
  readonly path: string;
  readonly line: number;
  /** Words as a shell makes them, without the program. */
  readonly words: readonly string[];
}

/** Splits a line as a shell does, as far as documentation goes: quotes, comments, no expansion. */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  for (const [, double, single, bare, comment] of line.matchAll(
    /"([^"]*)"|'([^']*)'|([^\s"'#][^\s]*)|(#.*)/g,
  )) {
    if (comment !== undefined) break;
    words.push(double ?? single ?? bare!);
  }
  return words;
}

/** Lines that a reader would type, with those that end in a backslash joined. */
function linesOf({ code, line, path }: CodeBlock): { path: string; line: number; words: string[] }[] {
  const joined = code.replaceAll(/\\\n/g, (end) => ' '.repeat(end.length));
  return joined
    .split('\n')
    .map((text, index) => ({ path, line: line + 1 + index, words: shellWords(text.split(/ \| | && /)[0]!) }));
}

const shell = (blocks: readonly CodeBlock[]): CodeBlock[] =>
  blocks.filter(({ language }) => ['sh', 'bash', 'console'].includes(language));

/** All calls of `ligature` in shell blocks. */
export const ligatureCommands = (blocks: readonly CodeBlock[]): DocumentedCommand[] =>
  shell(blocks)
    .flatMap(linesOf)
    .flatMap(({ words, ...where }) => {
      const rest = words[0] === 'npx' ? words.slice(1) : words;
      return rest[0] === 'ligature' ? [{ ...where, words: rest.slice(1) }] : [];
    });

/**
 * @returns what the command line says to words that it does not take; nothing is run, and no plug-in is loaded: there are
 *   the flags of our own studies and of the default model
 */
export function commandMistake(words: readonly string[]): string | undefined {
  const silent = { write: () => true };
  const io = { stdout: silent, stderr: silent, env: {} } as unknown as Parameters<typeof createProgram>[0];
  const { name } = runConfigSchema.parse({}).model;
  const flags = modelFlags(createHost(), name, new Set(experimentFlagNames()));
  const program = createProgram(io, () => undefined, words, { model: { name, flags } });
  const commands: Command[] = [...program.commands];
  for (const command of commands) command.exitOverride().action(() => undefined);
  try {
    program.parse([...words], { from: 'user' });
    return undefined;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    // Help and version are answers.
    return code?.startsWith('commander.help') || code === 'commander.version' ? undefined : message;
  }
}

/** Scripts of the root that the documentation names and that are not there. */
export function unknownScripts(blocks: readonly CodeBlock[]): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  return shell(blocks)
    .flatMap(linesOf)
    .filter(({ words: [npm, run, script] }) => npm === 'npm' && run === 'run' && !(script! in scripts))
    .map(({ path, line, words }) => `${path}:${line}: there is no script "${words[2]}"`);
}

/** YAML that the schema of configurations refuses. */
export function configurationMistakes(blocks: readonly CodeBlock[]): string[] {
  return blocks
    .filter(({ language }) => language === 'yaml')
    .flatMap(({ path, line, code }) => {
      const parsed = runConfigSchema.safeParse(parseYaml(code));
      if (parsed.success) return [];
      return parsed.error.issues.map(
        (issue) => `${path}:${line}: ${issue.path.map(String).join('.')}: ${issue.message}`,
      );
    });
}
