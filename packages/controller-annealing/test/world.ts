/** A tying process without a model: applies decisions to a map, asks for rewards, hands out transitions. */
import { canonicalTieMap, createRandomStream, sweepPosition } from '@ligature/core';
import type { Controller, ControllerContext, Decision, Observation, TieMap } from '@ligature/core';

export const context = (layers: number, seed = 1): ControllerContext => ({
  layers,
  seed,
  random: createRandomStream(seed, 'policy/initialization'),
});

export function observe(window: number, tieMap: TieMap): Observation {
  const layers = tieMap.length;
  const place = sweepPosition(window, layers);
  return { window, ...place, step: 5 * window, layers, tieMap, state: tieMap, recentLosses: [] };
}

export function apply(tieMap: TieMap, decision: Decision): TieMap {
  if (decision.kind === 'map') return canonicalTieMap(decision.tieMap);
  if (decision.kind === 'keep') return tieMap;
  return canonicalTieMap(tieMap.map((one, layer) => (layer === decision.layer ? decision.source : one)));
}

export interface World {
  readonly layers: number;
  readonly windows: number;
  readonly seed?: number;
  /** The first window, when a run goes on. */
  readonly from?: number;
  readonly reward: (after: TieMap, window: number, decision: Decision) => number;
}

/** Plays windows; `reward` is the whole environment. */
export async function play(
  controller: Controller,
  { layers, windows, reward, seed = 1, from = 0 }: World,
): Promise<{ rewards: number[]; decisions: Decision[]; maps: TieMap[] }> {
  const random = createRandomStream(seed, 'policy');
  let tieMap = controller.initial?.(layers) ?? Array.from({ length: layers }, (_, layer) => layer);
  const rewards: number[] = [];
  const decisions: Decision[] = [];
  const maps: TieMap[] = [];
  for (let window = from; window < from + windows; window += 1) {
    const observation = observe(window, tieMap);
    const decision = (await controller.decide?.(observation, random)) ?? { kind: 'keep' };
    tieMap = apply(tieMap, decision);
    const earned = reward(tieMap, window, decision);
    const next = observe(window + 1, tieMap);
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

/** The control: the law of the controller `random`. */
export const randomControl: Controller = {
  decide: ({ layer }, random) =>
    layer === null ? { kind: 'keep' } : { kind: 'layer', layer, source: random.integer(0, layer + 1) },
  snapshot: () => null,
  restore: () => undefined,
};

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
