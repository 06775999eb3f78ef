/** From a configuration to data that is ready: the task, its dataset and tokenizer, and what can be used again. */
import {
  InputError,
  type ByteCache,
  type Choice,
  type Dataset,
  type Fitted,
  type Json,
  type OpenContext,
  type Prepared,
  type RunConfig,
  type SplitFiles,
  type Task,
  type Tokenizer,
} from '@ligature/core';
import { sha256 } from '@ligature/tasks';
import { enterStage, raiseNotice, type ComposeEnvironment } from './compose-environment.js';
import { createChosen } from './create-chosen.js';

/** The task of a configuration, before any data is read. */
export const openTask = (config: RunConfig, env: Pick<ComposeEnvironment, 'host'>): Promise<Task> =>
  createChosen(env.host, config, 'tasks', config.task, {});

interface ReadData {
  readonly prepared: Prepared;
  /** What the dataset chose, where it had to. */
  readonly files?: SplitFiles;
}

/**
 * Reads what a run learns from, and says which files it takes for which split.
 *
 * @param saved what its task saved, for a run that goes on
 * @throws InputError for unknown names, wrong options, missing or empty data
 */
export async function prepareData(
  task: Task,
  config: RunConfig,
  env: ComposeEnvironment,
  saved?: Json,
): Promise<ReadData> {
  const dataset = config.dataset === null ? undefined : await openDataset(config.dataset, env);
  const files = await dataset?.files?.();
  if (files) await raiseNotice(env, filesInWords(dataset?.description ?? '', files));
  const prepared = await task.prepare({
    dataset,
    tokenizer: (trainingText, before) =>
      before === undefined
        ? cachedTokenizer(config, trainingText, env)
        : savedTokenizer(config, env).tokenizer(before),
    cache: env.cache,
    encodeAll: config.tokenizer ? env.encoder?.(config.tokenizer) : undefined,
    folder: env.cwd,
    ...(saved !== undefined && { saved }),
    stage: (message, progress) => enterStage(env, message, progress),
  });
  return { prepared, ...(files && { files }) };
}

/** `Local text: ./texts: training on train.txt; validation on dev.txt; test on text that is cut from train.txt` */
function filesInWords(description: string, { train, validation, test, leftOut }: SplitFiles): string {
  const held = (files: readonly string[]): string =>
    files.length > 0 ? listed(files) : 'text that is cut from that for training';
  return [
    `${description}: training on ${listed(train)}`,
    `validation on ${held(validation)}`,
    `test on ${held(test)}${leftOut.length > 0 ? `; not read: ${listed(leftOut)}` : ''}`,
  ].join('; ');
}

const MOST_NAMED = 3;

function listed(files: readonly string[]): string {
  const more = files.length - MOST_NAMED;
  return more > 0
    ? `${files.slice(0, MOST_NAMED).join(', ')} and ${more} more file${more > 1 ? 's' : ''}`
    : files.join(', ');
}

/** What a saved run needs of its task to be used, without any data. */
export const openFitted = (
  task: Task,
  config: RunConfig,
  env: Pick<ComposeEnvironment, 'host'>,
  saved: Json,
): Promise<Fitted> => task.open(saved, savedTokenizer(config, env));

/** Paths and the like are for `openDataset` of the surroundings to understand. */
async function openDataset(choice: Choice, env: ComposeEnvironment): Promise<Dataset> {
  if (env.openDataset) return env.openDataset(choice);
  return env.host.create('datasets', choice.name, choice.options, { source: choice.name, folder: env.cwd });
}

function tokenizerOf({ tokenizer, task }: RunConfig): Choice {
  if (tokenizer !== null) return tokenizer;
  throw new InputError('tokenizer-missing', {
    asked: `Learn the task "${task.name}"`,
    found: 'it asks for a tokenizer, and there is none',
    todo: 'Name one with --tokenizer',
  });
}

/** Makes the tokenizer of a saved run again, without the text that it learned from. */
function savedTokenizer(config: RunConfig, env: Pick<ComposeEnvironment, 'host'>): OpenContext {
  return {
    tokenizer(saved) {
      const { name, options } = tokenizerOf(config);
      const missing = new InputError('run-unreadable', {
        asked: `Make the tokenizer "${name}" of a saved run again`,
        found: 'it was not saved with the run',
        todo: 'Give the folder of a finished run (`ligature train` prints it), or train it again',
      });
      return env.host.create('tokenizers', name, options, {
        saved,
        trainingText: () => Promise.reject(missing),
      });
    },
  };
}

/** Makes the tokenizer; one that learns from the text is learned once and then read from the cache. */
async function cachedTokenizer(config: RunConfig, text: string, env: ComposeEnvironment): Promise<Tokenizer> {
  const { name, options } = tokenizerOf(config);
  const { cache = nothingKept } = env;
  const entry = await entryName(name, env.host.options('tokenizers', name, options), text);
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
  const saved = await readJsonEntry(cache, entry);
  // An entry that is damaged in any way is as good as none; wrong options fail again without it.
  const tokenizer = (saved !== undefined && (await make(saved).catch(() => undefined))) || (await make());
  if (learned) await cache.write(entry, new TextEncoder().encode(JSON.stringify(tokenizer.toJSON())));
  return tokenizer;
}

const nothingKept: ByteCache = { read: async () => undefined, write: async () => false };

async function entryName(name: string, options: unknown, text: string): Promise<string> {
  const key = await sha256(new TextEncoder().encode(`${JSON.stringify([name, options])}\0${text}`));
  return `tokenizers/${name}-${key.slice(0, 32)}.json`;
}

/** A damaged cache file is as good as none: it is learned again and overwritten. */
async function readJsonEntry(cache: ByteCache, name: string): Promise<Json | undefined> {
  const bytes = await cache.read(name);
  if (!bytes) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Json;
  } catch {
    return undefined;
  }
}
