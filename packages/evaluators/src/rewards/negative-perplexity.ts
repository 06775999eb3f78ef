/**
 * The paper's reward: minus the perplexity on the probe batches (Hay and Wolf 2024, arXiv 2401.12819). The
 * official code clips it to plus and minus 10, so that it is -10 exactly while the perplexity is above 10, which
 * is most of a language model's training: `clip: 10` replays that, and the default does not.
 */
import { defineReward } from '@ligature/core';
import type { Reward } from '@ligature/core';
import { z } from 'zod';
import { clipOption, clipped } from './clip.js';

export function createNegativePerplexity(clip: number | null): Reward {
  return {
    measure: async (probe) => clipped(-Math.exp(await probe.heldOutLoss()), clip),
    snapshot: () => null,
    restore: () => undefined,
  };
}

export const negativePerplexity = defineReward({
  meta: {
    summary: "Minus the perplexity on held-out text: the paper's reward (its code clips at 10)",
    options: z.strictObject({ clip: clipOption }),
    reference: 'Hay and Wolf 2024, arXiv 2401.12819',
    // The learner would clip as well; clipped here, the log and the diagnostics see it.
    official: { clip: 10 },
  },
  create: ({ clip }) => createNegativePerplexity(clip),
});
