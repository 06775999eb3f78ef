/** A finished run, opened again: to evaluate it or to write text with it. */
import { join } from 'node:path';
import {
  createRandomStreams,
  InputError,
  type EventBus,
  type Model,
  type RunConfig,
  type Tokenizer,
} from '@ligature/core';
import { CheckpointStore } from '@ligature/trainer';
import type { DamagedCheckpoint, ModelDescription, SavedModel } from '@ligature/trainer';
import { WeightRegistry } from '@ligature/weight-sharing';
import { createModel } from './compose.js';
import { enterStage, withBus, type HeardEnvironment, type RunEnvironment } from './environment.js';
import { loadNamedPlugins } from './plugins.js';
import { assertNoLinksOut } from './run-folder.js';
import { takeBackend, type BackendOverride } from './take-backend.js';

export interface OpenRun {
  readonly folder: string;
  readonly config: RunConfig;
  readonly tokenizer: Tokenizer;
  readonly model: Model;
  readonly registry: WeightRegistry;
  /** The one that `listen` of the environment was given. */
  readonly bus: EventBus;
  dispose(): void;
}

/**
 * Opens the newest checkpoint of a run, which holds all that is needed: configuration, tokenizer and weights.
 *
 * @param override another backend than the run's, and its threads
 * @throws InputError (`run-unreadable`, …) when the folder holds no whole run
 */
export async function openRun(
  folder: string,
  env: RunEnvironment,
  override: BackendOverride = {},
): Promise<OpenRun> {
  const inside = withBus(env);
  try {
    return await open(folder, inside, override);
  } catch (error) {
    inside.bus.dispose();
    throw error;
  }
}

async function open(folder: string, env: HeardEnvironment, override: BackendOverride): Promise<OpenRun> {
  assertNoLinksOut(folder);
  const store = new CheckpointStore(join(folder, 'checkpoints'));
  const newest = await store.latestModel();
  if (!newest) throw damaged(folder, 'it has no checkpoint');
  await reportDamage(newest.damaged, env);
  const saved = newest.model;
  const { config } = saved;
  await loadNamedPlugins(env);
  await takeBackend(config, env, override);
  const tokenizer = await savedTokenizer(saved, folder, env);
  const registry = await savedRegistry(saved, tokenizer, folder, env);
  return {
    ...{ folder, config, tokenizer, model: registry.model, registry, bus: env.bus },
    dispose() {
      registry.dispose();
      env.bus.dispose();
    },
  };
}

/**
 * The weights of a saved model. They take as much memory as the file has bytes, whatever sizes its configuration
 * claims: one that does not fit them is refused.
 */
export async function savedRegistry(
  { config, vocabularySize, weights }: SavedModel,
  tokenizer: Tokenizer,
  folder: string,
  env: RunEnvironment,
): Promise<WeightRegistry> {
  if (tokenizer.vocabularySize !== vocabularySize) {
    const found = `its tokenizer has ${tokenizer.vocabularySize} tokens, its model ${vocabularySize}`;
    throw damaged(folder, found);
  }
  const model = await createModel(config, vocabularySize, env);
  const { gradient, components } = config.tying;
  const registry = new WeightRegistry(model, createRandomStreams(config.seed), {
    gradient,
    ...(components && { components }),
  });
  try {
    registry.importWeights(weights);
    return registry;
  } catch (error) {
    registry.dispose();
    throw error;
  }
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

/** Says which checkpoints were passed over, and why. */
export async function reportDamage(
  damaged: readonly DamagedCheckpoint[],
  env: HeardEnvironment,
): Promise<void> {
  for (const { name, reason } of damaged) {
    await enterStage(env, `Passing over the damaged checkpoint ${name}: ${reason}`);
  }
}

function damaged(folder: string, found: string): InputError {
  return new InputError('run-unreadable', {
    asked: `Open the run "${folder}"`,
    found,
    todo: 'Give the folder of a finished run (`ligature train` prints it), or train it again',
  });
}
