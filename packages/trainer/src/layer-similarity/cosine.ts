/** Cosines between layers, each a list of numbers in several pieces. In 64 bits, whatever the backend. */

/** The pieces of one layer: equal lengths in equal places for all layers. */
export type Pieces = readonly Float32Array[];

/**
 * The cosine of every two layers, over all their pieces as one vector: every entry counts the same, so a large matrix
 * outweighs a small one. A layer of zeros is like no other: 0.
 *
 * @returns [layers][layers]
 */
export function cosines(layers: readonly Pieces[]): number[][] {
  // The same object twice is a tied block: its products are known already.
  const known = new Map<Pieces, Map<Pieces, number>>();
  const product = (a: Pieces, b: Pieces): number => {
    const row = known.get(a) ?? new Map<Pieces, number>();
    known.set(a, row);
    const value = row.get(b) ?? dot(a, b);
    row.set(b, value);
    return value;
  };
  const norms = layers.map((layer) => Math.sqrt(product(layer, layer)));
  return symmetric(layers.length, (i, j) => {
    const scale = norms[i]! * norms[j]!;
    return scale === 0 ? 0 : product(layers[i]!, layers[j]!) / scale;
  });
}

function dot(a: Pieces, b: Pieces): number {
  let sum = 0;
  a.forEach((piece, index) => {
    const other = b[index]!;
    for (let at = 0; at < piece.length; at += 1) sum += piece[at]! * other[at]!;
  });
  return sum;
}

/** A symmetric table with ones on the diagonal; `entry` is asked for i < j only. */
export function symmetric(size: number, entry: (i: number, j: number) => number): number[][] {
  const table = Array.from({ length: size }, () => new Array<number>(size).fill(1));
  for (let i = 0; i < size; i += 1) {
    for (let j = i + 1; j < size; j += 1) table[i]![j] = table[j]![i] = entry(i, j);
  }
  return table;
}
