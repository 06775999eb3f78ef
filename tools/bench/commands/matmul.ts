/** `bench matmul`: what a backend reaches on one large matrix product. */
import type { Command } from 'commander';
import { checkNames } from '../backends.js';
import type { MatmulMeasurement } from '../measures/matmul.js';
import { measureInChild } from '../process/in-child.js';
import { table } from '../table.js';
import { commonFlags, count, names, print, threadsOf, type CommonFlags } from './flags.js';

interface MatmulFlags extends CommonFlags {
  readonly backend: readonly string[];
  readonly size: number;
}

export function matmulCommand(program: Command): void {
  commonFlags(program.command('matmul'))
    .description('Times a product of two square matrices, each backend in a process of its own')
    .option('--backend <names>', 'backends in turn', names, ['onnxruntime', 'wasm'])
    .option('--size <n>', 'rows and columns', count(1), 1024)
    .action(run);
}

async function run(flags: MatmulFlags): Promise<void> {
  const { backend, size, json } = flags;
  checkNames(backend);
  const results: MatmulMeasurement[] = [];
  for (const name of backend) {
    results.push(await measureInChild('matmul', { backend: name, size, ...threadsOf(flags) }));
  }
  print(json, { size, ...threadsOf(flags), results }, () => {
    const rows = results.map(({ backend: name, bestGflops, medianGflops, repetitions }) => [
      name,
      bestGflops.toFixed(1),
      medianGflops.toFixed(1),
      String(repetitions),
      `${(bestGflops / results[0]!.bestGflops).toFixed(2)}x`,
    ]);
    const header = ['backend', 'best GFLOP/s', 'median GFLOP/s', 'times', `rate / ${backend[0]!}`];
    return `product of two [${size}, ${size}] matrices\n\n${table(header, rows)}`;
  });
}
