import { plugin } from '@ligature/adapters';
import { checkAdapter, type CheckAdapterOptions } from '@ligature/testing';
import { expect, it } from 'vitest';
import '../support/quiet-backend.js';

const cases: readonly [string, CheckAdapterOptions][] = [
  ['lora', {}],
  ['lora', { options: { rank: 2, alpha: 8, targets: ['attn.*'], train: 'all' } }],
];

it.each(cases)('%s %j', async (name, options) => {
  await checkAdapter(plugin, name, options);
});

it('leaves no adapter out', () => {
  expect(new Set(cases.map(([name]) => name))).toEqual(new Set(Object.keys(plugin.adapters)));
});
