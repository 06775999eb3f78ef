/** Token ids by position: an array, or a file that is read where somebody looks. */

export interface TokenIds {
  readonly length: number;
  /** The ids from `start` on, before `end`: not to be changed. */
  subarray(start: number, end: number): Int32Array;
}

/** Ids that are looked at together by who reads all of them. */
const BLOCK = 1 << 20;

/** All ids from front to back, in arrays of a bounded length. */
export function* blocksOf(ids: TokenIds): Generator<Int32Array> {
  for (let at = 0; at < ids.length; at += BLOCK) {
    yield ids.subarray(at, Math.min(at + BLOCK, ids.length));
  }
}

/** Each of the first `count` ids but the first one, with the one before it, in lists as long as each other. */
export function eachPair(
  ids: TokenIds,
  count: number,
  visit: (firsts: Int32Array, seconds: Int32Array) => void,
): void {
  for (let at = 0; at + 1 < count; at += BLOCK) {
    const block = ids.subarray(at, Math.min(at + BLOCK + 1, count));
    visit(block.subarray(0, -1), block.subarray(1));
  }
}
