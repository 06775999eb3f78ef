/** What counting reaches without training: the next token by how often it occurs, and by what stands before it. */
import type { Batch, BatchScores, Field, Floor } from '@ligature/core';
import { once } from '../once.js';
import { countedInWords, countedTokens, eachTrainingPair, type TextShape } from './batches.js';
import { PairCounts } from './pair-counts.js';
import type { TokenizedDataset } from './tokenize.js';
import { bigram, unigram, type NextToken } from './ngram.js';

/** Of the formulas: what was measured with others is measured anew. */
const FORMAT = 1;

/** @param digest of the training split */
export function languageModelFloors(data: TokenizedDataset, shape: TextShape, digest: string): Floor[] {
  const counts = once(() => {
    const made = new PairCounts(data.tokenizer.vocabularySize);
    eachTrainingPair(data, shape, (inputs, labels) => made.addAll(inputs, labels));
    return made;
  });
  // Chunks with tokens of their own at both ends depend on where they end.
  const cut = data.chunking === 'bos-eos' ? `/${shape.context}` : '';
  const all = data.tokens('train').length;
  const first = countedTokens(data) < all ? `/first ${countedTokens(data)}` : '';
  const documents = data.chunking === 'documents' ? `/${data.groups('train').length}` : '';
  const key = `${FORMAT}/${data.tokenizer.vocabularySize}/${data.chunking}${cut}${documents}/${digest}${first}`;
  const tokens = countedInWords(data);
  const floor = (name: string, description: string, make: (counts: PairCounts) => NextToken): Floor => {
    const model = once(() => make(counts()));
    return { name, description, key, score: (batch) => scoreBatch(model(), batch) };
  };
  return [
    floor('unigram', `how often each token occurs in ${tokens}`, unigram),
    floor('bigram', `how often each token follows the one before it in ${tokens} (Witten-Bell)`, bigram),
  ];
}

function scoreBatch(model: NextToken, { fields, weight }: Batch): BatchScores {
  const inputs = (fields['inputs'] as Field).data;
  const labels = (fields['labels'] as Field).data;
  const nats = new Float32Array(labels.length);
  const correct = new Float32Array(labels.length);
  labels.forEach((label, at) => {
    // It does not count.
    if (label < 0) return;
    // The token before a label is what the model reads at its place.
    const previous = inputs[at] as number;
    nats[at] = -Math.log(model.probability(previous, label));
    correct[at] = Number(model.best(previous) === label);
  });
  return { weight, columns: { nats, correct } };
}
