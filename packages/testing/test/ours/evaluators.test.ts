import { plugin } from '@ligature/evaluators';
import { checkEvaluator, type CheckEvaluatorOptions } from '@ligature/testing';
import { expect, it } from 'vitest';

const cases: readonly [string, CheckEvaluatorOptions][] = [
  ['ledger', {}],
  ['memory', { machineMetrics: ['peakResidentBytes'] }],
  // Without a warm-up, which a resumed run has again, everything goes on exactly.
  ['throughput', { options: { warmup: 0 } }],
  ['throughput', { machineMetrics: ['tokensPerSecond', 'tokensPerSecondMean', 'secondsPerStep'] }],
  ['diagnostics', {}],
  // Thresholds that are passed within the script, so that something is published.
  [
    'diagnostics',
    {
      options: {
        oscillation: { windows: 4, reversals: 0.5, amplitude: 0.05 },
        habit: { sweeps: 0.5, share: 0.6 },
        reduction: { sweeps: 0.5, share: 0.2 },
        saturation: { windows: 2, share: 0.5 },
      },
    },
  ],
];

it.each(cases)('%s %j', async (name, options) => {
  await checkEvaluator(plugin, name, options);
});

it('leaves no evaluator out', () => {
  expect(new Set(cases.map(([name]) => name))).toEqual(new Set(Object.keys(plugin.evaluators)));
});
