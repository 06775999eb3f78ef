/** `bench step`: seconds of a training step, backend by backend, and PyTorch beside them. */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { checkNames } from '../backends.js';
import type { StepMeasurement } from '../measures/step.js';
import { mebibytes, percent } from '../numbers.js';
import { measureInChild } from '../process/in-child.js';
import { findPytorch, measurePytorch, PYTORCH_PEERS } from '../pytorch/peer.js';
import { table } from '../table.js';
import { WORKLOADS, type WorkloadName } from '../workloads.js';
import { againstTable, measureAgainst } from './step-against.js';
import { commonFlags, count, names, print, threadsOf, workloadOption, type CommonFlags } from './flags.js';

interface StepFlags extends CommonFlags {
  readonly backend: readonly string[];
  readonly workload: WorkloadName;
  readonly steps: number;
  readonly warmup: number;
  readonly peakSize: number;
  readonly pytorch: boolean;
  readonly against?: string;
  readonly rounds: number;
}

type Result = StepMeasurement & {
  /** Its seconds a step over those of the first one. */
  readonly ratio: number;
};

export function stepCommand(program: Command): void {
  commonFlags(program.command('step'))
    .description('Times real training steps (median, warm-up excluded), each backend in a process of its own')
    .option('--backend <names>', 'backends in turn; wasm-stock is tfjs without our kernels', names, [
      'onnxruntime',
      'wasm',
    ])
    .addOption(workloadOption())
    .option('--steps <n>', 'timed steps', count(1), 3)
    .option('--warmup <n>', 'steps before them', count(0), 1)
    .option('--peak-size <n>', "size of the product that is the backend's peak", count(1), 1024)
    .option('--pytorch', 'also in PyTorch, where a python3 has it', false)
    .addOption(
      new Option('--against <folder>', 'another checkout, installed: measured in turn with this one')
        .argParser((folder) => resolve(folder))
        .conflicts('pytorch'),
    )
    .option('--rounds <n>', 'turns of each checkout, every one in processes of its own', count(1), 5)
    .action(run);
}

async function run(flags: StepFlags): Promise<void> {
  const { backend, workload, steps, warmup, peakSize, pytorch, against, rounds, json } = flags;
  checkNames(backend);
  const python = pytorch ? findPytorch() : undefined;
  const request = { workload: WORKLOADS[workload], warmup, steps, peakSize };
  if (against !== undefined) {
    // Their peaks are not compared.
    const order = { ...request, peakSize: 64, ...threadsOf(flags) };
    const results = await measureAgainst(against, rounds, backend, order);
    return print(json, { workload, ...threadsOf(flags), results }, () => againstTable(workload, results));
  }
  const measured: StepMeasurement[] = [];
  for (const name of backend) {
    measured.push(await measureInChild('step', { ...request, backend: name, ...threadsOf(flags) }));
  }
  if (python !== undefined) {
    const threads = flags.threads ?? availableParallelism();
    for (const name of Object.keys(PYTORCH_PEERS)) {
      const peer = await measurePytorch(python, { ...request, backend: name, threads });
      process.stderr.write(`${name}: torch ${peer.version} on ${peer.blas}\n`);
      measured.push(peer);
    }
  }
  const first = measured[0]!.secondsPerStep;
  const results = measured.map((one): Result => ({ ...one, ratio: one.secondsPerStep / first }));
  print(json, { workload, ...threadsOf(flags), results }, () => asTable(workload, results));
}

function asTable(workload: WorkloadName, results: readonly Result[]): string {
  const rows = results.map((result) => [
    result.backend,
    result.secondsPerStep.toFixed(3),
    result.tokensPerSecond.toFixed(0),
    result.gflops.toFixed(1),
    result.matmulGflops.toFixed(1),
    percent(result.shareOfMatmul),
    result.javascriptShare === null ? '' : percent(result.javascriptShare),
    mebibytes(result.peakResidentBytes),
    `${result.ratio.toFixed(2)}x`,
  ]);
  const header = [
    ...['backend', 's/step', 'tokens/s', 'GFLOP/s', 'product GFLOP/s', 'share', 'JavaScript', 'peak MiB'],
    `time / ${results[0]!.backend}`,
  ];
  return `workload ${workload}\n\n${table(header, rows)}`;
}
