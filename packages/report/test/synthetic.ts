/**
 * A small comparison with numbers chosen by hand: 3 layers, blocks of 1 000 parameters, 2 000 outside, so the
 * untied stack has 5 000. Every figure that the tests expect can be worked out from here on paper.
 */
import {
  runConfigSchema,
  type DocumentTable,
  type Ledger,
  type StudyDocument,
  type TieMap,
  type TrialResult,
} from '@ligature/core';
import { LANGUAGE_MODEL } from '@ligature/run';
import { summarizeComparison, trialId, type Comparison } from '@ligature/studies';

export const config = runConfigSchema.parse({
  seed: 1,
  dataset: 'tiny',
  tokenizer: 'byte',
  model: { layers: 3, width: 8, heads: 2, context: 16 },
  training: { steps: 10, batch: 2 },
});

function ledger(tieMap: TieMap): Ledger {
  const blocks = new Set(tieMap).size;
  const unique = 2000 + 1000 * blocks;
  return {
    layers: 3,
    independentLayers: blocks,
    distinctStorages: { attention: blocks },
    uniqueParameters: unique,
    trainableParameters: unique,
    loggedTrainableParameters: unique,
    totalParameters: 5000,
    bytes: { weights: 4 * unique, gradients: 4 * unique, moments: 8 * unique, activations: 0 },
    flops: { forward: 1, backward: 2, step: 3 },
  };
}

/** @param nats of the test split; validation is 0.25 lower; 2 bits a byte for each nat */
export function trial(controller: string, seed: number, nats: number, tieMap: TieMap): TrialResult {
  const metrics = (value: number) => ({
    nats: value,
    perplexity: Math.exp(value),
    bitsPerByte: 2 * value,
    accuracy: 0.125,
  });
  return {
    controller,
    seed,
    ...LANGUAGE_MODEL,
    steps: 10,
    tokens: 320,
    validation: metrics(nats - 0.25),
    test: metrics(nats),
    ledger: ledger(tieMap),
    tieMap,
    tieMaps: [
      { step: 0, window: 0, tieMap: [0, 1, 2] },
      { step: 4, window: 1, tieMap },
    ],
    losses: [
      { step: 1, loss: 5 },
      { step: 2, loss: 4 },
    ],
    diagnostics: [],
    memory: { backendBytes: 2_500_000, residentBytes: 150_000_000 },
    tokensPerSecond: 640,
    trainingSeconds: 0.5,
    data: {
      vocabularySize: 256,
      trainingTokens: 12_000,
      validationTokens: 1000,
      testTokens: 1500,
      splits: 'derived',
    },
    summary: {},
    backend: { name: 'cpu', version: '4.22.0', detail: 'plain JavaScript' },
    outcome: 'completed',
    folder: `runs/tiny/${controller}-${seed}`,
    config,
  };
}

export function comparison(groups: readonly (readonly TrialResult[])[]): Comparison {
  const controllers = groups.map(([first]) => ({ name: first?.controller ?? '', options: {} }));
  const seeds = (groups[0] ?? []).map(({ seed }) => seed);
  const plan = { ...config, compare: { ...config.compare, controllers, seeds } };
  const finished = groups.flat().map((result) => {
    const { controller: label, seed } = result;
    return { trial: { id: trialId(label, seed), label, seed, config: plan }, result };
  });
  const trials = finished.map((one) => one.trial);
  return {
    ...summarizeComparison({ config: plan, trials, finished, failed: [] }),
    backend: 'cpu',
    verdict: 'Two controllers, one seed: no more than an example.',
    config,
  };
}

/** The table of a document by its caption, or by its file. */
export function tableOf({ body }: StudyDocument, name: string): DocumentTable {
  const found = body.find(
    (block): block is DocumentTable =>
      block.kind === 'table' && (block.file === name || block.caption.startsWith(name)),
  );
  if (found === undefined) throw new Error(`there is no table "${name}"`);
  return found;
}

export const oneSeed = comparison([[trial('none', 1, 2, [0, 1, 2])], [trial('all|tied', 1, 2.5, [0, 0, 0])]]);

/** Nats 2 and 2.2: mean 2.1, sample standard deviation 0.2 / sqrt(2) = 0.1414. */
export const twoSeeds = comparison([
  [trial('none', 1, 2, [0, 1, 2]), trial('none', 2, 2.2, [0, 1, 2])],
  [trial('random', 1, 2.5, [0, 0, 2]), trial('random', 2, 2.5, [0, 0, 0])],
]);
