/**
 * Exploration and nothing else: random actions as often as in the official code, and "independent" as the answer
 * whenever it does not explore. It never ties on its own account.
 */
import { type Controller } from '@ligature/core';

/** dqn_trainer.py:215: 1, times 0.95 after each episode, never below 0.01. */
const epsilonAt = (episode: number): number => Math.max(0.01, 0.95 ** episode);

export function explorationOnly(): Controller {
  return {
    decide({ layer, sweep }, random) {
      if (layer === null) return { kind: 'keep' };
      const explored = random.uniform() < epsilonAt(sweep);
      return { kind: 'layer', layer, source: explored ? random.integer(0, layer + 1) : layer };
    },
    snapshot: () => null,
    restore: () => undefined,
  };
}
