/** A finished run, opened again: to evaluate it or to write text with it. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { selectBackend } from '@ligature/backends';
import {
  createRandomStreams,
  describeIssues,
  InputError,
  runConfigSchema,
  type Json,
  type Model,
  type RunConfig,
  type Tokenizer,
} from '@ligature/core';
import { loadModel } from '@ligature/trainer';
import { WeightRegistry } from '@ligature/weight-sharing';
import { createModel } from './compose.js';
import type { RunEnvironment } from './environment.js';
import { loadPlugins } from './plugins.js';
import { readJson } from './run-folder.js';

export interface OpenRun {
  readonly folder: string;
  readonly config: RunConfig;
  readonly tokenizer: Tokenizer;
  readonly model: Model;
  readonly registry: WeightRegistry;
  dispose(): void;
}

/** @throws InputError (`run-unreadable`, …) when the folder holds no whole run */
export async function openRun(folder: string, env: RunEnvironment, backend?: string): Promise<OpenRun> {
  const config = readConfig(folder);
  await loadPlugins(env.host, config, env.cwd);
  await selectBackend(backend === undefined ? config.backend : { name: backend, options: {} }, env.host);
  const saved = readJson(folder, 'tokenizer.json') as Json;
  const tokenizer = await env.host.create('tokenizers', config.tokenizer.name, config.tokenizer.options, {
    saved,
    trainingText: () => Promise.reject(damaged(folder, 'tokenizer.json does not hold the whole tokenizer')),
  });
  const model = await createModel(config, tokenizer.vocabularySize, env);
  const { profile: _profile, ...tying } = config.tying;
  const registry = new WeightRegistry(model, createRandomStreams(config.seed), {
    gradient: tying.gradient,
    ...(tying.components && { components: tying.components }),
  });
  try {
    loadModel(latestCheckpoint(folder), registry);
  } catch (error) {
    registry.dispose();
    throw error;
  }
  return { folder, config, tokenizer, model, registry, dispose: () => registry.dispose() };
}

function readConfig(folder: string): RunConfig {
  const parsed = runConfigSchema.safeParse(readJson(folder, 'config.json'));
  if (parsed.success) return parsed.data;
  throw damaged(folder, `config.json: ${describeIssues(parsed.error)}`);
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
    todo: 'Give the folder of a finished run, or train it again',
  });
}
