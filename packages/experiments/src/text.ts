/** From a configuration to token ids: dataset, tokenizer, and a cache of both kinds of work. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dataset, Json, RunConfig, Tokenizer } from '@ligature/core';
import { resolveDataset, tokenizeDataset, type TokenizedDataset } from '@ligature/datasets';
import { enterStage, type HeardEnvironment } from './environment.js';
import { writeWhole } from './run-folder.js';

export interface PreparedText {
  readonly tokenizer: Tokenizer;
  readonly tokens: TokenizedDataset;
}

/** Everything of a run that is text. @throws InputError for unknown names, wrong options, missing or empty text */
export async function prepareText(config: RunConfig, env: HeardEnvironment): Promise<PreparedText> {
  const dataset = await openDataset(config, env);
  const tokenizer = await openTokenizer(config, dataset, env);
  await enterStage(env, `Reading "${config.dataset.name}" as tokens …`);
  return { tokenizer, tokens: await encode(config, dataset, tokenizer, env) };
}

/** The token ids of a run's dataset under a tokenizer that is there already. */
export async function prepareTokens(
  config: RunConfig,
  tokenizer: Tokenizer,
  env: HeardEnvironment,
): Promise<TokenizedDataset> {
  return encode(config, await openDataset(config, env), tokenizer, env);
}

function encode(
  config: RunConfig,
  dataset: Dataset,
  tokenizer: Tokenizer,
  env: HeardEnvironment,
): Promise<TokenizedDataset> {
  const { chunking } = config.training;
  return tokenizeDataset({ dataset, tokenizer, cacheFolder: env.cacheFolder, chunking });
}

async function openDataset(config: RunConfig, env: HeardEnvironment): Promise<Dataset> {
  const written = config.dataset.name;
  const { name, options } = await resolveDataset(written, {
    known: env.host.names('datasets'),
    folder: env.cwd,
  });
  return env.host.create(
    'datasets',
    name,
    { ...options, ...config.dataset.options },
    { source: written, folder: env.cwd },
  );
}

/** Makes the tokenizer; one that learns from the text is learned once and then read from the cache. */
async function openTokenizer(config: RunConfig, dataset: Dataset, env: HeardEnvironment): Promise<Tokenizer> {
  const { name, options } = config.tokenizer;
  const { text } = await dataset.split('train');
  const cache = cachePath(env.cacheFolder, name, env.host.options('tokenizers', name, options), text);
  let learned = false;
  const make = (saved?: Json): Promise<Tokenizer> =>
    env.host.create('tokenizers', name, options, {
      trainingText: async () => {
        learned = true;
        const size = `${(text.length / 1e6).toFixed(1)} M characters`;
        // Waited for, so that it is shown before the work that holds everything else up.
        await enterStage(env, `Training the tokenizer "${name}" on ${size} …`);
        return text;
      },
      ...(saved !== undefined && { saved }),
    });
  const saved = readCache(cache);
  // An entry that is damaged in any way is as good as none; wrong options fail again without it.
  const tokenizer = (saved !== undefined && (await make(saved).catch(() => undefined))) || (await make());
  if (learned) writeWhole(cache, JSON.stringify(tokenizer.toJSON()));
  return tokenizer;
}

function cachePath(folder: string, name: string, options: unknown, text: string): string {
  const key = createHash('sha256')
    .update(JSON.stringify([name, options]))
    .update('\0')
    .update(text)
    .digest('hex');
  return join(folder, 'tokenizers', `${name}-${key.slice(0, 32)}.json`);
}

/** A damaged cache file is as good as none: it is learned again and overwritten. */
function readCache(path: string): Json | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Json;
  } catch {
    return undefined;
  }
}
