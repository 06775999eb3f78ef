import { plugin } from '@ligature/trainer';
import { checkOptimizer, type CheckOptimizerOptions } from '@ligature/testing';
import { expect, it } from 'vitest';
import '../support/quiet-backend.js';

const cases: readonly [string, CheckOptimizerOptions][] = [
  ['adamw', {}],
  ['adamw', { options: { decay: 'all', weightDecay: 0.1 } }],
  ['sgd', {}],
  ['sgd', { options: { momentum: 0 } }],
  ['sgd', { options: { nesterov: true, weightDecay: 0.1 } }],
  ['muon', {}],
  ['muon', { options: { nesterov: false, scale: 'original', weightDecay: 0 } }],
];

it.each(cases)('%s %j', async (name, options) => {
  await checkOptimizer(plugin, name, options);
});

it('leaves no optimizer out', () => {
  expect(new Set(cases.map(([name]) => name))).toEqual(new Set(Object.keys(plugin.optimizers)));
});
