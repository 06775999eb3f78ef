/** A tying process without a model: applies decisions to a map, asks for rewards, hands out transitions. */
import { canonicalTieMap, createRandomStream, createRunContainer, sweepPosition } from '@ligature/core';
import type { ControllerContext, Decision, Observation, TieMap } from '@ligature/core';
import { createQLearning } from '../src/index.js';
import type { QLearningController, QLearningOptionsInput } from '../src/index.js';

export const context = (layers: number, seed = 1): ControllerContext => ({
  layers,
  seed,
  random: createRandomStream(seed, 'policy/initialization'),
  get: createRunContainer().get,
});

export const learner = (layers: number, options: QLearningOptionsInput = {}, seed = 1): QLearningController =>
  createQLearning(options, context(layers, seed));

export function observe(
  window: number,
  tieMap: TieMap,
  state: readonly number[] = tieMap,
  layers = tieMap.length,
  progress = 0,
): Observation {
  const { sweep, layer } = sweepPosition(window, layers);
  return {
    window,
    sweep,
    step: 4 * window,
    progress,
    layers,
    layer,
    component: null,
    tieMap,
    tieMaps: { block: tieMap },
    state,
    recentLosses: [],
  };
}

export function apply(tieMap: TieMap, decision: Decision): TieMap {
  if (decision.kind === 'map') return canonicalTieMap(decision.tieMap);
  if (decision.kind === 'keep') return tieMap;
  const map = [...tieMap];
  map[decision.layer] = decision.source;
  return canonicalTieMap(map);
}

/** Runs `windows` windows; `reward(before, decision, after)` is the whole environment. Returns the rewards. */
export function play(
  controller: Pick<QLearningController, 'initial' | 'decide' | 'learn'>,
  layers: number,
  windows: number,
  reward: (before: TieMap, decision: Decision, after: TieMap) => number,
  { seed = 1, truncated = false, terminated = false } = {},
): { rewards: number[]; decisions: Decision[] } {
  const random = createRandomStream(seed, 'policy');
  let tieMap = controller.initial?.(layers) ?? Array.from({ length: layers }, (_, layer) => layer);
  const rewards: number[] = [];
  const decisions: Decision[] = [];
  for (let window = 0; window < windows; window += 1) {
    const observation = observe(window, tieMap, tieMap, layers, window / windows);
    const decision = controller.decide(observation, random);
    tieMap = apply(tieMap, decision);
    const earned = reward(observation.tieMap, decision, tieMap);
    const next = observe(window + 1, tieMap, tieMap, layers, (window + 1) / windows);
    controller.learn({ observation, decision, reward: earned, next, terminated, truncated });
    rewards.push(earned);
    decisions.push(decision);
  }
  return { rewards, decisions };
}
