/**
 * `npm run same-weights -- --against FOLDER`: the same small runs with this checkout and with the one in FOLDER (of
 * an earlier commit, built), compared bit for bit. For changes that must not change what is learnt. Exit status 1
 * when anything differs, 2 for a wrong call.
 */
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError, unknownName } from '@ligature/core';
import { Command, CommanderError } from 'commander';
import { checkCheckout, makeWorkplace, train } from './checkout.js';
import { compareTraces, type ComparisonOptions, type Difference } from './compare.js';
import { COMMON, COMMON_BEFORE, RUNS, type Run } from './runs.js';
import { countMoves, readTrace, type Trace } from './trace.js';

interface Flags extends ComparisonOptions {
  readonly against: string;
  readonly backend: readonly string[];
  readonly only?: readonly string[];
  readonly otherSeed: boolean;
}

interface Outcome {
  readonly summary: string;
  readonly differences: readonly Difference[];
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const list = (text: string): string[] => text.split(',').map((name) => name.trim());

async function same(run: Run, backend: string, workplace: string, flags: Flags): Promise<Outcome> {
  const trace = async (side: string, root: string, words: readonly string[]): Promise<Trace> => {
    const place = join(workplace, `${backend}-${run.name}`, side);
    return readTrace(await train(root, place, [...words, '--backend', backend], run.interrupted ?? false));
  };
  const words = [...COMMON_BEFORE, ...(run.flagsBefore ?? run.flags)];
  const sides = [
    trace('before', flags.against, flags.otherSeed ? [...words, '--seed', '2'] : words),
    trace('now', ROOT, [...COMMON, ...run.flags]),
  ] as const;
  // Where one fails the other still writes into the workplace.
  await Promise.allSettled(sides);
  const [before, now] = await Promise.all(sides);
  const moves = countMoves(now.events);
  const missing = run.expects.filter((kind) => moves[kind] === 0);
  const idle = missing.map((kind) => ({ step: Infinity, text: `no ${kind} happened, so nothing is shown` }));
  const summary = `${now.weights.tensors.size} tensors, ${moves.tie} ties, ${moves.untie} unties`;
  return { summary, differences: [...compareTraces(before, now, flags), ...idle] };
}

/** The runs after it say whether it is the only one. */
const failed = (error: unknown): Outcome => ({
  summary: 'a run failed',
  differences: [{ step: 0, text: error instanceof Error ? error.message : String(error) }],
});

async function compareAll(flags: Flags): Promise<number> {
  const names = RUNS.map(({ name }) => name);
  for (const name of flags.only ?? []) {
    if (!names.includes(name)) throw unknownName('run', name, names);
  }
  checkCheckout(ROOT);
  checkCheckout(flags.against);
  const workplace = makeWorkplace();
  let different = 0;
  let compared = 0;
  try {
    for (const backend of flags.backend) {
      for (const run of RUNS.filter(({ name }) => flags.only?.includes(name) ?? true)) {
        const { summary, differences } = await same(run, backend, workplace.folder, flags).catch(failed);
        compared += 1;
        if (differences.length > 0) different += 1;
        const verdict = differences.length === 0 ? 'equal' : 'DIFFERENT';
        console.log(`${backend.padEnd(6)}${run.name.padEnd(20)}${verdict.padEnd(11)}${summary}`);
        for (const { text } of differences) console.log(`      ${text}`);
      }
    }
  } finally {
    workplace.remove();
  }
  console.log(different === 0 ? `All ${compared} are equal.` : `${different} of ${compared} differ.`);
  return different === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const program = new Command('same-weights')
    .description('Trains the same runs with two checkouts and compares weights and losses bit for bit')
    .requiredOption('--against <folder>', 'the other checkout, built by its own tools/setup.mjs', (path) =>
      resolve(path),
    )
    .option('--backend <names>', 'backends in turn', list, ['cpu', 'wasm'])
    .option('--only <names>', `some of the runs: ${RUNS.map(({ name }) => name).join(', ')}`, list)
    .option('--whole-log', 'all events with all fields but timings; the event schema must be the same', false)
    .option('--other-seed', 'give the other checkout another seed: shows that differences are found', false)
    .exitOverride();
  try {
    return await compareAll(program.parse().opts<Flags>());
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // it has printed its message
    console.error(error instanceof InputError ? error.message : error);
    return error instanceof InputError ? 2 : 1;
  }
}

process.exitCode = await main();
