import { plugin } from '@ligature/tasks';
import { checkTask, type CheckTaskOptions } from '@ligature/testing';
import { expect, it } from 'vitest';
import '../support/quiet-backend.js';

const cases: readonly [string, CheckTaskOptions][] = [
  ['causal-lm', {}],
  ['causal-lm', { options: { chunking: 'bos-eos', context: 6 }, batch: 3 }],
  ['causal-lm', { options: { mean: 'batch' }, batchMetrics: ['nats', 'perplexity'] }],
  ['masked-lm', {}],
  ['masked-lm', { options: { share: 0.5, wholeWords: true, context: 6 }, batch: 3 }],
];

it.each(cases)('%s %j', async (name, options) => {
  await checkTask(plugin, name, options);
});

it('leaves no task out', () => {
  expect(new Set(cases.map(([name]) => name))).toEqual(new Set(Object.keys(plugin.tasks)));
});
