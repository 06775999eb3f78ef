/** A run of seconds on the `cpu` backend, for tests: byte tokens of a few sentences, two layers. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plugin as adapters } from '@ligature/adapters';
import { plugin as backends } from '@ligature/backends';
import { plugin as heuristics } from '@ligature/controller-heuristics';
import { plugin as qLearning } from '@ligature/controller-q-learning';
import { plugin as random } from '@ligature/controller-random';
import {
  isDurable,
  PluginHost,
  runConfigSchema,
  settleConfig,
  type EventBus,
  type LigatureEvent,
  type Plugin,
  type RunConfig,
  type RunConfigInput,
  type RunContainer,
} from '@ligature/core';
import { plugin as datasets } from '@ligature/datasets';
import { plugin as evaluators } from '@ligature/evaluators';
import { plugin as tasks } from '@ligature/tasks';
import { plugin as tokenizers } from '@ligature/tokenizers';
import { plugin as trainer } from '@ligature/trainer';
import { plugin as transformer } from '@ligature/transformer';
import { composeRun } from '../src/compose.js';
import { withBus } from '../src/environment.js';
import { plugin as run, runTrial, type RunEnvironment, type TrialResult } from '../src/index.js';

/** 60 different short paragraphs: enough for contexts of eight in each split. */
const TEXT = Array.from(
  { length: 60 },
  (_, i) => `Line ${i} says that ${i} and ${i + 1} make ${2 * i + 1}, as every child knows.\n\n`,
).join('');

/** Beside the name of a model, which is left out: options of GPT-2. */
const SIZES = { layers: 2, width: 8, heads: 2, context: 8 };

export interface TinyRun {
  readonly folder: string;
  /** As it was given; `result.config` has every option of what it names. */
  readonly config: RunConfig;
  readonly result: TrialResult;
  /** The events as listeners saw them, transient ones among them. */
  readonly heard: readonly LigatureEvent[];
  /** Those of them that are part of the run. */
  readonly events: readonly LigatureEvent[];
  /** The lines of the run's event log. */
  readonly log: readonly string[];
}

/** A folder that is gone after `use`. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'ligature-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** ViT takes the length of its sequences from the images. */
function sized(model: RunConfigInput['model']): RunConfigInput['model'] {
  const given = typeof model === 'object' ? model : {};
  const { context, ...sizes } = SIZES;
  return { ...sizes, ...(!('name' in given && given.name === 'vit') && { context }), ...given };
}

export function tinyConfig(folder: string, overrides: RunConfigInput = {}, content = TEXT): RunConfig {
  const text = join(folder, 'text.txt');
  writeFileSync(text, content);
  return runConfigSchema.parse({
    dataset: text,
    tokenizer: 'byte',
    backend: 'cpu',
    controller: 'none',
    ...overrides,
    model: sized(overrides.model),
    training: { steps: 2, batch: 2, warmup: 0, ...overrides.training },
    tying: { window: 1, ...overrides.tying },
    // A tenth of so short a training would be a single batch.
    evaluation: { batches: 1, final: { batches: 'all' }, ...overrides.evaluation },
  });
}

export function environment(
  folder: string,
  extra: Partial<RunEnvironment> = {},
  plugins: Plugin[] = [],
): RunEnvironment {
  const host = new PluginHost();
  const controllers = [heuristics, qLearning, random];
  const parts = [adapters, backends, datasets, evaluators, run, tasks, tokenizers, trainer, transformer];
  for (const plugin of [...controllers, ...parts, ...plugins]) host.register(plugin);
  return { host, cwd: folder, cacheFolder: join(folder, 'cache'), now: () => performance.now(), ...extra };
}

/** An environment's `listen` that hands over every event. */
export function hearing(hear: (event: LigatureEvent) => void): { readonly listen: (bus: EventBus) => void } {
  return { listen: (bus) => void bus.events$.subscribe(hear) };
}

export async function tinyRun(
  folder: string,
  overrides: RunConfigInput = {},
  plugins: Plugin[] = [],
  name = 'run',
  content?: string,
): Promise<TinyRun> {
  const config = tinyConfig(folder, overrides, content);
  const heard: LigatureEvent[] = [];
  const { listen } = hearing((event) => heard.push(event));
  const place = join(folder, name);
  const result = await runTrial(config, place, environment(folder, { listen }, plugins));
  const log = readFileSync(join(place, 'events.jsonl'), 'utf8').trimEnd().split('\n');
  return { folder: place, config, result, heard, events: heard.filter(isDurable), log };
}

/** A run put together and not begun, disposed after `use`. */
export async function composed<T>(
  folder: string,
  overrides: RunConfigInput,
  use: (container: RunContainer) => Promise<T> | T,
  plugins: Plugin[] = [],
): Promise<T> {
  const env = withBus(environment(folder, {}, plugins));
  const container = await composeRun(settleConfig(tinyConfig(folder, overrides), env.host), env);
  try {
    return await use(container);
  } finally {
    await container.dispose();
    env.bus.dispose();
  }
}
