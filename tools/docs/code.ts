/**
 * Code in the documentation as files: a block that opens with a comment of its name, `// my-reward.mjs`, is that file
 * for all blocks of its page; every other `ts` block is a program of its own.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import type { CodeBlock } from './markdown.js';
import { ROOT } from './pages.js';

/** Inside the checkout, where `@ligature/…` resolves as it does for somebody who installed the packages. */
export const FOLDER = join(ROOT, 'node_modules', '.cache', 'ligature-docs');

export interface Placed {
  readonly block: CodeBlock;
  readonly file: string;
  /** The folder of its page. */
  readonly folder: string;
  /** The name that the block gives itself. */
  readonly named: boolean;
}

const nameOf = (code: string): string | undefined => /^(?:\/\/|#) ([\w-]+\.\w+)\b/.exec(code)?.[1];

/** Why a block is not looked at: `ignore` and a reason behind the language. */
export const ignored = ({ note }: CodeBlock): boolean => /^ignore:? \S/.test(note);

/** Writes the programs and the named files of some pages, each page's into a folder of its own. */
export function place(blocks: readonly CodeBlock[]): Placed[] {
  rmSync(FOLDER, { recursive: true, force: true });
  return blocks
    .filter((block) => ['ts', 'js', 'yaml'].includes(block.language) && !ignored(block))
    .filter(({ language, code }) => language !== 'yaml' || nameOf(code) !== undefined)
    .map((block) => {
      const folder = join(FOLDER, block.path.replaceAll(/[/.]/g, '-'));
      const name = nameOf(block.code);
      const file = join(folder, name ?? `line-${block.line}.m${block.language}`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${block.code}\n`);
      return { block, file, folder, named: name !== undefined };
    });
}

/** Checks all `ts` in one program, strictly, against the packages' sources. @returns one line for each mistake */
export function typeMistakes(all: readonly Placed[]): string[] {
  const placed = all.filter(({ block }) => block.language !== 'yaml');
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.base.json'), (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: Record<string, unknown> };
  };
  const overrides = {
    noEmit: true,
    customConditions: ['@ligature/source'],
    // Plug-ins are JavaScript: their types are inferred where a program imports them.
    allowJs: true,
    declaration: false,
    // An example may leave `type` out of an import, and an exclamation mark behind an index.
    verbatimModuleSyntax: false,
    noUncheckedIndexedAccess: false,
    typeRoots: [join(ROOT, 'node_modules', '@types')],
  };
  const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, ...overrides }, ROOT);
  const byFile = new Map(placed.map((one) => [one.file, one]));
  const program = ts.createProgram(
    placed.map(({ file }) => file),
    options,
  );
  return placed
    .map(({ file }) => program.getSourceFile(file)!)
    .flatMap((source) => [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ])
    .map(({ file, start, messageText }) => {
      const { block } = byFile.get(file!.fileName)!;
      const line = block.line + 1 + file!.getLineAndCharacterOfPosition(start ?? 0).line;
      return `${block.path}:${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
}
