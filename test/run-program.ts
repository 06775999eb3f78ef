/** Runs programs of the documentation, on the built packages. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { transformWithEsbuild } from 'vite';
import { ROOT } from './support.js';

/**
 * Takes the types away before the program starts: a loader that does it meanwhile costs as much as many of them.
 *
 * @param file TypeScript or JavaScript; what it imports is JavaScript
 * @returns what it prints to standard output
 */
export async function runProgram(file: string): Promise<string> {
  const made = `${file}.mjs`;
  const { code } = await transformWithEsbuild(readFileSync(file, 'utf8'), file, { sourcemap: false });
  writeFileSync(made, code);
  return (await promisify(execFile)(process.execPath, [made], { cwd: ROOT })).stdout;
}
