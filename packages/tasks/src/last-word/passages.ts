/** Passages as rows: all of one is read, and of its last word every token is asked for. */
import { InputError, spreadOver } from '@ligature/core';
import type { Batch, EvaluationSet, SplitName, Tokenizer } from '@ligature/core';
import { batchesInOrder } from '../batches/in-order.js';
import type { EvaluationChoice, TextShape } from '../text/batches.js';

export interface EncodedPassage {
  readonly ids: Int32Array;
  /** Of its last word, 1 or more. */
  readonly wordTokens: number;
}

/**
 * The last word is what follows the last white space, with that: its tokens are those of the whole passage behind those of
 * what comes before it.
 *
 * @returns nothing for a passage without a word before its last one, or whose last word has no token of its own
 */
export function encodePassage(passage: string, tokenizer: Tokenizer): EncodedPassage | undefined {
  const text = passage.trimEnd();
  const word = /\s+\S+$/u.exec(text);
  if (!word || text.slice(0, word.index).trim() === '') return undefined;
  const ids = tokenizer.encode(text);
  const wordTokens = ids.length - tokenizer.encode(text.slice(0, word.index)).length;
  return wordTokens > 0 && wordTokens < ids.length ? { ids, wordTokens } : undefined;
}

/** @throws InputError (`passage-invalid`) for one whose last word cannot be asked for */
export function encodePassages(
  passages: readonly string[],
  tokenizer: Tokenizer,
  split: SplitName,
): EncodedPassage[] {
  return passages.map((passage, at) => {
    const encoded = encodePassage(passage, tokenizer);
    if (encoded) return encoded;
    throw new InputError('passage-invalid', {
      asked: `Ask for the last word of passage ${at + 1} of the ${split} split`,
      found: `it has nothing before it, or no token of its own: "${passage.trim().slice(-60)}"`,
      todo: 'Leave the passage out, or use another tokenizer',
    });
  });
}

/** Of a text to train on, for who measures there too. */
const MOST_LINES = 1000;

/** Lines of a running text as passages, evenly over it. */
export function encodeLines(text: string, tokenizer: Tokenizer): EncodedPassage[] {
  const lines = text.split('\n').filter((line) => /\S\s+\S/u.test(line));
  return spreadOver(Math.min(MOST_LINES, lines.length), lines.length).flatMap(
    (at) => encodePassage(lines[at] as string, tokenizer) ?? [],
  );
}

/**
 * `inputs` [rows, context], a passage but its last token, the first ones left out where it is too long; `labels` [rows, context],
 * what follows each token where that is of the last word, else -1. What stands behind the end of a passage does not count and is
 * seen by no token before it. `passages` [rows] numbers them in their split, from 1.
 */
export function fillPassages(passages: readonly EncodedPassage[], rows: Int32Array, context: number): Batch {
  const inputs = new Int32Array(rows.length * context);
  const labels = new Int32Array(rows.length * context).fill(-1);
  let weight = 0;
  rows.forEach((row, at) => {
    const { ids, wordTokens } = passages[row] as EncodedPassage;
    const kept = ids.subarray(Math.max(0, ids.length - 1 - context));
    inputs.set(kept.subarray(0, -1), at * context);
    const asked = Math.min(wordTokens, kept.length - 1);
    labels.set(kept.subarray(-asked), at * context + kept.length - 1 - asked);
    weight += asked;
  });
  const shape = [rows.length, context];
  const numbers = Int32Array.from(rows, (row) => row + 1);
  return {
    fields: {
      inputs: { shape, dtype: 'int32', data: inputs },
      labels: { shape, dtype: 'int32', data: labels },
      passages: { shape: [rows.length], dtype: 'int32', data: numbers },
    },
    weight,
  };
}

/** @throws InputError (`batch-shape-invalid`) for a place that is none */
export function passageBatches(
  passages: readonly EncodedPassage[],
  { split, batch, context, maxBatches, places }: TextShape & EvaluationChoice,
): EvaluationSet {
  const batches = batchesInOrder({
    ...{ split, count: passages.length, batch, maxBatches, places },
    fill: (rows) => fillPassages(passages, rows, context),
  });
  return { scope: { split, weight: batches.reduce((sum, { weight }) => sum + weight, 0) }, batches };
}
