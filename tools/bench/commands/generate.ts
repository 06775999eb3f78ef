/** `bench generate`: tokens a second of text generation, with and without the key-value cache. */
import type { Command } from 'commander';
import { checkNames } from '../backends.js';
import type { GenerateMeasurement } from '../measures/generate.js';
import { measureInChild } from '../process/in-child.js';
import { table } from '../table.js';
import { WORKLOADS, type WorkloadName } from '../workloads.js';
import { commonFlags, count, names, print, threadsOf, workloadOption, type CommonFlags } from './flags.js';

interface GenerateFlags extends CommonFlags {
  readonly backend: readonly string[];
  readonly workload: WorkloadName;
  readonly prompt: number;
  readonly tokens: number;
}

export function generateCommand(program: Command): void {
  commonFlags(program.command('generate'))
    .description(
      'Times text generation with the key-value cache and without, each backend in its own process',
    )
    .option('--backend <names>', 'backends in turn', names, ['onnxruntime', 'wasm'])
    .addOption(workloadOption())
    .option('--prompt <n>', 'tokens of the prompt', count(1), 64)
    .option('--tokens <n>', 'timed tokens after the first', count(1), 32)
    .action(run);
}

async function run(flags: GenerateFlags): Promise<void> {
  const { backend, workload, prompt, tokens, json } = flags;
  checkNames(backend);
  const results: GenerateMeasurement[] = [];
  for (const name of backend) {
    const request = { backend: name, workload: WORKLOADS[workload], prompt, tokens };
    results.push(await measureInChild('generate', { ...request, ...threadsOf(flags) }));
  }
  print(json, { workload, prompt, tokens, ...threadsOf(flags), results }, () => {
    const header = [
      ...['backend', 'first s', 'tokens/s', 'without: first s', 'tokens/s'],
      ...['times as fast', 'same text'],
    ];
    const rows = results.map(({ backend, cached, whole, speedup, sameText }) => [
      backend,
      cached.firstSeconds.toFixed(2),
      cached.tokensPerSecond.toFixed(1),
      whole.firstSeconds.toFixed(2),
      whole.tokensPerSecond.toFixed(1),
      `${speedup.toFixed(1)}x`,
      sameText ? 'yes' : 'no',
    ]);
    return `workload ${workload}, prompt ${prompt}, tokens ${tokens}\n\n${table(header, rows)}`;
  });
}
