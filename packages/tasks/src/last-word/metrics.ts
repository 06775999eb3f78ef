/** How well last words are told. The score `passage` says which passage a token belongs to: its word is all tokens that count. */
import type { Metric, MetricFold } from '@ligature/core';
import { columnOf, meanMetric } from '../metrics.js';

/** Nats and tokens told right of one word. */
interface Word {
  nats: number;
  tokens: number;
  correct: number;
}

/** Words of a whole pass, however its passages are cut into batches. */
function overWords(of: (word: Word) => number, then: (mean: number) => number = (mean) => mean): MetricFold {
  const words = new Map<number, Word>();
  return {
    add(scores) {
      const [nats, correct] = [columnOf(scores, 'nats'), columnOf(scores, 'correct')];
      columnOf(scores, 'passage').forEach((passage, target) => {
        if (passage === 0) return;
        const word = words.get(passage) ?? { nats: 0, tokens: 0, correct: 0 };
        words.set(passage, word);
        word.nats += nats[target] as number;
        word.correct += correct[target] as number;
        word.tokens += 1;
      });
    },
    finish() {
      if (words.size === 0) return undefined;
      const sum = [...words.values()].reduce((all, word) => all + of(word), 0);
      return then(sum / words.size);
    },
  };
}

/**
 * As LAMBADA is reported (Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", section 3.3): the perplexity
 * of words, not of tokens, and the share of words all of whose tokens are the likeliest ones.
 */
export const lastWordMetrics: readonly Metric[] = [
  meanMetric({ name: 'nats', unit: 'nats', better: 'lower', label: 'loss' }, 'nats'),
  {
    ...{ name: 'wordPerplexity', unit: '', better: 'lower', label: 'perplexity of words' },
    fold: () => overWords(({ nats }) => nats, Math.exp),
  },
  {
    ...{ name: 'lastWordAccuracy', unit: '%', better: 'higher', label: 'last word' },
    fold: () => overWords(({ correct, tokens }) => Number(correct === tokens)),
  },
];
