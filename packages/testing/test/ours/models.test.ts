import { plugin } from '@ligature/transformer';
import { checkModel, type CheckModelOptions } from '@ligature/testing';
import { expect, it } from 'vitest';
import '../support/quiet-backend.js';

const cases: readonly [string, CheckModelOptions][] = [
  ['gpt2', { options: { width: 8, heads: 2, context: 6 } }],
  [
    'gpt2',
    { inputs: { vocabularySize: 5 }, options: { width: 6, heads: 3, context: 4, activation: 'gelu' } },
  ],
];

it.each(cases)('%s %j', async (name, options) => {
  await checkModel(plugin, name, options);
});

it('leaves no model out', () => {
  expect(new Set(cases.map(([name]) => name))).toEqual(new Set(Object.keys(plugin.models)));
});
