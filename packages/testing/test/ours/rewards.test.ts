import { TOKENS, type Ledger } from '@ligature/core';
import { plugin } from '@ligature/evaluators';
import { checkReward } from '@ligature/testing';
import { expect, it } from 'vitest';

it.each([
  ['negative-perplexity', {}],
  ['negative-perplexity', { clip: 10 }],
  ['log-perplexity-improvement', {}],
  ['log-perplexity-improvement', { clip: 0.5, decay: 0.9 }],
  ['log-perplexity-improvement', { decay: 0 }],
  ['metric-improvement', {}],
  ['metric-improvement', { metric: 'accuracy', clip: 0.2 }],
  ['priced-loss', {}],
  ['priced-loss', { price: 2, charge: 'rent', clip: 0.5 }],
])('%s %j', async (name, options) => {
  await checkReward(plugin, name, {
    options,
    provide: (container) =>
      void container.provide(TOKENS.ledger, () => ({ uniqueParameters: 400_000 }) as Ledger),
  });
});

it('leaves no reward out', () => {
  expect(Object.keys(plugin.rewards)).toEqual([
    'negative-perplexity',
    'log-perplexity-improvement',
    'metric-improvement',
    'priced-loss',
  ]);
});
