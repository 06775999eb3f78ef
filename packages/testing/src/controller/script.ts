/** What the windows of an episode bring: losses that fall, and fall less the fewer blocks there are. */
import { createRandomStream, independentLayers } from '@ligature/core';
import type { Measurement, MeasurementOrder, Observation, TieMap } from '@ligature/core';

export interface WindowSetting {
  readonly window: number;
  readonly seed: number;
  readonly tieMap: TieMap;
  /** Losses of the window before; empty before the first one. */
  readonly before: readonly number[];
}

export interface WindowOutcome {
  /** Nats. */
  readonly losses: readonly number[];
  readonly reward: number;
}

export type WindowScript = (setting: WindowSetting) => WindowOutcome;

/** A function of seed, window and map alone, so that a life that is taken up again meets the same. */
export const scriptedWindow: WindowScript = ({ window, seed, tieMap, before }) => {
  const noise = createRandomStream(seed, `window ${window}`);
  const tied = 1 - independentLayers(tieMap).length / tieMap.length;
  const losses = [0, 1, 2].map(
    (step) => 2 + 3 * Math.exp(-(window + step / 3) / 20) + 0.5 * tied + 0.05 * noise.normal(),
  );
  return { losses, reward: before.length === 0 ? 0 : before.at(-1)! - losses.at(-1)! };
};

/** What a run would have measured: a function of window, map and seed alone. */
export function scriptedMeasurement(
  order: MeasurementOrder,
  observation: Observation,
  seed: number,
): Measurement {
  if (order.measure !== 'tie-cost') {
    return { kind: order.measure, matrix: scriptedSimilarity(observation, seed) };
  }
  const noise = createRandomStream(seed, `tie-cost ${observation.window}`);
  const pairs = order.pairs.map((pair) => ({ ...pair, cost: sixDecimals(0.2 * noise.uniform() - 0.02) }));
  const { substitute, batches } = order;
  return { kind: 'tie-cost', substitute, batches, loss: 3, pairs };
}

/** How alike layers are, as they are measured: symmetric, ones where a block is shared, six decimals. */
function scriptedSimilarity({ window, tieMap }: Observation, seed: number): number[][] {
  const noise = createRandomStream(seed, `similarity ${window}`);
  const matrix = tieMap.map(() => new Array<number>(tieMap.length).fill(1));
  tieMap.forEach((block, i) => {
    for (let j = i + 1; j < tieMap.length; j += 1) {
      const value = sixDecimals(2 * noise.uniform() - 1);
      matrix[i]![j] = matrix[j]![i] = tieMap[j] === block ? 1 : value;
    }
  });
  return matrix;
}

/** + 0 makes a zero of -0, which JSON has not. */
const sixDecimals = (value: number): number => Math.round(1e6 * value) / 1e6 + 0;

/** Rewards as far out as a reward's own scale goes: minus the perplexity of a model that has diverged, and nothing. */
const EXTREMES = [1e6, -1e6, 0, 1e30, -1e30, 1e-300, -0, 1e30];

/** Ordinary windows, between which come extreme but finite rewards and losses. */
export const extremeWindow: WindowScript = (setting) => {
  const { window } = setting;
  const ordinary = scriptedWindow(setting);
  if (window % 2 === 0) return ordinary;
  const at = ((window - 1) / 2) % EXTREMES.length;
  return { losses: [1e30, 0, Math.abs(EXTREMES[at]!)], reward: EXTREMES[at]! };
};
