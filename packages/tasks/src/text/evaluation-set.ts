/**
 * The fixed batches of an evaluation pass. With contiguous chunks every token of the split but the first is
 * predicted exactly once, in order; what does not fill a context makes a batch of its own, one row and shorter.
 */
import type { Batch, BatchSelection, EvaluationSet, Field, SplitName } from '@ligature/core';
import { InputError } from '@ligature/core';
import { chosenPlaces } from '../batches/in-order.js';
import { fillBatch } from './batch-source.js';
import { assertCount, cutChunks, type ChunkOptions } from './chunks.js';
import type { TokenIds } from './token-ids.js';

export interface EvaluationOptions extends ChunkOptions {
  readonly split: SplitName;
  /** Rows of a batch; the last ones may have fewer. */
  readonly batch: number;
  /** Only so many batches, for quick evaluations: the first ones, of the split or of `places`. */
  readonly maxBatches?: number | undefined;
  readonly places?: BatchSelection['places'] | undefined;
  /**
   * Exact number of UTF-8 bytes behind ids, which byte-level tokenizers offer. Without it the bytes of the
   * split are shared out over its tokens evenly: an estimate, good for a whole split, rougher for few batches.
   */
  readonly byteLength?: ((ids: ArrayLike<number>) => number) | undefined;
}

/**
 * @param tokens ids of the split
 * @param bytes UTF-8 bytes of the text behind them
 * @throws InputError (`text-too-short`) when there is nothing to predict, (`batch-shape-invalid`) for a place that is none
 */
export function createEvaluationSet(
  tokens: TokenIds,
  bytes: number,
  options: EvaluationOptions,
): EvaluationSet {
  const { split, batch, context, maxBatches = Infinity } = options;
  assertCount('batch', batch);
  if (maxBatches !== Infinity) assertCount('number of batches', maxBatches);
  const { chunking = 'contiguous' } = options;
  const chunks = cutChunks(tokens, options);
  const predicted = chunks.count * context;
  const rest = chunking === 'contiguous' ? Math.max(0, tokens.length - 1 - predicted) : 0;
  const full = Math.ceil(chunks.count / batch);
  const all = full + (rest > 0 ? 1 : 0);
  const batchAt = (place: number): Batch => {
    if (place === full) {
      const last = tokens.subarray(predicted, tokens.length);
      return fillBatch(cutChunks(last, { context: rest }), [0], rest);
    }
    const first = place * batch;
    const rows = Math.min(batch, chunks.count - first);
    return fillBatch(
      chunks,
      Array.from({ length: rows }, (_, row) => first + row),
      context,
    );
  };
  const batches = chosenPlaces(all, options).slice(0, maxBatches).map(batchAt);
  if (batches.length === 0) {
    throw new InputError('text-too-short', {
      asked: `Cut the ${split} split into evaluation batches of context ${context}`,
      found: `it has ${tokens.length} tokens`,
      todo:
        chunking === 'bos-eos'
          ? `Use a longer text, or a context of at most ${tokens.length + 1}`
          : 'Use a longer text, or hold out a larger share of it',
    });
  }
  const weight = batches.reduce((sum, one) => sum + one.weight, 0);
  return {
    scope: { split, weight, bytes: bytesBehind(batches, tokens.length, bytes, options) },
    batches,
  };
}

/** Bytes of the text behind the labels. An `eos` that `bos-eos` chunks add stands for none. */
function bytesBehind(batches: readonly Batch[], tokens: number, bytes: number, options: EvaluationOptions) {
  const added = options.chunking === 'bos-eos' ? 1 : 0;
  let exact = 0;
  let labels = 0;
  for (const { fields } of batches) {
    const { shape, data: ids } = fields['labels'] as Field;
    const [rows = 0, context = 0] = shape;
    for (let row = 0; row < rows; row += 1) {
      // What does not count stands at the end of a row.
      const counted = ids.subarray(row * context, (row + 1) * context - added);
      const end = counted.indexOf(-1);
      const text = end < 0 ? counted : counted.subarray(0, end);
      exact += options.byteLength?.(text) ?? 0;
      labels += text.length;
    }
  }
  return options.byteLength ? exact : Math.round((bytes * labels) / tokens);
}
