/**
 * `npm run test:fuzz -- [--cases N] [--seed S] [--target NAME] [--path P]`: hostile input for every reader, and random
 * `tokenizer.json` files against Hugging Face's own library (`--target tokenizer-differential`). Exit
 * status 1 if any reader broke a rule, 2 for a wrong call.
 */
import { randomInt } from 'node:crypto';
import { InputError, unknownName } from '@ligature/core';
import { Command } from 'commander';
import { LIMITS } from './judge.js';
import { runTarget, type FuzzReport } from './run-target.js';
import { TARGETS as HOSTILE } from './targets.js';
import { tokenizerDifferential } from './targets/tokenizer-differential.js';
import { startWatchdog } from './watch/watchdog.js';

const TARGETS = [...HOSTILE, tokenizerDifferential()];

interface Flags {
  readonly cases: number;
  readonly seed: number;
  readonly target?: string;
  readonly path?: string;
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new InputError('number-invalid', {
    asked: `Use ${text}`,
    found: 'it is no count',
    todo: 'Give a whole number, for example --cases 10000',
  });
}

async function main(): Promise<number> {
  const program = new Command('fuzz')
    .description('Hostile input for every reader of files; the cases are shared out among the targets')
    .option('--cases <n>', 'cases in all', count, 10_000)
    .option('--seed <n>', 'the same seed gives the same cases', count, randomInt(2 ** 31))
    .option('--target <name>', `one target only: ${TARGETS.map(({ name }) => name).join(', ')}`)
    .option('--path <path>', 'one case only, as a failure prints it; needs --target and --seed');
  const { cases, seed, target: only, path } = program.parse().opts<Flags>();
  const names = TARGETS.map(({ name }) => name);
  const chosen = TARGETS.filter(({ name }) => only === undefined || name === only);
  if (chosen.length === 0) throw unknownName('target', only ?? '', names, 'see --help');

  const watchdog = startWatchdog(names, seed);
  const started = performance.now();
  const reports: FuzzReport[] = [];
  for (const [index, target] of chosen.entries()) {
    const share = Math.floor(cases / chosen.length) + (index < cases % chosen.length ? 1 : 0);
    const report = await runTarget(target, {
      ...{ cases: Math.max(1, share), seed, limits: LIMITS },
      ...(path !== undefined && { path }),
      onCase: watchdog.enter,
      onCaseEnd: watchdog.leave,
    });
    reports.push(report);
    print(report);
  }
  await watchdog.stop();
  const total = reports.reduce((sum, report) => sum + report.cases, 0);
  const failures = reports.filter(({ failure }) => failure).length;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${total} cases of ${reports.length} targets in ${seconds} s, seed ${seed}: ${failures} failures`,
  );
  return failures === 0 ? 0 : 1;
}

function print({ target, cases, refused, failure }: FuzzReport): void {
  if (!failure) {
    console.log(`ok    ${target.padEnd(18)} ${cases} cases, ${refused} refused, ${cases - refused} read`);
    return;
  }
  const again = `--target ${target} --seed ${failure.seed} --path ${failure.path}`;
  console.log(
    `FAIL  ${target}: ${failure.message}\n  input: ${failure.input}\n  again: npm run test:fuzz -- ${again}`,
  );
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof InputError ? 2 : 1;
}
