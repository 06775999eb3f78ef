/** Which maps a landscape trains: all canonical ones of a stack, those with certain numbers of blocks, or a sample. */
import {
  allTieMaps,
  createRandomStream,
  independentLayers,
  InputError,
  randomPartition,
  stirlingNumbers,
  type TieMap,
} from '@ligature/core';
import type { LandscapeSpace } from './types.js';

export interface MapsAsked {
  readonly layers: number;
  /** Only maps with so many blocks; `null`: any number. */
  readonly blocks: readonly number[] | null;
  /** A uniform sample of so many where there are more; `null`: all. */
  readonly maxMaps: number | null;
  /** Of the sample. */
  readonly seed: number;
}

export interface MapsChosen {
  readonly maps: readonly TieMap[];
  readonly space: LandscapeSpace;
}

/** Above this number of layers names of folders and labels would no longer tell maps apart. */
const MOST_LAYERS = 24;
/** So many are listed to sample from; of more, maps are drawn one by one. */
const LISTED = 20_000n;

/**
 * How many canonical maps there are, of any number of blocks or of those given.
 *
 * @throws InputError (`landscape-layers`, `landscape-blocks`)
 */
export function countMaps(layers: number, blocks: readonly number[] | null): bigint {
  if (layers > MOST_LAYERS) {
    throw new InputError('landscape-layers', {
      asked: `Train the tie maps of ${layers} layers`,
      found: `a landscape is for small stacks, of at most ${MOST_LAYERS} layers`,
      todo: 'Choose fewer layers with --layers; 4 have 15 maps, 6 have 203',
    });
  }
  const wrong = blocks?.find((count) => !(Number.isInteger(count) && count >= 1 && count <= layers));
  if (wrong !== undefined) {
    throw new InputError('landscape-blocks', {
      asked: `Train the maps with ${wrong} blocks`,
      found: `${layers} layers have from 1 to ${layers} blocks`,
      todo: `Give numbers from 1 to ${layers}`,
    });
  }
  return counts(layers, blocks).reduce((sum, { maps }) => sum + maps, 0n);
}

/** @throws InputError (`landscape-layers`, `landscape-blocks`) */
export function landscapeMaps({ layers, blocks, maxMaps, seed }: MapsAsked): MapsChosen {
  const all = countMaps(layers, null);
  const there = countMaps(layers, blocks);
  const sampled = maxMaps !== null && there > BigInt(maxMaps);
  const maps = sampled ? sample(layers, blocks, maxMaps, there, seed) : listed(layers, blocks);
  return { maps, space: { all: String(all), maps: maps.length, blocks, sampled } };
}

/** The number of maps for each number of blocks: Stirling numbers of the second kind. */
function counts(layers: number, blocks: readonly number[] | null): { blocks: number; maps: bigint }[] {
  const row = stirlingNumbers(layers, layers)[layers] as bigint[];
  return row.flatMap((maps, count) =>
    count > 0 && (blocks === null || blocks.includes(count)) ? [{ blocks: count, maps }] : [],
  );
}

function listed(layers: number, blocks: readonly number[] | null): TieMap[] {
  const wanted = (map: TieMap): boolean => blocks === null || blocks.includes(independentLayers(map).length);
  return [...allTieMaps(layers)].filter(wanted);
}

/** Distinct maps, every set of them equally likely; in the order of the list, so that equal sets are equal lists. */
function sample(
  layers: number,
  blocks: readonly number[] | null,
  count: number,
  there: bigint,
  seed: number,
): TieMap[] {
  const random = createRandomStream(seed, 'landscape/maps');
  const chosen = new Map<string, TieMap>();
  const add = (map: TieMap): void => void chosen.set(map.join('-'), map);
  if (there <= LISTED) {
    random.shuffle(listed(layers, blocks)).slice(0, count).forEach(add);
  } else {
    const sizes = counts(layers, blocks);
    while (chosen.size < count) {
      // Integers this large have no exact double: the draw is off by one in 2^53 at most.
      let left = random.uniform() * Number(there);
      const size = sizes.find(({ maps }) => (left -= Number(maps)) < 0) ?? sizes.at(-1)!;
      add(randomPartition(layers, size.blocks, random));
    }
  }
  return [...chosen.values()].sort(inOrder);
}

function inOrder(one: TieMap, other: TieMap): number {
  const layer = one.findIndex((source, at) => source !== other[at]);
  return layer < 0 ? 0 : (one[layer] as number) - (other[layer] as number);
}
