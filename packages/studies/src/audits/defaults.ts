/** What the trained audits run by default: small enough for a minute or two on two cores. */
import type { RunConfig, RunConfigInput } from '@ligature/core';
import type { TrainedAudit } from './plan.js';

/** Episodes of the storage audit: by then nearly every storage is lost, whatever the number of layers. */
const EPISODES = 20;

/** Little text is held out, so that most of the time goes into training. */
const COMMON = {
  dataset: { name: 'moby-dick', options: { validation: 0.01, test: 0.02 } },
  tokenizer: 'byte',
} satisfies RunConfigInput;

const small = (layers: number, width: number): RunConfigInput['model'] => ({
  layers,
  width,
  heads: 4,
  context: 32,
});

/**
 * Values that stand below a user's file and flags.
 *
 * @param chosen the configuration that they give so far, for what follows from it: episodes of so many layers take so
 *   many steps
 */
export function auditDefaults(audit: TrainedAudit, chosen?: RunConfig): RunConfigInput {
  switch (audit) {
    case 'storages':
      return {
        ...COMMON,
        // The official chunks open and end with tokens of their own.
        tokenizer: { name: 'byte', options: { bos: true, eos: true } },
        model: small(12, 16),
        controller: 'q-learning-official',
        tying: { profile: 'official' },
        training: { batch: 4, ...(chosen && { steps: stepsOf(EPISODES, chosen) }) },
        compare: { seeds: 3 },
      };
    case 'rewards':
      return {
        ...COMMON,
        model: small(6, 32),
        controller: 'q-learning',
        tying: { window: 4 },
        training: { batch: 8, steps: 480, learningRate: 3e-3 },
        compare: { seeds: 2 },
      };
    case 'gradients':
      return {
        ...COMMON,
        model: small(6, 32),
        controller: 'random',
        // Followers keep the block when its owner is tied away, as in the official code.
        tying: { window: 4, follow: 'snapshot' },
        training: { batch: 8, steps: 240, learningRate: 3e-3 },
        compare: { seeds: 5 },
      };
    case 'memory':
      return {
        ...COMMON,
        dataset: { name: 'moby-dick', options: { validation: 0.003, test: 0.003 } },
        model: { ...small(8, 192), context: 64 },
        controller: 'none',
        training: { batch: 8, steps: 6, warmup: 0 },
        compare: { seeds: 2 },
      };
  }
}

/** Training steps of so many whole sweeps. */
function stepsOf(episodes: number, { model, tying }: RunConfig): number {
  return episodes * Math.max(1, model.layers - 1) * tying.window;
}
