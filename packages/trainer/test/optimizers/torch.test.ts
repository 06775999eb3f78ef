/** Trajectories of torch.optim's own classes, see the fixture for calls and version. */
import '@tensorflow/tfjs-backend-cpu';
import type { Optimizer } from '@ligature/core';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createAdamW, createMuon, createSgd } from '../../src/optimizers/index.js';
import { fresh, largestDifference, run, specOf } from './support.js';

interface Case {
  readonly call: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly shape: readonly [number, number];
  readonly start: readonly number[];
  readonly gradients: readonly (readonly number[])[];
  /** The parameter after each step. */
  readonly after: readonly (readonly number[])[];
  /** Muon: the same with torch's own precision. */
  readonly bfloat16?: readonly (readonly number[])[];
}

const reference = JSON.parse(
  readFileSync(new URL('../fixtures/optimizers.json', import.meta.url), 'utf8'),
) as { readonly torch: string; readonly learningRates: readonly number[]; readonly cases: readonly Case[] };

const casesOf = (name: string): Case[] =>
  reference.cases.filter(({ call }) => call === `torch.optim.${name}`);

/** [rows, columns] -> [columns, rows] */
const transposed = (values: readonly number[], [rows, columns]: readonly [number, number]): number[] =>
  Array.from(
    { length: rows * columns },
    (_, place) => values[(place % rows) * columns + Math.floor(place / rows)]!,
  );

/** The parameter after each step. @param rows `inputs`: everything is transposed before and after */
function trajectory(optimizer: Optimizer, one: Case, rows: 'inputs' | 'outputs'): number[][] {
  const [out, inputs] = one.shape;
  const turned = rows === 'inputs';
  const spec = specOf(turned ? [inputs, out] : [out, inputs], { rows });
  const entering = (values: readonly number[]): number[] =>
    turned ? transposed(values, one.shape) : [...values];
  const leaving = (values: number[]): number[] => (turned ? transposed(values, [inputs, out]) : values);
  let state = fresh(optimizer, spec, entering(one.start));
  return one.gradients.map((gradient, step) => {
    const update = { gradient: entering(gradient), learningRate: reference.learningRates[step]! };
    state = run(optimizer, spec, state, [update], step);
    return leaving(state.parameter);
  });
}

function farthest(found: readonly number[][], expected: Case['after']): number {
  expect(found.length).toBe(5);
  return Math.max(...found.map((values, step) => largestDifference(values, expected[step]!)));
}

describe('update rules beside torch.optim', () => {
  it('are compared with the version that the tools name', () => {
    expect(reference.torch).toMatch(/^2\.13\.0/);
    expect(['SGD', 'AdamW', 'Muon'].map((name) => casesOf(name).length)).toEqual([6, 2, 8]);
  });

  it.each(casesOf('SGD'))('$call $options', (one) => {
    const { momentum, nesterov, weight_decay: weightDecay } = one.options as Record<string, never>;
    expect(
      farthest(trajectory(createSgd({ momentum, nesterov, weightDecay }), one, 'inputs'), one.after),
    ).toBeLessThan(1e-6);
  });

  it.each(casesOf('AdamW'))('$call $options', (one) => {
    const { betas, eps: epsilon, weight_decay: weightDecay } = one.options as Record<string, never>;
    const [beta1, beta2] = betas as unknown as [number, number];
    const optimizer = createAdamW({ beta1, beta2, epsilon, weightDecay, decay: 'all' });
    expect(farthest(trajectory(optimizer, one, 'inputs'), one.after)).toBeLessThan(2e-6);
  });

  describe.each(['inputs', 'outputs'] as const)('with %s as rows', (rows) => {
    it.each(casesOf('Muon'))('$call $options of $shape', (one) => {
      const {
        momentum,
        nesterov,
        weight_decay: weightDecay,
        ns_steps: iterations,
      } = one.options as Record<string, never>;
      const scale = one.options['adjust_lr_fn'] === 'original' ? 'original' : 'match-rms-adamw';
      const found = trajectory(createMuon({ momentum, nesterov, weightDecay, iterations, scale }), one, rows);
      expect(farthest(found, one.after)).toBeLessThan(2e-6);
      // Three significant digits are all that bfloat16 has.
      expect(farthest(found, one.bfloat16!)).toBeLessThan(1e-2);
    });
  });
});
