/** `bench step`: seconds of a training step, backend by backend. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { choiceOf, createHost } from '../backends.js';
import { measureInChild } from '../step/in-child.js';
import type { StepMeasurement } from '../step/measure.js';
import { table } from '../table.js';
import { WORKLOADS, WORKLOAD_NAMES, type WorkloadName } from '../workloads.js';

interface StepFlags {
  readonly backend: readonly string[];
  readonly workload: WorkloadName;
  readonly steps: number;
  readonly warmup: number;
  readonly json: boolean;
}

const names = (value: string): string[] => {
  const parts = value.split(',').map((part) => part.trim());
  if (parts.some((part) => part === ''))
    throw new InvalidArgumentError('Write names with commas between them: wasm,cpu.');
  return parts;
};

const count =
  (least: number) =>
  (value: string): number => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < least)
      throw new InvalidArgumentError(`It must be an integer of at least ${least}.`);
    return number;
  };

export function stepCommand(program: Command): void {
  program
    .command('step')
    .description('Times real training steps (median, warm-up excluded), each backend in a process of its own')
    .option('--backend <names>', 'backends in turn; wasm-stock is tfjs without our kernels', names, ['wasm'])
    .addOption(new Option('--workload <name>', 'what to train').choices(WORKLOAD_NAMES).default('mini'))
    .option('--steps <n>', 'timed steps', count(1), 3)
    .option('--warmup <n>', 'steps before them', count(0), 1)
    .option('--json', 'print one JSON object and nothing else', false)
    .action(run);
}

async function run({ backend, workload, steps, warmup, json }: StepFlags): Promise<void> {
  const host = createHost();
  for (const name of backend) choiceOf(name, host); // all wrong names before the first minute of work
  const results: StepMeasurement[] = [];
  for (const name of backend) {
    results.push(await measureInChild({ backend: name, workload: WORKLOADS[workload], warmup, steps }));
  }
  process.stdout.write(`${json ? JSON.stringify({ workload, results }) : asTable(workload, results)}\n`);
}

function asTable(workload: WorkloadName, results: readonly StepMeasurement[]): string {
  const first = results[0]!.secondsPerStep;
  const rows = results.map(({ backend, secondsPerStep, tokensPerSecond, gflops, peakResidentBytes }) => [
    backend,
    secondsPerStep.toFixed(3),
    tokensPerSecond.toFixed(0),
    gflops.toFixed(1),
    (peakResidentBytes / 2 ** 20).toFixed(0),
    `${(secondsPerStep / first).toFixed(2)}x`,
  ]);
  const header = ['backend', 's/step', 'tokens/s', 'GFLOP/s', 'peak MiB', `time / ${results[0]!.backend}`];
  return `workload ${workload}\n\n${table(header, rows)}`;
}
