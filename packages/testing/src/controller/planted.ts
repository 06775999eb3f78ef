/**
 * A world with a preference that is known, and with the noise of real ones: does a learner find it? Sizes as they were
 * measured on 8 layers and 4 000 steps in windows of five: improvements fall to a tenth over the budget, and the same map
 * earns 0.007 nats more or less from window to window.
 */
import { createRandomStream, type Controller, type TieMap } from '@ligature/core';
import { playWorld, type Played } from './world.js';

export interface PlantedWorld {
  /** Nats that each wrong layer costs in each window. */
  readonly size: number;
  /** Of the policy and of the noise. */
  readonly seed: number;
  /** Default: 8, whose wanted map is 0-0-2-2-4-4-6-6. */
  readonly layers?: number;
  /** Default: 800. */
  readonly windows?: number;
  /** Standard deviation of a window's improvement in nats; default: 0.007. */
  readonly noise?: number;
}

export interface PlantedResult extends Played {
  /** Wrong layers of the last map. */
  readonly wrong: number;
  /** Wrong layers of a map whose layers all draw their sources at once: the mean. */
  readonly chance: number;
  /** Whether at most one in twenty such maps has so few; of the last maps of `random` it is fewer still. */
  readonly learnt: boolean;
}

/**
 * Layers whose tie to the layer below is not as in pairs (0-0-2-2-..): an odd layer shares its block, an even one does
 * not. From 0 to layers - 1.
 */
export const wrongLayers = (map: TieMap): number =>
  map.reduce((sum, root, layer) => {
    if (layer === 0) return sum;
    const shares = root === map[layer - 1];
    return sum + (shares === (layer % 2 === 1) ? 0 : 1);
  }, 0);

/** Plays a budget of windows and says what is left of it. */
export async function playPlanted(
  controller: Controller,
  { size, seed, layers = 8, windows = 800, noise = 0.007 }: PlantedWorld,
): Promise<PlantedResult> {
  const random = createRandomStream(seed, 'noise of the planted world');
  const played = await playWorld(controller, {
    ...{ layers, windows, seed },
    reward: (map, window) => trend(window / windows) - size * wrongLayers(map) + random.normal(0, noise),
  });
  const wrong = wrongLayers(played.maps.at(-1)!);
  const law = lawOfChance(layers);
  const chance = law.reduce((sum, share, count) => sum + share * count, 0);
  const asFew = law.slice(0, wrong + 1).reduce((sum, share) => sum + share, 0);
  return { ...played, wrong, chance, learnt: asFew <= 0.05 };
}

/** Nats that a window improves by, whatever the map: 63 % of all of it within the first fifth of the budget. */
const trend = (progress: number): number => 0.01 * Math.exp(-5 * progress);

/**
 * Shares of maps with 0, 1, .. wrong layers, where every layer l draws its source evenly from its l + 1: by the sizes of
 * the classes of the layers so far, that of the last layer first.
 */
function lawOfChance(layers: number): number[] {
  let states = new Map<string, { sizes: readonly number[]; law: number[] }>([
    ['1', { sizes: [1], law: [1] }],
  ]);
  for (let layer = 1; layer < layers; layer += 1) {
    const next = new Map<string, { sizes: readonly number[]; law: number[] }>();
    for (const { sizes, law } of states.values()) {
      for (let drawn = -1; drawn < sizes.length; drawn += 1) {
        const share = (drawn < 0 ? 1 : sizes[drawn]!) / (layer + 1);
        const own = drawn < 0 ? 1 : sizes[drawn]! + 1;
        const rest = sizes.filter((_, at) => at !== drawn).sort((a, b) => a - b);
        const isWrong = (drawn === 0) !== (layer % 2 === 1);
        const key = [own, ...rest].join();
        const state = next.get(key) ?? { sizes: [own, ...rest], law: [] };
        law.forEach((p, count) => {
          const at = count + (isWrong ? 1 : 0);
          state.law[at] = (state.law[at] ?? 0) + share * p;
        });
        next.set(key, state);
      }
    }
    states = next;
  }
  const total: number[] = new Array<number>(layers).fill(0);
  for (const { law } of states.values()) law.forEach((p, count) => (total[count]! += p ?? 0));
  return total;
}
