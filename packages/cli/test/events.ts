/** Events of a made-up run. */
import type { EventOf, Ledger, LigatureEvent, TieMap } from '@ligature/core';

export const ledger = (tieMap: TieMap): Ledger => {
  const blocks = new Set(tieMap).size;
  return {
    layers: tieMap.length,
    independentLayers: blocks,
    distinctStorages: {},
    uniqueParameters: 2000 + 1000 * blocks,
    trainableParameters: 2000 + 1000 * blocks,
    loggedTrainableParameters: 2000 + 1000 * blocks,
    totalParameters: 2000 + 1000 * tieMap.length,
    bytes: { weights: 0, gradients: 0, moments: 0, activations: 0 },
    flops: { forward: 0, backward: 0, step: 0 },
  };
};

export const started = (tieMap: TieMap, steps: number): EventOf<'run.started'> => ({
  type: 'run.started',
  seed: 1,
  layers: tieMap.length,
  steps,
  controller: 'x',
  tieMap,
  ledger: ledger(tieMap),
});

export const stepped = (step: number, loss: number): LigatureEvent => ({
  type: 'step.completed',
  step,
  window: 0,
  loss,
  gradientNorm: 1,
  learningRate: 1e-3,
  tokens: 64,
  durationMs: 500,
});

export const tied = (tieMap: TieMap): LigatureEvent => ({
  type: 'tying.applied',
  window: 1,
  previous: tieMap,
  tieMap,
  state: tieMap,
  tied: 1,
  untied: 0,
  ledger: ledger(tieMap),
});

export const diagnostic = (code: string): LigatureEvent => ({
  type: 'diagnostic.raised',
  code,
  window: 3,
  message: 'Rewards were clipped',
  evidence: {},
});
