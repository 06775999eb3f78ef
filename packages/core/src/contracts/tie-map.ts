/**
 * `tieMap[i]` is the layer whose block layer `i` uses, `tieMap[i] <= i` (0-based). Layer `i` is independent
 * iff `tieMap[i] === i`. Canonical when `tieMap[tieMap[i]] === tieMap[i]` for every `i`.
 */
export type TieMap = readonly number[];
