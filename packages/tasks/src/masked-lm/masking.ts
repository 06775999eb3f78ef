/**
 * Which tokens are to be guessed and what stands in their place (Devlin et al. 2019, arXiv 1810.04805, section 3.1 and
 * appendix C.2): of those that are chosen 80 % become the mask, 10 % a token drawn at random and 10 % stay.
 */
import type { Batch, Field, RandomStream } from '@ligature/core';

/** Of positions that are not to be guessed. */
export const IGNORED = -100;

export interface Masking {
  /** Share of tokens, or of words, that are chosen, in (0, 1]. */
  readonly share: number;
  readonly maskId: number;
  /** Tokens to draw from: the ids from 0 to one less. */
  readonly vocabularySize: number;
  /** Whether two neighbouring tokens are parts of one word, which are chosen together; left out: each by itself. */
  readonly sameWord?: (before: number, token: number) => boolean;
}

/**
 * @param batch with the field `inputs` [rows, time]
 * @param streamOf what a row is masked by; rows come in their order, and each draws what it needs before the next one
 * @returns the same with masked `inputs` and the field `labels` [rows, time], whose weight is how many are to be guessed: one
 *   in each row at least
 */
export function masked({ fields }: Batch, masking: Masking, streamOf: (row: number) => RandomStream): Batch {
  const { shape, data } = fields['inputs'] as Field;
  const [rows = 0, time = 0] = shape;
  const inputs = Int32Array.from(data);
  const labels = new Int32Array(inputs.length).fill(IGNORED);
  let weight = 0;
  for (let row = 0; row < rows; row += 1) {
    const own = (all: Int32Array): Int32Array => all.subarray(row * time, (row + 1) * time);
    weight += maskRow(own(inputs), own(labels), masking, streamOf(row));
  }
  const field = (values: Int32Array): Field => ({ shape, dtype: 'int32', data: values });
  return { fields: { inputs: field(inputs), labels: field(labels) }, weight };
}

/** @returns how many tokens are to be guessed */
function maskRow(inputs: Int32Array, labels: Int32Array, masking: Masking, stream: RandomStream): number {
  const words = wordsOf(inputs, masking);
  const chosen = words.filter(() => stream.uniform() < masking.share);
  if (chosen.length === 0) chosen.push(words[stream.integer(0, words.length)] as Word);
  let weight = 0;
  for (const [start, end] of chosen) {
    for (let at = start; at < end; at += 1) {
      labels[at] = inputs[at] as number;
      weight += 1;
      const lot = stream.uniform();
      if (lot < 0.8) inputs[at] = masking.maskId;
      else if (lot < 0.9) inputs[at] = stream.integer(0, masking.vocabularySize);
    }
  }
  return weight;
}

/** Places [start, end) in a row. */
type Word = readonly [start: number, end: number];

function wordsOf(row: Int32Array, { sameWord }: Masking): Word[] {
  const words: Word[] = [];
  let start = 0;
  for (let at = 1; at <= row.length; at += 1) {
    if (at < row.length && sameWord?.(row[at - 1] as number, row[at] as number) === true) continue;
    words.push([start, at]);
    start = at;
  }
  return words;
}
