/** What counting reaches without training: a masked token by how often it occurs. */
import type { Batch, BatchScores, Field, Floor } from '@ligature/core';
import { unigram, type NextToken } from '../text/ngram.js';
import { PairCounts } from '../text/pair-counts.js';
import type { TokenizedDataset } from '../text/tokenize.js';

/** Of the formulas: what was measured with others is measured anew. */
const FORMAT = 1;

/** @param digest of the training split */
export function maskedFloors(data: TokenizedDataset, digest: string): Floor[] {
  const tokens = data.tokens('train');
  let made: NextToken | undefined;
  const model = (): NextToken => (made ??= counted(data));
  return [
    {
      name: 'unigram',
      description: `how often each token occurs in the ${tokens.length.toLocaleString('en-US')} tokens to train on`,
      key: `masked/${FORMAT}/${data.tokenizer.vocabularySize}/${digest}`,
      score: (batch) => scoreBatch(model(), batch),
    },
  ];
}

function counted({ tokenizer, tokens }: TokenizedDataset): NextToken {
  const counts = new PairCounts(tokenizer.vocabularySize);
  const ids = tokens('train');
  counts.addAll(ids, ids);
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
