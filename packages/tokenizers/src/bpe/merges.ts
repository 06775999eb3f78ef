/**
 * Byte-pair merges and their application: the adjacent pair with the lowest rank is merged first, the
 * leftmost of equal ones first (Sennrich et al. 2016, as GPT-2 applies it).
 */
import { Heap } from './heap.js';

/** Ranked merges of token ids below `size`. */
export class MergeTable {
  private readonly ranks = new Map<number, number>();
  private readonly results: number[] = [];

  constructor(readonly size: number) {}

  /** Adds the merge of the next rank. Of two entries for one pair the later one counts, as in Hugging Face's. */
  add(left: number, right: number, result: number): void {
    this.ranks.set(left * this.size + right, this.results.length);
    this.results.push(result);
  }

  rank(left: number, right: number): number | undefined {
    return this.ranks.get(left * this.size + right);
  }

  result(rank: number): number {
    return this.results[rank] as number;
  }
}

/** Merges `symbols` (token ids, overwritten) as far as `table` goes. O(n log n) for n symbols. */
export function applyMerges(symbols: number[], table: MergeTable): Int32Array {
  const count = symbols.length;
  // A linked list over positions: the right neighbour, the left one, and whether a position was swallowed.
  const next = Int32Array.from(symbols, (_, at) => at + 1);
  const previous = Int32Array.from(symbols, (_, at) => at - 1);
  const gone = new Uint8Array(count);
  // One number orders candidates by rank and then by position; exact, for rank * count stays below 2^53.
  const queue = new Heap<number>((a, b) => a < b);

  const rankAt = (at: number): number | undefined => {
    const right = next[at] as number;
    return right < count ? table.rank(symbols[at] as number, symbols[right] as number) : undefined;
  };
  const propose = (at: number): void => {
    const rank = rankAt(at);
    if (rank !== undefined) queue.push(rank * count + at);
  };

  for (let at = 0; at + 1 < count; at += 1) propose(at);
  for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
    const at = key % count;
    const rank = Math.floor(key / count);
    // Neighbours merged since this was proposed: the pair is no longer there.
    if (gone[at] === 1 || rankAt(at) !== rank) continue;
    const right = next[at] as number;
    const after = next[right] as number;
    symbols[at] = table.result(rank);
    gone[right] = 1;
    next[at] = after;
    if (after < count) previous[after] = at;
    if ((previous[at] as number) >= 0) propose(previous[at] as number);
    propose(at);
  }
  return Int32Array.from(symbols.filter((_, at) => gone[at] === 0));
}
