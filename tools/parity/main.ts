/**
 * Checks the implementation against reference files: `npm run parity -- FOLDER [--backend NAME]`, on every backend that
 * works here or on the named one. One line per scenario; exit status 1 if any fails, 2 for a wrong call.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { AUTOMATIC_ORDER, plugin as backends, selectBackend } from '@ligature/backends';
import { InputError, LigatureError, PluginHost } from '@ligature/core';
import { Command } from 'commander';
import { checksOf, type Check } from './checks.js';
import { reportLine } from './deviation.js';

/** All backends in turn, each in a process of its own: two of them cannot share one, and a native one may crash. */
async function everyBackend(folder: string): Promise<number> {
  checksOf(folder); // a folder that is wrong is wrong for all
  const failed: string[] = [];
  for (const name of AUTOMATIC_ORDER) {
    const child = fork(fileURLToPath(import.meta.url), [folder, '--backend', name, '--if-available']);
    const [status, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (...ended) => resolve(ended));
    });
    if (signal !== null) console.log(`backend ${name} ended by ${signal}`);
    if (status !== 0) failed.push(name);
  }
  if (failed.length > 0) console.log(`failed: ${failed.join(', ')}`);
  return failed.length === 0 ? 0 : 1;
}

async function oneBackend(folder: string, { backend: name, ifAvailable, threads }: Flags): Promise<number> {
  const host = new PluginHost().register(backends);
  const checks = checksOf(folder);
  const context = threads === undefined ? {} : { threads: Number(threads) };
  let backend;
  try {
    backend = await selectBackend({ name, options: {} }, host, { context });
  } catch (error) {
    const absent = error instanceof InputError && error.code === 'backend-unavailable';
    if (!absent || !ifAvailable) throw error;
    console.log(`backend ${name} skipped: ${error.parts.found}`);
    return 0;
  }
  console.log(`backend ${backend.name} ${backend.version} (${backend.detail})`);
  let failures = 0;
  for (const check of checks) {
    const { ok, line } = await outcome(check);
    if (!ok) failures += 1;
    console.log(line);
  }
  console.log(`${checks.length - failures} of ${checks.length} scenarios ok`);
  return failures === 0 ? 0 : 1;
}

/** A check that throws has failed (a divergence, say), unless it is the file that is wrong. */
async function outcome({ name, run }: Check): Promise<{ readonly ok: boolean; readonly line: string }> {
  try {
    const deviations = await run();
    return { ok: deviations.ok, line: reportLine(name, deviations) };
  } catch (error) {
    if (error instanceof InputError) throw error;
    return {
      ok: false,
      line: `${name.padEnd(38)} FAIL (${error instanceof Error ? error.message : String(error)})`,
    };
  }
}

interface Flags {
  readonly backend: string;
  readonly ifAvailable?: boolean;
  readonly threads?: string;
}

const program = new Command('parity')
  .description('Checks logits, gradients, AdamW steps and the official replay against reference files.')
  .argument('<folder>', 'reference files, cases of Hugging Face models, or one case')
  .option('--backend <name>', 'one backend, which must work; left out: every one that works here')
  .option('--if-available', 'a backend that cannot run is skipped, with the reason')
  .option('--threads <n>', 'threads of a backend that can be told')
  .showHelpAfterError()
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

try {
  program.parse();
  const folder = program.args[0] as string;
  const flags = program.opts<Partial<Flags>>();
  const { backend } = flags;
  process.exitCode = await (backend === undefined
    ? everyBackend(folder)
    : oneBackend(folder, { ...flags, backend }));
} catch (error) {
  if (!(error instanceof LigatureError)) throw error;
  console.error(`parity: ${error.message}`);
  process.exitCode = 2;
}
