/** What counting reaches without training: a masked token by how often it occurs. */
import type { Batch, BatchScores, Field, Floor } from '@ligature/core';
import { countedInWords, countedTokens } from '../text/batches.js';
import { unigram, type NextToken } from '../text/ngram.js';
import { PairCounts } from '../text/pair-counts.js';
import { blocksOf } from '../text/token-ids.js';
import type { TokenizedDataset } from '../text/tokenize.js';

/** Of the formulas: what was measured with others is measured anew. */
const FORMAT = 1;

/** @param digest of the training split */
export function maskedFloors(data: TokenizedDataset, digest: string): Floor[] {
  let made: NextToken | undefined;
  const model = (): NextToken => (made ??= counted(data));
  return [
    {
      name: 'unigram',
      description: `how often each token occurs in ${countedInWords(data)}`,
      key: `masked/${FORMAT}/${data.tokenizer.vocabularySize}/${digest}${firstOf(data)}`,
      score: (batch) => scoreBatch(model(), batch),
    },
  ];
}

function firstOf(data: TokenizedDataset): string {
  const counted = countedTokens(data);
  return counted < data.tokens('train').length ? `/first ${counted}` : '';
}

function counted(data: TokenizedDataset): NextToken {
  const counts = new PairCounts(data.tokenizer.vocabularySize);
  let left = countedTokens(data);
  for (const block of blocksOf(data.tokens('train'))) {
    const ids = block.subarray(0, left);
    counts.addAll(ids, ids);
    left -= ids.length;
    if (left === 0) break;
  }
  return unigram(counts);
}

function scoreBatch(model: NextToken, { fields, weight }: Batch): BatchScores {
  const { data } = fields['labels'] as Field;
  const nats = new Float32Array(data.length);
  const correct = new Float32Array(data.length);
  data.forEach((label, at) => {
    if (label < 0) return;
    nats[at] = -Math.log(model.probability(label, label));
    correct[at] = Number(model.best(label) === label);
  });
  return { weight, columns: { nats, correct } };
}
