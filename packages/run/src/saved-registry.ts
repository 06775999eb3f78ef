/** The weights of a checkpoint in a registry of their own. */
import { createRandomStreams, type Objective, type RunConfig, type Snapshot } from '@ligature/core';
import type { SavedModel } from '@ligature/trainer/node';
import { WeightRegistry } from '@ligature/weight-sharing';

/**
 * Whoever asks disposes it. No random stream of a run is touched.
 *
 * @param parts of the checkpoint: under the official profile the registry's own log of actions says how the official code
 *   would count, which the weights alone do not
 */
export function savedRegistry(
  objective: Objective,
  { seed, tying, training }: Pick<RunConfig, 'seed' | 'tying' | 'training'>,
  weights: SavedModel['weights'],
  parts: Readonly<Record<string, Snapshot>> = {},
): WeightRegistry {
  const { gradient, stepSize, components, profile } = tying;
  const registry = new WeightRegistry(objective, createRandomStreams(seed), {
    gradient,
    stepSize,
    profile,
    freeze: training.freeze,
    ...(components && { components }),
  });
  try {
    const state = profile === 'official' ? parts['registry'] : undefined;
    if (state === undefined) registry.importWeights(weights);
    else registry.restore(state, weights);
    return registry;
  } catch (error) {
    registry.dispose();
    throw error;
  }
}
