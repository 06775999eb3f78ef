/** A finished run, opened again: to evaluate it or to write text with it. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { selectBackend } from '@ligature/backends';
import { createRandomStreams, InputError, type Model, type RunConfig, type Tokenizer } from '@ligature/core';
import { loadModel, type ModelDescription } from '@ligature/trainer';
import { WeightRegistry } from '@ligature/weight-sharing';
import { createModel } from './compose.js';
import type { RunEnvironment } from './environment.js';
import { loadNamedPlugins } from './plugins.js';

export interface OpenRun {
  readonly folder: string;
  readonly config: RunConfig;
  readonly tokenizer: Tokenizer;
  readonly model: Model;
  readonly registry: WeightRegistry;
  dispose(): void;
}

/**
 * Opens the newest checkpoint of a run, which holds all that is needed: configuration, tokenizer and weights.
 *
 * @param backend a tfjs backend by name instead of the one that the run was trained on
 * @throws InputError (`run-unreadable`, …) when the folder holds no whole run
 */
export async function openRun(folder: string, env: RunEnvironment, backend?: string): Promise<OpenRun> {
  const saved = await loadModel(latestCheckpoint(folder));
  const { config } = saved;
  await loadNamedPlugins(env);
  await selectBackend(backend === undefined ? config.backend : { name: backend, options: {} }, env.host);
  const tokenizer = await savedTokenizer(saved, folder, env);
  const model = await createModel(config, saved.vocabularySize, env);
  const { gradient, components } = config.tying;
  const registry = new WeightRegistry(model, createRandomStreams(config.seed), {
    gradient,
    ...(components && { components }),
  });
  try {
    registry.importWeights(saved.weights);
  } catch (error) {
    registry.dispose();
    throw error;
  }
  return { folder, config, tokenizer, model, registry, dispose: () => registry.dispose() };
}

/** The tokenizer of a saved model, made again without its training text. */
export function savedTokenizer(
  { config, tokenizerJson }: ModelDescription,
  folder: string,
  env: RunEnvironment,
): Promise<Tokenizer> {
  return env.host.create('tokenizers', config.tokenizer.name, config.tokenizer.options, {
    saved: tokenizerJson,
    trainingText: () => Promise.reject(damaged(folder, 'its tokenizer was not saved with it')),
  });
}

/** The folder of the checkpoint with the most steps. */
function latestCheckpoint(folder: string): string {
  const checkpoints = join(folder, 'checkpoints');
  const names = existsSync(checkpoints)
    ? readdirSync(checkpoints).filter((name) => /^step-\d{6,}$/.test(name))
    : [];
  const latest = names.sort((a, b) => Number(a.slice(5)) - Number(b.slice(5))).at(-1);
  if (latest === undefined) throw damaged(folder, 'it has no checkpoint');
  return join(checkpoints, latest);
}

function damaged(folder: string, found: string): InputError {
  return new InputError('run-unreadable', {
    asked: `Open the run "${folder}"`,
    found,
    todo: 'Give the folder of a finished run (`ligature train` prints it), or train it again',
  });
}
