/**
 * A tying process without a model, for tests of what a controller learns: applies decisions to a map, asks a function
 * for rewards, hands out transitions.
 */
import { canonicalTieMap, createRandomStream, createRunContainer, sweepPosition } from '@ligature/core';
import type { Controller, ControllerContext, Decision, Observation, TieMap } from '@ligature/core';
import { COMPONENTS } from './stack.js';

/** What a controller of a stack is made with. */
export const worldContext = (layers: number, seed = 1): ControllerContext => ({
  layers,
  seed,
  random: createRandomStream(seed, 'policy/initialization'),
  get: createRunContainer().get,
});

/**
 * What a controller sees when a window opens under a canonical map; windows have five steps.
 *
 * @param recentLosses nats, of the window before
 * @param progress share of the budget that is spent
 */
export function worldObservation(
  window: number,
  tieMap: TieMap,
  recentLosses: readonly number[] = [],
  progress = 0,
): Observation {
  const layers = tieMap.length;
  const place = sweepPosition(window, layers);
  return {
    ...{ window, ...place, component: null },
    ...{ step: 5 * window, progress, layers },
    tieMap,
    tieMaps: Object.fromEntries(COMPONENTS.map((component) => [component, tieMap])),
    state: tieMap,
    recentLosses,
  };
}

export interface World {
  readonly layers: number;
  readonly windows: number;
  readonly seed?: number;
  /** The first window, when a run goes on. */
  readonly from?: number;
  /** The whole environment: what a window under a map earns. */
  readonly reward: (after: TieMap, window: number, decision: Decision) => number;
  /** Training losses of a window under a map, for controllers that read them; none if left out. */
  readonly losses?: (after: TieMap, window: number) => readonly number[];
}

/** What happened in each window. */
export interface Played {
  readonly rewards: readonly number[];
  readonly decisions: readonly Decision[];
  /** The map in force, after the decision. */
  readonly maps: readonly TieMap[];
}

/** Plays windows in a world. Decisions draw from a stream of the world's seed. */
export async function playWorld(
  controller: Controller,
  { layers, windows, reward, losses, seed = 1, from = 0 }: World,
): Promise<Played> {
  const random = createRandomStream(seed, 'policy');
  let tieMap = controller.initial?.(layers) ?? Array.from({ length: layers }, (_, layer) => layer);
  const rewards: number[] = [];
  const decisions: Decision[] = [];
  const maps: TieMap[] = [];
  let seen: readonly number[] = [];
  for (let window = from; window < from + windows; window += 1) {
    const progress = (at: number): number => at / (from + windows);
    const observation = worldObservation(window, tieMap, seen, progress(window));
    const decision = (await controller.decide?.(observation, random)) ?? { kind: 'keep' };
    tieMap = applied(tieMap, decision);
    const earned = reward(tieMap, window, decision);
    seen = losses?.(tieMap, window) ?? [];
    const next = worldObservation(window + 1, tieMap, seen, progress(window + 1));
    await controller.learn?.({
      ...{ observation, decision, reward: earned, next },
      ...{ terminated: false, truncated: false },
    });
    rewards.push(earned);
    decisions.push(decision);
    maps.push(tieMap);
  }
  return { rewards, decisions, maps };
}

function applied(tieMap: TieMap, decision: Decision): TieMap {
  if (decision.kind === 'map') return canonicalTieMap(decision.tieMap);
  if (decision.kind === 'keep') return tieMap;
  return canonicalTieMap(tieMap.map((one, layer) => (layer === decision.layer ? decision.source : one)));
}

/** The control: the law of the controller `random`. */
export const randomControl: Controller = {
  decide: ({ layer }, random) =>
    layer === null ? { kind: 'keep' } : { kind: 'layer', layer, source: random.integer(0, layer + 1) },
  snapshot: () => null,
  restore: () => undefined,
};
