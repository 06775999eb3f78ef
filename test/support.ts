/** Runs the built command as a user would, in a folder of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COMMAND = join(ROOT, 'packages', 'cli', 'bin', 'ligature.js');

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly outcome: Promise<Outcome>;
}

export function start(args: readonly string[], cwd: string): Running {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd,
    // Caches belong to the test, and no terminal settings of the machine may show through.
    env: { ...process.env, XDG_CACHE_HOME: join(cwd, 'cache'), NO_COLOR: '1', CI: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
  return { child, outcome };
}

export const ligature = (args: readonly string[], cwd: string): Promise<Outcome> => start(args, cwd).outcome;

/** A text of a few thousand bytes in which no two paragraphs are equal. */
export const TEXT = Array.from(
  { length: 120 },
  (_, i) =>
    `Chapter ${i}. The whale that we saw at ${i + 3} bells was ${i * 7 + 1} fathoms long, or so they said.\n\n`,
).join('');

/** A folder with `book.txt` in it; gone after `remove`. */
export function makeFolder(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'ligature-e2e-'));
  writeFileSync(join(folder, 'book.txt'), TEXT);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Flags of a run of about a second. */
export const TINY = [
  ...['--dataset', 'book.txt', '--tokenizer', 'byte', '--backend', 'cpu', '--layers', '3', '--width', '8'],
  ...['--heads', '2', '--context', '16', '--batch', '2', '--steps', '6', '--window', '2'],
];
