/**
 * A long run of small steps with ties and unties, watched for what creeps: tensors, resident memory, listeners,
 * the event log. `npm run soak -- [--steps 3000] [--backend auto]`; exit status 1 when something grows.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plugin as backends } from '@ligature/backends';
import { plugin as qLearning } from '@ligature/controller-q-learning';
import { PluginHost, runConfigSchema, type EventBus } from '@ligature/core';
import { plugin as datasets } from '@ligature/datasets';
import { plugin as evaluators } from '@ligature/evaluators';
import { runTrial } from '@ligature/run';
import { plugin as tasks } from '@ligature/tasks';
import { plugin as tokenizers } from '@ligature/tokenizers';
import { plugin as trainer } from '@ligature/trainer';
import { plugin as transformer } from '@ligature/transformer';
import * as tf from '@tensorflow/tfjs-core';
import { Command, InvalidArgumentError } from 'commander';

/** Most that resident memory may grow after the warm-up, as a share. */
const GROWTH = 0.05;
/** Steps until the backend's memory and the heap of JavaScript have their size. */
const WARM_UP = 500;
/** Fewer leave nothing to judge. */
const LEAST_STEPS = WARM_UP + 100;
const LOG = { rotateMegabytes: 0.25, keepFiles: 2 };

interface Sample {
  readonly step: number;
  readonly tensors: number;
  readonly independentLayers: number;
  readonly residentBytes: number;
  readonly handlers: number;
}

interface Findings {
  readonly samples: readonly Sample[];
  readonly changes: number;
  readonly logBytes: number;
  readonly backend: string;
}

const PLUGINS = [backends, datasets, evaluators, qLearning, tasks, tokenizers, trainer, transformer];

async function soak(steps: number, backend: string): Promise<Findings> {
  const folder = mkdtempSync(join(tmpdir(), 'ligature-soak-'));
  const host = new PluginHost();
  for (const plugin of PLUGINS) host.register(plugin);
  const config = runConfigSchema.parse({
    backend,
    controller: { name: 'q-learning', options: { epsilon: { start: 1, decay: 1, floor: 1 } } },
    model: { layers: 6, width: 16, heads: 2, context: 16 },
    tokenizer: { name: 'bpe', options: { vocabularySize: 300 } },
    training: { steps, batch: 2 },
    tying: { window: 2, probeBatches: 1 },
    eventLog: LOG,
  });
  const samples: Sample[] = [];
  let changes = 0;
  const watch = (bus: EventBus): void => {
    let independentLayers = 0;
    bus.on('run.started').subscribe(({ ledger }) => ({ independentLayers } = ledger));
    bus.on('tying.applied').subscribe(({ tied, untied, ledger }) => {
      changes += tied + untied;
      ({ independentLayers } = ledger);
    });
    bus.on('step.completed').subscribe(({ step }) => {
      samples.push({
        step,
        tensors: tf.memory().numTensors,
        independentLayers,
        residentBytes: process.memoryUsage.rss(),
        handlers: bus.handlerCount,
      });
      if (step % 500 === 0) console.log(`step ${step}: ${JSON.stringify(samples.at(-1))}`);
    });
  };
  try {
    const run = join(folder, 'run');
    const result = await runTrial(config, run, {
      host,
      cwd: folder,
      cacheFolder: join(folder, 'cache'),
      now: () => performance.now(),
      listen: watch,
    });
    const logs = readdirSync(run).filter((name) => name.startsWith('events'));
    const logBytes = logs.reduce((sum, name) => sum + statSync(join(run, name)).size, 0);
    return { samples, changes, logBytes, backend: result.backend.name };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** One line per thing that must not grow; true when none did. */
function judge({ samples, changes, logBytes, backend }: Findings): boolean {
  const warm = samples.slice(WARM_UP);
  // Each independent layer has its weights and moments: equal maps' sizes must mean equal numbers of tensors.
  const sizes = [...new Set(warm.map(({ independentLayers }) => independentLayers))];
  const spreads = sizes.map((size) => {
    const counts = warm
      .filter(({ independentLayers }) => independentLayers === size)
      .map(({ tensors }) => tensors);
    return Math.max(...counts) - Math.min(...counts);
  });
  const third = Math.floor(warm.length / 3);
  const early = median(warm.slice(0, third).map(({ residentBytes }) => residentBytes));
  const late = median(warm.slice(-third).map(({ residentBytes }) => residentBytes));
  const growth = late / early - 1;
  const handlers = new Set(samples.map((sample) => sample.handlers));
  const logLimit = (LOG.keepFiles + 1) * LOG.rotateMegabytes * 2 ** 20;
  const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const checks: [string, boolean][] = [
    [`${samples.length} steps on ${backend}, ${changes} ties and unties`, changes > samples.length / 10],
    [
      `tensors: the same number whenever as many layers are independent (spread ${Math.max(...spreads)})`,
      spreads.every((spread) => spread === 0),
    ],
    [
      `resident memory: ${mebibytes(early)} after the warm-up, ${mebibytes(late)} at the end, ${(100 * growth).toFixed(1)} %`,
      growth < GROWTH,
    ],
    [`handlers on the bus: ${[...handlers].join(', ')}`, handlers.size === 1],
    [`event log: ${mebibytes(logBytes)} of at most ${mebibytes(logLimit)}`, logBytes <= logLimit],
  ];
  for (const [text, ok] of checks) console.log(`${ok ? 'ok  ' : 'FAIL'} ${text}`);
  return checks.every(([, ok]) => ok);
}

const program = new Command('soak')
  .description('Trains many small steps with ties and unties and checks that nothing grows.')
  .option(
    '--steps <n>',
    'training steps',
    (text) => {
      const value = Number(text);
      if (!Number.isSafeInteger(value) || value < LEAST_STEPS)
        throw new InvalidArgumentError(`a whole number from ${LEAST_STEPS}`);
      return value;
    },
    3000,
  )
  .option('--backend <name>', 'tfjs backend', 'auto')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
program.parse();
const { steps, backend } = program.opts<{ steps: number; backend: string }>();
process.exitCode = judge(await soak(steps, backend)) ? 0 : 1;
