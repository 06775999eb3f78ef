/** What a finished run is good for: measuring it again, and writing text with it. */
import type { Ledger, Metrics, SplitName } from '@ligature/core';
import { createRandomStream } from '@ligature/core';
import { evaluationBatches } from '@ligature/datasets';
import { createEvaluation } from '@ligature/trainer';
import { generateTokens, type GenerationOptions as TokenOptions } from '@ligature/transformer';
import { memory } from '@tensorflow/tfjs-core';
import { createChosen } from './compose.js';
import type { RunEnvironment } from './environment.js';
import { openRun, type OpenRun } from './open-run.js';
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
  options: { readonly split: SplitName; readonly batches?: number; readonly backend?: string },
  env: RunEnvironment,
): Promise<RunEvaluation> {
  const run = await openRun(folder, env, options.backend);
  try {
    const tokens = await prepareTokens(run.config, run.tokenizer, env);
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
    const evaluate = createEvaluation(run.model, run.registry, { [options.split]: set }, evaluators);
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
  const encoded = run.tokenizer.encode(prompt);
  const ids: number[] = [];
  let shown = 0;
  const tokens = generateTokens(
    run.model,
    run.registry.view(),
    encoded.length > 0 ? encoded : [start],
    { ...sampling, ...(run.tokenizer.eosId !== undefined && { stopId: run.tokenizer.eosId }) },
    createRandomStream(seed, 'generation'),
  );
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
