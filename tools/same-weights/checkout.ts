/** Runs of a checkout through its built command, as a user would start them. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '@ligature/core';

/** A text of some thousand bytes in which no two paragraphs are equal. */
const TEXT = Array.from(
  { length: 200 },
  (_, i) => `Chapter ${i}. The whale that we saw at ${i + 3} bells was ${i * 7 + 1} fathoms long.\n\n`,
).join('');

/** A temporary folder; gone after `remove`. */
export function makeWorkplace(): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'ligature-same-weights-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** @throws InputError when the folder is no checkout, or is not built */
export function checkCheckout(root: string): void {
  const lacks = ['packages/cli/bin/ligature.js', 'packages/cli/dist/main.js', 'node_modules'].find(
    (path) => !existsSync(join(root, path)),
  );
  if (lacks === undefined) return;
  throw new InputError('checkout-not-built', {
    asked: `Run the command of the checkout in "${root}"`,
    found: `it has no ${lacks}`,
    todo: 'Name a checkout in which `node tools/setup.mjs` was run',
  });
}

/**
 * Trains in a folder of its own below `workplace`.
 *
 * @param interrupted kill it once there is a checkpoint, and go on with `ligature resume`
 * @returns the folder of the run
 */
export async function train(
  root: string,
  workplace: string,
  flags: readonly string[],
  interrupted: boolean,
): Promise<string> {
  mkdirSync(workplace, { recursive: true });
  writeFileSync(join(workplace, 'text.txt'), TEXT);
  const folder = join(workplace, 'runs', 'run');
  const first = start(root, workplace, ['train', ...flags, '--name', 'run']);
  if (!interrupted) {
    await first.done;
    return folder;
  }
  const ended = first.done.then(
    () => true,
    () => true,
  );
  while (!hasCheckpoint(folder) && !(await Promise.race([ended, sleep(2, false)])));
  first.kill();
  await ended;
  // A command that failed by itself says why.
  if (!hasCheckpoint(folder)) await first.done;
  if (existsSync(join(folder, 'result.json')))
    throw new Error('The run came to its end before it could be stopped: give it more steps');
  await start(root, workplace, ['resume', 'runs/run']).done;
  return folder;
}

/** One in the middle: what is saved before the first step holds no state that could be lost. */
function hasCheckpoint(folder: string): boolean {
  const checkpoints = join(folder, 'checkpoints');
  return existsSync(checkpoints) && readdirSync(checkpoints).some((name) => /^step-0*[1-9]\d*$/.test(name));
}

/** `done` is rejected with what the command said when it fails. */
function start(
  root: string,
  cwd: string,
  args: readonly string[],
): { done: Promise<void>; kill: () => void } {
  const command = join(root, 'packages', 'cli', 'bin', 'ligature.js');
  const child = spawn(process.execPath, [command, ...args, '--quiet'], {
    cwd,
    // Tokenizers and token ids that another checkout cached would hide a change of how they are made.
    env: { ...process.env, XDG_CACHE_HOME: join(cwd, 'cache'), NO_COLOR: '1', CI: 'true' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const done = new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => {
      if (status === 0) resolve();
      else reject(new Error(`ligature ${args.join(' ')} ended with ${signal ?? status}: ${stderr.trim()}`));
    });
  });
  return { done, kill: () => child.kill('SIGKILL') };
}
