/** What a finished run is good for: measuring it again, and writing text with it. */
import type { Ledger, Metrics, SplitName, Tokenizer } from '@ligature/core';
import { createRandomStream } from '@ligature/core';
import { evaluationBatches } from '@ligature/datasets';
import { createEvaluation } from '@ligature/trainer';
import { generateTokens, type GenerationOptions as TokenOptions } from '@ligature/transformer';
import { memory } from '@tensorflow/tfjs-core';
import { createChosen } from './compose.js';
import { tell, type RunEnvironment } from './environment.js';
import { openRun, type OpenRun } from './open-run.js';
import type { BackendOverride } from './take-backend.js';
import { prepareTokens } from './text.js';

export interface RunEvaluation {
  readonly split: SplitName;
  readonly tokens: number;
  readonly bytes: number;
  readonly metrics: Metrics;
  readonly ledger: Ledger;
  readonly tieMap: readonly number[];
}

/** Measures a run's saved model on a split of its own dataset. */
export async function evaluateRun(
  folder: string,
  options: BackendOverride & { readonly split: SplitName; readonly batches?: number },
  env: RunEnvironment,
): Promise<RunEvaluation> {
  const run = await openRun(folder, env, options);
  try {
    const tokens = await prepareTokens(run.config, run.tokenizer, { ...env, bus: run.bus });
    const { context } = run.config.model;
    const set = evaluationBatches(tokens, {
      split: options.split,
      batch: run.config.evaluation.batch,
      context,
      ...(options.batches !== undefined && { maxBatches: options.batches }),
    });
    const evaluators = await Promise.all(
      run.config.evaluation.evaluators.map((chosen) =>
        createChosen(env.host, run.config, 'evaluators', chosen, {
          layers: run.model.layers,
          backendBytes: () => memory().numBytes,
          now: env.now,
        }),
      ),
    );
    const sets = { [options.split]: set };
    const evaluate = createEvaluation(run.model, run.registry, sets, evaluators, (progress) =>
      tell(run.bus, { type: 'evaluation.progressed', ...progress }),
    );
    return {
      split: options.split,
      tokens: set.scope.tokens,
      bytes: set.scope.bytes,
      metrics: await evaluate(options.split, 0),
      ledger: run.registry.ledger(run.config.training.batch, context),
      tieMap: run.registry.tieMap,
    };
  } finally {
    run.dispose();
  }
}

/** Sampling options of the transformer package, and where to begin. */
export interface GenerationOptions extends Omit<TokenOptions, 'stopId'> {
  readonly prompt: string;
  readonly seed: number;
}

/**
 * Writes on from a prompt, piece by piece. A piece is whole characters: bytes of a character that is not
 * complete yet wait for the rest.
 */
export async function* generateText(run: OpenRun, options: GenerationOptions): AsyncGenerator<string> {
  const { prompt, seed, ...sampling } = options;
  const start = run.tokenizer.bosId ?? run.tokenizer.eosId ?? 0;
  const before = promptIds(run.tokenizer, prompt);
  const stopId = endOfText(run.tokenizer);
  const tokens = generateTokens(
    run.model,
    run.registry.view(),
    before.length > 0 ? before : [start],
    { ...sampling, ...(stopId !== undefined && { stopId }) },
    createRandomStream(seed, 'generation'),
  );
  // Decoded after the prompt, so that a tokenizer of words puts a space between the two.
  const ids = [...before];
  let shown = run.tokenizer.decode(ids).length;
  for await (const id of tokens) {
    ids.push(id);
    const text = run.tokenizer.decode(ids);
    if (text.endsWith('\uFFFD')) continue;
    yield text.slice(shown);
    shown = text.length;
  }
  const rest = run.tokenizer.decode(ids).slice(shown);
  if (rest) yield rest;
}

/** An end of line or text that the tokenizer adds by itself is taken off again: the text is to go on there. */
function promptIds(tokenizer: Tokenizer, prompt: string): number[] {
  const { eosId } = tokenizer;
  const ids = [...tokenizer.encode(prompt)];
  if (eosId === undefined || ids.at(-1) !== eosId) return ids;
  const written = prompt.endsWith(tokenizer.decode([eosId]));
  return written ? ids : ids.slice(0, -1);
}

/** The token after which nothing follows. The `<eos>` of WikiText words is the end of a line, not of a text. */
function endOfText(tokenizer: Tokenizer): number | undefined {
  const { eosId } = tokenizer;
  return eosId === undefined || tokenizer.decode([eosId]) === '\n' ? undefined : eosId;
}

/** Words of a prompt that the tokenizer does not know and reads as one `<unk>`; other tokenizers know all. */
export function unknownWords({ tokenizer }: OpenRun, prompt: string): string[] {
  if (tokenizer.name !== 'word') return [];
  const words = new Set(prompt.split(/\p{White_Space}+/u).filter((word) => word !== '' && word !== UNKNOWN));
  return [...words].filter((word) => tokenizer.decode(tokenizer.encode(word)).trim() === UNKNOWN);
}

const UNKNOWN = '<unk>';
