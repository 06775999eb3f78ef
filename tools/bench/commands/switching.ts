/** `bench switching`: what it costs that tie maps change. */
import type { Command } from 'commander';
import { checkNames } from '../backends.js';
import type { SwitchingMeasurement } from '../measures/switching.js';
import { percent } from '../numbers.js';
import { measureInChild } from '../process/in-child.js';
import { table } from '../table.js';
import { WORKLOADS, type WorkloadName } from '../workloads.js';
import { commonFlags, count, names, print, threadsOf, workloadOption, type CommonFlags } from './flags.js';

interface SwitchingFlags extends CommonFlags {
  readonly backend: readonly string[];
  readonly workload: WorkloadName;
  readonly windows: number;
  readonly windowSteps: number;
}

export function switchingCommand(program: Command): void {
  commonFlags(program.command('switching'))
    .description('Trains under a tie map that changes with every window, and says what compiling costs')
    .option('--backend <names>', 'backends in turn', names, ['onnxruntime'])
    .addOption(workloadOption())
    .option('--windows <n>', 'windows, each with a map of its own', count(1), 30)
    .option('--window-steps <n>', 'steps a window', count(1), 4)
    .action(run);
}

async function run(flags: SwitchingFlags): Promise<void> {
  const { backend, workload, windows, windowSteps, json } = flags;
  checkNames(backend);
  const results: SwitchingMeasurement[] = [];
  for (const name of backend) {
    const request = { backend: name, workload: WORKLOADS[workload], windows, windowSteps };
    results.push(await measureInChild('switching', { ...request, ...threadsOf(flags) }));
  }
  print(json, { workload, ...threadsOf(flags), results }, () => {
    const rows = results.map((result) => [
      result.backend,
      result.seconds.toFixed(1),
      result.compileSeconds.toFixed(2),
      percent(result.compileShare),
      percent(result.compileShareAfterFirstWindow),
      String(result.differentMaps),
      String(result.traces),
      String(result.graphsCompiled),
      String(result.evictions),
    ]);
    const header = [
      ...['backend', 'seconds', 'compiling', 'share', 'share after window 1', 'maps', 'traces'],
      ...['graphs', 'evicted'],
    ];
    return `workload ${workload}, ${windows} windows of ${windowSteps} steps\n\n${table(header, rows)}`;
  });
}
