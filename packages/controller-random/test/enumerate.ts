/** All that chance may do: runs a drawing once for every sequence of integers that its stream could have given. */
import type { RandomStream } from '@ligature/core';

/**
 * The exact law of what `draw` returns, by its text.
 *
 * @param draw may take integers from its stream, and nothing else
 */
export async function lawOf(
  draw: (random: RandomStream) => unknown,
  text: (value: unknown) => string = (value) => (value as number[]).join('-'),
): Promise<Map<string, number>> {
  const law = new Map<string, number>();
  // Depth first over the tree of draws: `path` is one leaf, the next one differs in the last number that can be raised.
  let path: number[] = [];
  for (;;) {
    const ranges: number[] = [];
    const taken: number[] = [];
    const value = await draw(scripted(path, ranges, taken));
    const probability = ranges.reduce((product, range) => product / range, 1);
    law.set(text(value), (law.get(text(value)) ?? 0) + probability);
    const raised = taken.findLastIndex((number, at) => number + 1 < ranges[at]!);
    if (raised < 0) return law;
    path = [...taken.slice(0, raised), taken[raised]! + 1];
  }
}

function scripted(path: readonly number[], ranges: number[], taken: number[]): RandomStream {
  const none = (): never => {
    throw new Error('only integers can be enumerated');
  };
  return {
    name: 'enumerated',
    integer(low, high) {
      const drawn = path[taken.length] ?? 0;
      ranges.push(high - low);
      taken.push(drawn);
      return low + drawn;
    },
    ...{ uniform: none, normal: none, shuffle: none, snapshot: none, restore: none },
  };
}
