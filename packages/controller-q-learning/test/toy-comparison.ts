/**
 * The table of docs/controllers/q-learning.md: how fast the learner gets better than chance on a problem without a
 * model. 8 layers, reward -|blocks - 3|, mean reward over the last quarter of the windows, 40 seeds.
 *
 * Run from the repository root:
 *   node --conditions=@ligature/source --import tsx packages/controller-q-learning/test/toy-comparison.ts
 */
import type { Decision, TieMap } from '@ligature/core';
import { cleanOptions, officialOptions } from '../src/index.js';
import type { QLearningOptionsInput } from '../src/index.js';
import { learner, play } from './support.js';

const LAYERS = 8;
const SEEDS = 40;

const reward = (_before: TieMap, _decision: Decision, after: TieMap): number =>
  -Math.abs(new Set(after).size - 3);

/** Mean over the seeds, and its standard error. */
function measure(options: QLearningOptionsInput, windows: number): string {
  const means = Array.from({ length: SEEDS }, (_, seed) => {
    const { rewards } = play(learner(LAYERS, options, seed), LAYERS, windows, reward, { seed });
    const last = rewards.slice(-windows / 4);
    return last.reduce((sum, one) => sum + one, 0) / last.length;
  });
  const mean = means.reduce((sum, one) => sum + one, 0) / SEEDS;
  const variance = means.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (SEEDS - 1);
  return `${mean.toFixed(2)} ± ${Math.sqrt(variance / SEEDS).toFixed(2)}`;
}

const candidates: [string, QLearningOptionsInput][] = [
  ['random (exploration only)', { epsilon: { start: 1, decay: 1, floor: 1 } }],
  ['defaults', {}],
  ['defaults, epsilon as in the official code', { epsilon: officialOptions.epsilon }],
  ['official preset', officialOptions],
  ['replay, gamma 0.5', { ...cleanOptions, replay: {}, gamma: 0.5 }],
  ['replay, gamma 0.5, learning rate 3e-3', { ...cleanOptions, replay: {}, gamma: 0.5, learningRate: 3e-3 }],
  ['all layers a window', { decide: 'all' }],
];
for (const [name, options] of candidates) {
  console.log(`| ${name} | ${[40, 160, 640].map((windows) => measure(options, windows)).join(' | ')} |`);
}
