/** What is counted, against numbers that are not our own: PyTorch's windows, exact fractions, a public simulation. */
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { createRunContainer, type Controller } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import { createRandomController } from '@ligature/controller-random';
import { describe, expect, it } from 'vitest';
import { decidedIndependent } from '../../src/audits/gradients/report.js';
import { explorationOnly } from '../../src/audits/storages/exploration.js';
import { contiguousMap } from '../../src/audits/memory/report.js';
import { replaySweeps } from '../../src/audits/replay.js';
import { rewardedWindows } from '../../src/audits/rewards/report.js';
import { atLeastRandomBlocks, randomBlocks, randomBlocksLaw } from '../../src/audits/random-ratio/theory.js';

// Spares the test log tfjs's advice to install a faster backend.
tf.env().set('IS_TEST', true);

interface Recorded {
  readonly layers: number;
  readonly windows: readonly {
    readonly layer: number;
    readonly action: number;
    readonly state: readonly number[];
    readonly distinct_storages: number;
  }[];
}

/** Executed with the official implementation in PyTorch 1.13: see tools/parity/README.md. */
const recorded = JSON.parse(
  readFileSync(new URL('fixtures/official-4-layers.json', import.meta.url), 'utf8'),
) as Recorded;

const scripted = ({ windows }: Recorded): Controller => ({
  decide: ({ window }) => {
    const { layer, action } = windows[window] as Recorded['windows'][number];
    return { kind: 'layer', layer, source: action };
  },
  snapshot: () => null,
  restore: () => undefined,
});

describe('replays', () => {
  it('count storages and independent layers as the official code has them after each sweep', async () => {
    const { layers, windows } = recorded;
    const sweeps = windows.length / (layers - 1);
    const counts = await replaySweeps({
      ...{ layers, sweeps, seed: 1, profile: 'official' },
      controller: () => scripted(recorded),
    });
    const ends = windows.filter((_, index) => (index + 1) % (layers - 1) === 0);
    expect(counts).toEqual(
      ends.map(({ state, distinct_storages: storages }, index) => ({
        sweep: index + 1,
        independent: state.filter((source, layer) => source === layer).length,
        storages,
      })),
    );
    expect(counts.some(({ independent, storages }) => independent > storages)).toBe(true);
  });

  it('of exploration alone lose storages as a simulation of the official code in Python does', async () => {
    // L = 48, means after episodes 1, 2, 3, 5, 10, 20 of a simulation that shares no code with this one.
    const expected = new Map([
      [1, 4.4],
      [2, 2.5],
      [3, 1.9],
      [5, 1.4],
      [10, 1.07],
      [20, 1.01],
    ]);
    const runs = [];
    for (let seed = 1; seed <= 40; seed += 1) {
      runs.push(
        await replaySweeps({
          ...{ layers: 48, sweeps: 20, seed, profile: 'official' },
          controller: explorationOnly,
        }),
      );
    }
    for (const [sweep, storages] of expected) {
      const mean = runs.reduce((sum, counts) => sum + (counts[sweep - 1]?.storages ?? 0), 0) / runs.length;
      expect(Math.abs(mean - storages), `episode ${sweep}`).toBeLessThan(sweep === 1 ? 0.6 : 0.3);
    }
  });

  it('of random actions count alike under both semantics, and only the clean one keeps the weights', async () => {
    const { get } = createRunContainer();
    const replay = async (profile: 'official' | 'clean') =>
      replaySweeps({
        ...{ layers: 8, sweeps: 6, seed: 3, profile },
        controller: (streams) =>
          createRandomController(
            {},
            { layers: 8, seed: 3, random: streams.stream('policy/initialization'), get },
          ),
      });
    const [official, clean] = [await replay('official'), await replay('clean')];
    expect(official.map(({ independent }) => independent)).toEqual(
      clean.map(({ independent }) => independent),
    );
    expect(clean.every(({ independent, storages }) => independent === storages)).toBe(true);
    const storages = official.map((count) => count.storages);
    expect(storages).toEqual([...storages].sort((a, b) => b - a));
    expect(storages.at(-1)).toBeLessThan(clean.at(-1)?.storages ?? 0);
  });
});

describe('the law of random actions', () => {
  it('is that of the cycles of a permutation', () => {
    // Unsigned Stirling numbers of the first kind, c(4, k) = 0, 6, 11, 6, 1.
    const law = randomBlocksLaw(4).map((probability) => Math.round(24 * probability * 1e9) / 1e9);
    expect(law).toEqual([0, 6, 11, 6, 1]);
  });

  it('has the harmonic number as its mean', () => {
    // 1 + 1/2 + … + 1/12 = 86021/27720.
    expect(randomBlocks(12).mean).toBeCloseTo(86_021 / 27_720, 12);
    expect(randomBlocks(4).standardDeviation).toBeCloseTo(Math.sqrt(1 / 4 + 2 / 9 + 3 / 16), 12);
    const mean = randomBlocksLaw(48).reduce((sum, probability, count) => sum + count * probability, 0);
    expect(mean).toBeCloseTo(randomBlocks(48).mean, 10);
  });

  it('says how likely so many independent layers are', () => {
    expect(atLeastRandomBlocks(4, 0)).toBeCloseTo(1, 12);
    expect(atLeastRandomBlocks(4, 3)).toBeCloseTo(7 / 24, 12);
    expect(atLeastRandomBlocks(4, 5)).toBe(0);
  });
});

describe('the events of a run', () => {
  it('give the layers that were last decided independent', () => {
    const decided = (layer: number, source: number) =>
      ({ type: 'tying.decided', window: 0, layer, source, kind: 'layer', notes: {} }) as const;
    expect(decidedIndependent([decided(1, 0), decided(2, 2), decided(3, 1), decided(3, 3)], 5)).toBe(4);
    expect(decidedIndependent([], 3)).toBe(3);
  });

  it('give the loss of the window that a reward closed', () => {
    const windows = rewardedWindows([
      { type: 'window.closed', window: 0, layer: 1, step: 2, losses: [4, 2], truncated: false },
      { type: 'reward.measured', window: 0, reward: -10, raw: -20, saturated: true },
    ]);
    expect(windows).toEqual([{ step: 2, loss: 3, reward: -10, raw: -20, saturated: true }]);
  });
});

describe('contiguous maps', () => {
  it('have as many blocks as asked for, as equal as can be', () => {
    expect(contiguousMap(8, 3)).toEqual([0, 0, 0, 3, 3, 3, 6, 6]);
    expect(contiguousMap(4, 4)).toEqual([0, 1, 2, 3]);
    expect(contiguousMap(4, 1)).toEqual([0, 0, 0, 0]);
  });
});
