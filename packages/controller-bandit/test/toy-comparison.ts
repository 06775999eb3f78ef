/**
 * The table of docs/controllers/bandit.md: how far bandits get in the windows of a short run, in two worlds without a
 * model. 8 layers, mean over the last quarter of the windows without the noise, 100 seeds.
 *
 * Run from the repository root:
 *   node --conditions=@ligature/source --import tsx packages/controller-bandit/test/toy-comparison.ts
 */
import { createRandomStream } from '@ligature/core';
import type { Controller, TieMap } from '@ligature/core';
import { playWorld, randomControl, worldContext } from '@ligature/testing';
import { createBandit } from '../src/index.js';
import type { BanditOptionsInput } from '../src/index.js';

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const LAYERS = 8;
const SEEDS = 100;

const blocks = (map: TieMap): number => -Math.abs(new Set(map).size - 3);
/** Layers 2 and 5 need a block of their own; every other one costs half as much when it has one. */
const tastes = (map: TieMap): number =>
  -mean([2, 5].map((layer) => (map[layer] === layer ? 0 : 2))) -
  mean([1, 3, 4, 6, 7].map((layer) => (map[layer] === layer ? 2.5 : 0)));
/** Noise as large as the largest single taste, and a fall that has nothing to do with the map. */
const drifting = (map: TieMap, window: number, noise: number): number =>
  tastes(map) + noise + 5 * Math.exp(-window / 15);

async function measure(make: (seed: number) => Controller, windows: number, noisy: boolean): Promise<string> {
  const means: number[] = [];
  for (let seed = 1000; seed < 1000 + SEEDS; seed += 1) {
    const noise = createRandomStream(seed, 'noise');
    const { maps } = await playWorld(make(seed), {
      ...{ layers: LAYERS, windows, seed },
      reward: (map, window) => (noisy ? drifting(map, window, noise.normal()) : blocks(map)),
    });
    means.push(mean(maps.slice(-windows / 4).map(noisy ? tastes : blocks)));
  }
  const error = Math.sqrt(mean(means.map((one) => (one - mean(means)) ** 2)) / (SEEDS - 1));
  return `${mean(means).toFixed(2)} ± ${error.toFixed(2)}`;
}

const bandit = (options: BanditOptionsInput) => (seed: number) =>
  createBandit(options, worldContext(LAYERS, seed));
const candidates: [string, (seed: number) => Controller][] = [
  ['`random`', () => randomControl],
  ['defaults', bandit({})],
  ['hierarchical', bandit({ arms: 'hierarchical' })],
  ['thompson', bandit({ policy: 'thompson' })],
  ['thompson, hierarchical', bandit({ policy: 'thompson', arms: 'hierarchical' })],
  ['nothing forgotten', bandit({ discount: 1 })],
  ['sliding window of 12', bandit({ discount: 1, window: 12 })],
  ['exploration sqrt(2) (UCB1)', bandit({ exploration: Math.SQRT2 })],
  ['rewards raw', bandit({ rewards: 'raw' })],
];
for (const [name, make] of candidates) {
  const cells = [];
  for (const noisy of [false, true]) {
    for (const windows of [80, 320]) cells.push(await measure(make, windows, noisy));
  }
  console.log(`| ${name} | ${cells.join(' | ')} |`);
}
