/**
 * A world without a model, in which one knows what the controller should find: windows follow one another as in a
 * run, and `reward` says what a map is worth.
 */
import { canonicalTieMap, createRandomStream, sweepPosition } from '@ligature/core';
import type { Decision, Observation, TieMap } from '@ligature/core';
import { createTieAndTakeBack, optionsSchema } from '../src/index.js';

export interface World {
  readonly layers: number;
  readonly windows: number;
  readonly reward: (tieMap: TieMap, window: number) => number;
  /** Training losses of a window under a map, for rules that read them; none if left out. */
  readonly losses?: (tieMap: TieMap, window: number) => readonly number[];
  readonly options?: unknown;
  readonly seed?: number;
}

/** The map at the end of each window, written `0-0-2`. */
export async function live(world: World): Promise<string[]> {
  const { layers, windows, reward, losses, options = {}, seed = 1 } = world;
  const random = createRandomStream(seed, 'policy');
  const controller = createTieAndTakeBack(optionsSchema.parse(options), { layers });
  let tieMap: TieMap = Array.from({ length: layers }, (_, layer) => layer);
  let recentLosses: readonly number[] = [];
  const observe = (window: number): Observation => ({
    window,
    ...sweepPosition(window, layers),
    component: null,
    step: 5 * window,
    progress: window / windows,
    layers,
    tieMap,
    tieMaps: { attention: tieMap, mlp: tieMap, norms: tieMap },
    state: tieMap,
    recentLosses,
  });

  const maps: string[] = [];
  for (let window = 0; window < windows; window += 1) {
    const observation = observe(window);
    const decision = await controller.decide!(observation, random);
    tieMap = apply(decision, tieMap);
    maps.push(tieMap.join('-'));
    recentLosses = losses?.(tieMap, window) ?? [];
    await controller.learn!({
      observation,
      decision,
      reward: reward(tieMap, window),
      next: observe(window + 1),
      terminated: false,
      truncated: false,
    });
  }
  return maps;
}

function apply(decision: Decision, tieMap: TieMap): TieMap {
  if (decision.kind === 'keep') return tieMap;
  if (decision.kind === 'map') return canonicalTieMap(decision.tieMap);
  return canonicalTieMap(tieMap.with(decision.layer, decision.source));
}
