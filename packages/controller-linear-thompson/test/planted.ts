/**
 * A world in which how fast the loss falls is known: a trend that all maps have, a part that is linear in the features of the
 * map, a jump when the map changes, and noise. Rewards are as a run has them.
 */
import { createRandomStream } from '@ligature/core';
import type { Controller, TieMap } from '@ligature/core';
import { playWorld } from '@ligature/testing';
import { candidateMaps, featureTable } from '../src/index.js';

export const LAYERS = 8;
export const BLOCKS = 4;
export const pool = candidateMaps(
  { blocks: BLOCKS, contiguous: true, candidates: 512 },
  LAYERS,
  createRandomStream(1, 'none is drawn'),
);

/** What each map of the pool adds to the fall of a window, nats: standard deviation `size` over the pool. */
export function plantedWorths(seed: number, size: number): ReadonlyMap<string, number> {
  const random = createRandomStream(seed, 'world');
  const table = featureTable(pool, 'summary');
  const weights = table[0]!.map(() => random.normal());
  const raw = table.map((row) => row.reduce((sum, one, at) => sum + one * weights[at]!, 0));
  const deviation = Math.sqrt(raw.reduce((sum, one) => sum + one ** 2, 0) / raw.length);
  return new Map(pool.map((map, at) => [map.join('-'), (raw[at]! / deviation) * size]));
}

export interface Planted {
  readonly seed: number;
  readonly windows: number;
  /** Standard deviations, nats a window: of the worths over the maps, and of the noise of a window. */
  readonly size: number;
  readonly noise: number;
  /** Decay of the moving average that rewards are measured from. */
  readonly decay?: number;
}

/** The worths of the maps in force, window by window, and of the best map. */
export async function play(
  controller: Controller,
  { seed, windows, size, noise, decay = 0 }: Planted,
): Promise<{ readonly maps: readonly TieMap[]; readonly worths: readonly number[]; readonly best: string }> {
  const worth = plantedWorths(seed, size);
  const noises = createRandomStream(seed, 'noise');
  let last = '';
  let carried = 0;
  const { maps } = await playWorld(controller, {
    ...{ layers: LAYERS, windows, seed },
    reward(map, window) {
      const name = map.join('-');
      // The loss of a model falls like 1 / t, and jumps by a tenth of a nat where the map changes.
      const jump = last !== '' && name !== last ? -0.1 : 0;
      last = name;
      const fall = 1.5 / (window + 4) + (worth.get(name) ?? 0) + jump + noise * noises.normal();
      carried = fall + decay * carried;
      return carried;
    },
  });
  const best = [...worth].reduce((most, one) => (one[1] > most[1] ? one : most))[0];
  return { maps, worths: maps.map((map) => worth.get(map.join('-')) ?? 0), best };
}
