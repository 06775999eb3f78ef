/**
 * The table "How small a preference it finds" of docs/controllers/q-learning.md: how many of 20 seeds learn a planted
 * preference of a given size, and how many layers of the last map are wrong. Deterministic.
 *
 * Run from the repository root:
 *   node --conditions=@ligature/source --import tsx packages/testing/test/ours/planted-preference.ts
 */
import type { Controller } from '@ligature/core';
import { playPlanted, randomControl, worldContext } from '@ligature/testing';
import { createQLearning } from '@ligature/controller-q-learning';
import type { QLearningOptionsInput } from '@ligature/controller-q-learning';

const LAYERS = 8;
const SEEDS = 20;
const SIZES = [0.02, 0.01, 0.005, 0.002];

async function measure(make: (seed: number) => Controller, size: number): Promise<string> {
  let learnt = 0;
  let wrong = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const result = await playPlanted(make(seed), { size, seed, layers: LAYERS });
    learnt += result.learnt ? 1 : 0;
    wrong += result.wrong / SEEDS;
  }
  return `${learnt} (${wrong.toFixed(1)})`;
}

const learner = (options: QLearningOptionsInput) => (seed: number) =>
  createQLearning(options, worldContext(LAYERS, seed));

const candidates: readonly [string, (seed: number) => Controller][] = [
  ['`random`', () => randomControl],
  ['`q-learning`', learner({})],
  ['`q-learning:preset=paper`', learner({ preset: 'paper' })],
];
for (const [name, make] of candidates) {
  const cells: string[] = [];
  for (const size of SIZES) cells.push(await measure(make, size));
  console.log(`| ${name} | ${cells.join(' | ')} |`);
}
