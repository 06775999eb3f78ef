/** `bench profile`: where a step's time goes on ONNX Runtime. */
import { Option, type Command } from 'commander';
import type { ProfileMeasurement } from '../measures/profile.js';
import type { Share } from '../measures/profile-files.js';
import { percent } from '../numbers.js';
import { measureInChild } from '../process/in-child.js';
import { table } from '../table.js';
import { WORKLOADS, type WorkloadName } from '../workloads.js';
import { commonFlags, count, print, threadsOf, workloadOption, type CommonFlags } from './flags.js';

interface ProfileFlags extends CommonFlags {
  readonly backend: string;
  readonly workload: WorkloadName;
  readonly steps: number;
  readonly warmup: number;
  readonly top: number;
}

export function profileCommand(program: Command): void {
  commonFlags(program.command('profile'))
    .description(
      "Says where a step's time goes: by ONNX operator, by tfjs kernel, by graph, and in JavaScript",
    )
    .addOption(
      new Option('--backend <name>', 'ONNX Runtime on one of its providers')
        .choices(['onnxruntime', 'onnxruntime-webgpu', 'onnxruntime-cuda'])
        .default('onnxruntime'),
    )
    .addOption(workloadOption())
    .option('--steps <n>', 'profiled steps', count(1), 3)
    .option('--warmup <n>', 'steps before them', count(0), 2)
    .option('--top <n>', 'rows of each table', count(1), 15)
    .action(run);
}

async function run(flags: ProfileFlags): Promise<void> {
  const { backend, workload, steps, warmup, top, json } = flags;
  const measured = await measureInChild('profile', {
    ...{ backend, steps, warmup, workload: WORKLOADS[workload] },
    ...threadsOf(flags),
  });
  print(json, { workload, ...threadsOf(flags), ...measured }, () => asText(workload, measured, top));
}

function asText(workload: WorkloadName, measured: ProfileMeasurement, top: number): string {
  const { secondsPerStep, sessionSecondsPerStep, javascriptSecondsPerStep, javascriptShare } = measured;
  const { products, nodeMillisecondsPerStep, graphRunsPerStep } = measured;
  const seconds = (value: number): string => `${value.toFixed(4)} s`;
  return [
    `workload ${workload}, a step while it is profiled`,
    '',
    `step           ${seconds(secondsPerStep)}`,
    `  sessions     ${seconds(sessionSecondsPerStep)} in ${graphRunsPerStep.toFixed(0)} graphs, nodes ${seconds(nodeMillisecondsPerStep / 1000)}`,
    `  JavaScript   ${seconds(javascriptSecondsPerStep)}, ${percent(javascriptShare)}`,
    `  products     ${seconds(products.millisecondsPerStep / 1000)}, ${rate(products)} GFLOP/s`,
    '',
    shares('ONNX operator', measured.operators, top),
    '',
    shares('tfjs kernel', measured.kernels, top),
    '',
    shares('graph', measured.graphs, top),
  ].join('\n');
}

const rate = ({ gflops }: Share): string => (gflops === null ? '' : gflops.toFixed(1));

function shares(kind: string, entries: readonly Share[], top: number): string {
  const rows = entries
    .slice(0, top)
    .map((entry) => [
      entry.name,
      entry.millisecondsPerStep.toFixed(2),
      percent(entry.share),
      entry.callsPerStep.toFixed(0),
      rate(entry),
    ]);
  const rest = entries.slice(top);
  if (rest.length > 0) {
    const sum = (field: 'millisecondsPerStep' | 'share' | 'callsPerStep'): number =>
      rest.reduce((total, entry) => total + entry[field], 0);
    const [time, share, calls] = [sum('millisecondsPerStep'), sum('share'), sum('callsPerStep')];
    rows.push([`${rest.length} others`, time.toFixed(2), percent(share), calls.toFixed(0), '']);
  }
  return table([kind, 'ms/step', 'share', 'nodes/step', 'GFLOP/s'], rows);
}
