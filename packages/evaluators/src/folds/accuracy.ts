/** Share of positions whose most likely token is the label. */
import { defineEvaluator } from '@ligature/core';
import type { EvaluationFold } from '@ligature/core';
import { z } from 'zod';
import { assertScores } from './assert-scores.js';

/** A fold that yields `accuracy`, in [0, 1]. */
export function accuracyFold(): EvaluationFold {
  let correct = 0;
  let tokens = 0;
  return {
    add(score) {
      correct += score.correct;
      tokens += score.tokens;
    },
    finish(scope) {
      assertScores(tokens, scope);
      return { accuracy: correct / tokens };
    },
  };
}

export const accuracy = defineEvaluator({
  meta: {
    summary: 'Share of tokens that the model ranks first',
    options: z.strictObject({}),
  },
  create: () => ({ name: 'accuracy', begin: accuracyFold }),
});
