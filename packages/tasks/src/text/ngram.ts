/**
 * Probabilities of the next token by counts alone, interpolated after Witten and Bell 1991 (The zero-frequency problem,
 * IEEE Transactions on Information Theory 37(4), method C; in this form Chen and Goodman 1998, TR-10-98, section 2.5):
 *
 *     unigram(w)    = (c(w) + T / V) / (N + T)
 *     bigram(w | h) = (c(h w) + T(h) unigram(w)) / (c(h) + T(h))
 *
 * c counts occurrences, N of them in all; T is how many different tokens occur, T(h) how many follow h, V the size of the
 * vocabulary. A share of T / (N + T) of all mass goes to what has not been seen, so every token has some; after an h that
 * never occurred the bigram is the unigram.
 */
import type { PairCounts } from './pair-counts.js';

export interface NextToken {
  /** In (0, 1]; sums to 1 over the vocabulary. */
  probability(previous: number, next: number): number;
  /** The most likely token; the smallest id of several. */
  best(previous: number): number;
}

export function unigram(counts: PairCounts): NextToken {
  const best = bestUnigram(counts);
  return { probability: (_, next) => unigramOf(counts, next), best: () => best };
}

export function bigram(counts: PairCounts): NextToken {
  const best = bestBigrams(counts);
  return {
    probability(previous, next) {
      const types = counts.followers[previous] as number;
      const lower = unigramOf(counts, next);
      if (types === 0) return lower;
      return (counts.count(previous, next) + types * lower) / ((counts.firsts[previous] as number) + types);
    },
    best: (previous) => best[previous] as number,
  };
}

function unigramOf({ seconds, total, distinct, size }: PairCounts, token: number): number {
  return ((seconds[token] as number) + distinct / size) / (total + distinct);
}

function bestUnigram({ seconds }: PairCounts): number {
  return seconds.reduce((best, count, id) => (count > (seconds[best] as number) ? id : best), 0);
}

/** Of every token what most likely follows: one of its followers, or the most frequent token of all. */
function bestBigrams(counts: PairCounts): Int32Array {
  const { size, followers } = counts;
  const frequent = bestUnigram(counts);
  const best = new Int32Array(size).fill(frequent);
  const score = (first: number, second: number, count: number): number =>
    count + (followers[first] as number) * unigramOf(counts, second);
  const scores = Float64Array.from(best, (_, first) => score(first, frequent, counts.count(first, frequent)));
  counts.forEach((first, second, count) => {
    const found = score(first, second, count);
    const sofar = scores[first] as number;
    if (found < sofar || (found === sofar && second >= (best[first] as number))) return;
    scores[first] = found;
    best[first] = second;
  });
  return best;
}
