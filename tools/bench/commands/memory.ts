/** `bench memory`: resident memory over many steps. */
import type { Command } from 'commander';
import { checkNames } from '../backends.js';
import type { MemoryMeasurement } from '../measures/memory.js';
import { mebibytes, percent } from '../numbers.js';
import { measureInChild } from '../process/in-child.js';
import { table } from '../table.js';
import { WORKLOADS, type WorkloadName } from '../workloads.js';
import { commonFlags, count, names, print, threadsOf, workloadOption, type CommonFlags } from './flags.js';

interface MemoryFlags extends CommonFlags {
  readonly backend: readonly string[];
  readonly workload: WorkloadName;
  readonly steps: number;
}

export function memoryCommand(program: Command): void {
  commonFlags(program.command('memory'))
    .description('Watches resident memory over many training steps: its peak, and whether it grows')
    .option('--backend <names>', 'backends in turn', names, ['onnxruntime'])
    .addOption(workloadOption())
    .option('--steps <n>', 'training steps', count(4), 300)
    .action(run);
}

async function run(flags: MemoryFlags): Promise<void> {
  const { backend, workload, steps, json } = flags;
  checkNames(backend);
  const results: MemoryMeasurement[] = [];
  for (const name of backend) {
    const request = { backend: name, workload: WORKLOADS[workload], steps };
    results.push(await measureInChild('memory', { ...request, ...threadsOf(flags) }));
  }
  print(json, { workload, ...threadsOf(flags), results }, () => {
    const peaks = results.map((result) => [
      result.backend,
      mebibytes(result.peakResidentBytes),
      percent(result.growth),
    ]);
    const steps = results[0]!.course.map(({ step }, index) => [
      String(step),
      ...results.map(({ course }) => mebibytes(course[index]!.residentBytes)),
    ]);
    return [
      `workload ${workload}`,
      '',
      table(['backend', 'peak MiB', 'last quarter over second'], peaks),
      '',
      table(['resident MiB after step', ...results.map((result) => result.backend)], steps),
    ].join('\n');
  });
}
