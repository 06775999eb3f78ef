/**
 * Uniformly random partitions of a stack into a given number of blocks.
 *
 * S(n, k), the Stirling number of the second kind, counts the partitions of n layers into k blocks:
 * S(n, k) = S(n-1, k-1) + k S(n-1, k). Read backwards it is a way to draw one: the last layer is a block of its own
 * in S(n-1, k-1) of the S(n, k) partitions, and else belongs to any of the k blocks of the layers before it, each
 * equally often (Nijenhuis & Wilf, Combinatorial Algorithms, chapter 12). Every partition has probability 1 / S(n, k).
 */
import type { RandomStream } from '../contracts/random.js';
import { tieMapFromBlocks } from '../tie-map.js';

/** S(n, k) for all n <= layers, k <= blocks, exact: they pass 2^53 at 23 layers. */
export function stirlingNumbers(layers: number, blocks: number): bigint[][] {
  const table: bigint[][] = [[1n, ...new Array<bigint>(blocks).fill(0n)]];
  for (let n = 1; n <= layers; n += 1) {
    const above = table[n - 1]!;
    table.push(above.map((_, k) => (k === 0 ? 0n : above[k - 1]! + BigInt(k) * above[k]!)));
  }
  return table;
}

/** numerator / denominator <= 1, of integers too large for doubles, to 2^-53. */
function ratio(numerator: bigint, denominator: bigint): number {
  return Number((numerator << 53n) / denominator) / 2 ** 53;
}

/**
 * A canonical tie map, uniform over the S(layers, blocks) partitions. Needs 1 <= blocks <= layers.
 */
export function randomPartition(layers: number, blocks: number, random: RandomStream): number[] {
  const table = stirlingNumbers(layers, blocks);
  // First down the recursion: which layers open a block, and which block the others join.
  const choices: (number | 'opens')[] = [];
  let left = blocks;
  for (let n = layers; n >= 1; n -= 1) {
    if (random.uniform() < ratio(table[n - 1]![left - 1]!, table[n]![left]!)) {
      choices.unshift('opens');
      left -= 1;
    } else {
      choices.unshift(random.integer(0, left));
    }
  }
  // Then up: block b of the layers before is the b-th that was opened.
  let opened = 0;
  return tieMapFromBlocks(choices.map((choice) => (choice === 'opens' ? opened++ : choice)));
}

/**
 * A canonical map of neighbours, uniform over the C(layers - 1, blocks - 1) ways to cut a stack into that many runs of
 * consecutive layers. Needs 1 <= blocks <= layers.
 *
 * Cuts are drawn by selection sampling (Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S): of the n places
 * that are left, the next one is a cut with probability (cuts that are left) / n.
 */
export function randomContiguous(layers: number, blocks: number, random: RandomStream): number[] {
  let left = blocks - 1;
  const roots = [0];
  for (let layer = 1; layer < layers; layer += 1) {
    const cut = left > 0 && random.integer(0, layers - layer) < left;
    if (cut) left -= 1;
    roots.push(cut ? layer : roots[layer - 1]!);
  }
  return roots;
}

/**
 * The canonical map that one sweep of uniformly random actions leaves: layer i draws one of 0..i, i itself being
 * independent. It has H_L blocks on average.
 */
export function randomSweep(layers: number, random: RandomStream): number[] {
  const roots: number[] = [];
  for (let layer = 0; layer < layers; layer += 1) {
    const source = random.integer(0, layer + 1);
    roots.push(source === layer ? layer : roots[source]!);
  }
  return roots;
}
