/** Compiles a file against the packages that are installed next to it, declarations of our packages included. */
import { copyFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const TYPES = fileURLToPath(new URL('../../node_modules/@types', import.meta.url));

/** @returns the compiler's findings in the file and in every declaration of a package whose path matches `ours` */
export function compileThere(file: string, folder: string, ours: RegExp): string[] {
  const copy = join(folder, basename(file));
  copyFileSync(file, copy);
  const program = ts.createProgram([copy], {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    // TensorFlow.js speaks of browsers.
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
    // Node's own types, which every TypeScript program for Node brings itself.
    types: ['node'],
    typeRoots: [TYPES],
  });
  return ts
    .getPreEmitDiagnostics(program)
    .filter(({ file: at }) => at === undefined || at.fileName === copy || ours.test(at.fileName))
    .map(
      ({ file: at, messageText }) => `${at?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
}
